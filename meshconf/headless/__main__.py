"""`python -m meshconf.headless host|join OPTIONS`: the engine alone, as `launch` starts it for faces.

Says on stdout only that it waits in the lobby, or why it could not start; faces attach to its local socket.
"""

from __future__ import annotations

import asyncio
import os
import sys

from meshconf.headless.failure import fail
from meshconf.headless.logs import log_to
from meshconf.headless.options import options_of, parser
from meshconf.headless.run import run
from meshconf.headless.streams import make_whole


def main() -> int:
    """Run one engine; the invite comes from the environment."""
    make_whole()
    try:
        arguments = parser().parse_args(sys.argv[1:])
        log_to(arguments.log)
        invite = os.environ.pop("MESHCONF_INVITE", "") if arguments.what == "join" else None
        return asyncio.run(run(options_of(arguments), invite, seconds=arguments.seconds, stdio=False))
    except Exception as error:
        return fail(error, as_json=True)


if __name__ == "__main__":
    sys.exit(main())
