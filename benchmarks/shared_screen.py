"""Two engines, one of which shares its screen; the other sees it, in a window where it has a display."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.program import Program
from tests.lab.json_program import Line

SHARER, VIEWER = "sharer", "viewer"
"""What they are called."""
_OPTIONS = ("--headless", "--no-lan", "--mic=none", "--camera=none", "--speaker=null", "--stats")


@contextmanager
def shared_screen(bench: Bench, display: str, viewers: str | None = None) -> Iterator[tuple[Program, Program]]:
    """Let them meet until the block is left.

    Args:
        bench: its hosts and its rendezvous.
        display: of the sharer, such as `:5`.
        viewers: the display of the viewer; with one, both have windows.

    Returns:
        The sharer and the viewer.
    """
    common = [*_OPTIONS, f"--rendezvous={bench.rendezvous}", *([] if viewers else ["--no-windows"])]
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meshconf-benchmark-")))

        def start(name: str, *what: str, **env: str) -> Program:
            host = bench.hosts.near if name == SHARER else bench.hosts.far
            env |= {"MESHCONF_HOME": str(home / name), "XDG_SESSION_TYPE": ""}
            options = [*what, *common, f"--name={name}"]
            return stack.enter_context(Program(name, "benchmarks.programs.engine", options, host=host, env=env))

        sharer = start(SHARER, "host", "--screen=default", DISPLAY=display)
        link = str(sharer.wait_for(is_event("room"))["link"])
        yield sharer, start(VIEWER, "join", MESHCONF_INVITE=link, **({"DISPLAY": viewers} if viewers else {}))


def is_event(kind: str, **fields: object) -> Callable[[Line], bool]:
    """Whether a line is such an event, with these fields."""
    return lambda line: line["event"] == kind and all(line.get(name) == value for name, value in fields.items())
