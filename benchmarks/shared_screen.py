"""Engines, one of which shares its screen; the others see it, in windows where they have a display."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from benchmarks.bench import Bench
from benchmarks.program import Program
from benchmarks.rendezvous import rendezvous
from tests.lab.json_program import Line
from tests.lab.network import Host

SHARER, VIEWER = "sharer", "viewer"
"""What they are called."""
ENGINE = "benchmarks.programs.engine"
_OPTIONS = ("--headless", "--no-lan", "--mic=none", "--camera=none", "--speaker=null", "--stats")


class Join(Protocol):
    """Starts somebody who joins; see `sharing`."""

    def __call__(self, name: str, host: Host, module: str = ENGINE, **env: str) -> Program: ...


@contextmanager
def sharing(
    bench: Bench, display: str, *, windows: bool = False, screen: str = "default"
) -> Iterator[tuple[Program, Join]]:
    """Let somebody share a screen, and others join, until the block is left.

    Args:
        bench: the host on which the sharer sits, and the one for a rendezvous of their own: one that is there for
            all soon has had too many rooms of one address.
        display: of the sharer, such as `:5`.
        windows: whether there are any.
        screen: what of the display is shared.

    Returns:
        The sharer, and what starts the others: by name, on a host, some other program in place of an engine, and
        variables of its environment.
    """
    with ExitStack() as stack:
        address = stack.enter_context(rendezvous(bench.hosts.hub))
        common = [*_OPTIONS, f"--rendezvous={address}", *([] if windows else ["--no-windows"])]
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meshconf-benchmark-")))

        def start(name: str, host: Host, module: str, *what: str, **env: str) -> Program:
            env |= {"MESHCONF_HOME": str(home / name), "XDG_SESSION_TYPE": ""}
            return stack.enter_context(Program(name, module, [*what, *common, f"--name={name}"], host=host, env=env))

        sharer = start(SHARER, bench.hosts.near, ENGINE, "host", f"--screen={screen}", DISPLAY=display)
        link = str(sharer.wait_for(is_event("room"))["link"])

        def join(name: str, host: Host, module: str = ENGINE, **env: str) -> Program:
            return start(name, host, module, "join", MESHCONF_INVITE=link, **env)

        yield sharer, join


@contextmanager
def shared_screen(bench: Bench, display: str, viewers: str | None = None) -> Iterator[tuple[Program, Program]]:
    """Let two meet until the block is left.

    Args:
        bench: its hosts.
        display: of the sharer, such as `:5`.
        viewers: the display of the viewer; with one, both have windows.

    Returns:
        The sharer and the viewer.
    """
    with sharing(bench, display, windows=viewers is not None) as (sharer, join):
        yield sharer, join(VIEWER, bench.hosts.far, **({"DISPLAY": viewers} if viewers else {}))


def own_id(engine: Program) -> str:
    """Who it is."""
    return str(engine.wait_for(lambda line: line["event"] in ("room", "joined"))["self"])


def is_event(kind: str, **fields: object) -> Callable[[Line], bool]:
    """Whether a line is such an event, with these fields."""
    return lambda line: line["event"] == kind and all(line.get(name) == value for name, value in fields.items())
