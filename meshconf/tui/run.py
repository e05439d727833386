"""Runs the terminal face, with file descriptor 2 pointed at a log file for as long as Textual owns the screen.

PortAudio, ALSA and FFmpeg write to descriptor 2 behind Python's back; on a terminal that lands in the middle of the
picture. Textual itself draws through `sys.__stderr__`, which therefore keeps a duplicate of the true terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meshconf import paths
from meshconf.tui.engine import Engine, Launcher, Lobby, MeetingOptions
from meshconf.tui.outlet import Outlet


def run(
    launcher: Launcher,
    *,
    engine: Engine | None = None,
    lobby: Lobby | None = None,
    options: MeetingOptions | None = None,
) -> int:
    """Show the start page, or with `engine` its meeting, until the person leaves or detaches.

    Args:
        launcher: Starts and joins meetings.
        engine: A meeting that runs already.
        lobby: A meeting into which we still have to be let.
        options: What the command line chose; the start page begins with it.

    Returns:
        The exit code: 0 for left, ended or detached, 1 when the face itself failed, 4 for removed, 5 for cut off.

    Raises:
        MeshconfError: We were not let in.
    """
    with quiet_stderr(paths.log_dir() / "terminal.log") as outlet:
        # Imported late: Textual takes half a second, and not every caller has it at hand.
        from meshconf.tui.app import MeshconfApp

        app = MeshconfApp(launcher, options or MeetingOptions(), engine, lobby, behind=lambda: outlet.behind)
        result = app.run()
    if app.failure is not None:
        raise app.failure
    if result is not None:
        return result
    return app.return_code or 0


@contextmanager
def quiet_stderr(log: Path) -> Iterator[Outlet]:
    """Send what is written to descriptor 2 into `log`; `sys.__stderr__` stays the terminal, and that is given."""
    log.parent.mkdir(parents=True, exist_ok=True)
    terminal = os.dup(2)
    true_stderr, shown_stderr = sys.__stderr__, sys.stderr
    with log.open("ab", buffering=0) as sink, Outlet(os.dup(terminal)) as screen:
        os.dup2(sink.fileno(), 2)
        sys.__stderr__ = screen  # type: ignore[misc]
        sys.stderr = screen
        try:
            yield screen
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            sys.__stderr__ = true_stderr  # type: ignore[misc]
            sys.stderr = shown_stderr
