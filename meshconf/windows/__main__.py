"""`python -m meshconf.windows`: the window process. Started by `host`, of no use to people."""

from __future__ import annotations

import logging
import os
import signal
import sys

from meshconf.windows.viewer import serve


def main() -> int:
    """Serve the engine on stdin and stdout until stdin ends."""
    # Ctrl-C reaches the whole terminal, but the engine decides: it leaves the meeting and then closes our stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    # Only news may go to the engine; whatever native libraries print belongs to the log.
    news = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, news)
    return 0


if __name__ == "__main__":
    sys.exit(main())
