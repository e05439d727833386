"""`host`, `join`, `attach` and the start page: which face a meeting gets."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from meshconf.cli import invitation
from meshconf.cli.diagnostics import say
from meshconf.cli.engines import choose_engine
from meshconf.config import Options
from meshconf.errors import UsageError
from meshconf.headless.options import options_of

if TYPE_CHECKING:
    from meshconf.cli.launcher import EngineLauncher, KnockedLobby
    from meshconf.conference.launch import Launching
    from meshconf.tui.engine import Engine, Lobby, MeetingOptions


def host(arguments: argparse.Namespace) -> int:
    """`meshconf host`."""
    options = options_of(arguments)
    if arguments.headless:
        return _headless(options, None, arguments.seconds)
    _need_terminal()
    launching = asyncio.run(_begin(_arguments(options, arguments.log), None))
    from meshconf.cli.launcher import EngineLauncher, Starting

    launcher = EngineLauncher(options)
    return _show(launcher, engine=launcher.watched(Starting(launching), launching.path))


def join(arguments: argparse.Namespace) -> int:
    """`meshconf join`."""
    options = options_of(arguments)
    invite = invitation.wanted(arguments.invite)
    if arguments.headless:
        return _headless(options, invite, arguments.seconds)
    _need_terminal()
    return _join_with_face(options, invite, arguments.log)


def attach(arguments: argparse.Namespace) -> int:
    """`meshconf attach`."""
    path = choose_engine(arguments.engine)
    if arguments.headless:
        return asyncio.run(_print_events(path))
    _need_terminal()
    from meshconf.cli.launcher import EngineLauncher

    return _face(path, EngineLauncher(Options()))


def start_page() -> int:
    """`meshconf` alone."""
    _need_terminal()
    from meshconf.cli.launcher import EngineLauncher

    return _show(EngineLauncher(Options()))


def _headless(options: Options, invite: str | None, seconds: float | None) -> int:
    from meshconf.headless.run import run

    return asyncio.run(run(options, invite, seconds=seconds))


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("There is no terminal to draw on; use --headless for JSON lines.")


def _arguments(options: Options, log: str | None) -> list[str]:
    """Of the engine."""
    from meshconf.headless.options import engine_arguments

    return [*engine_arguments(options), *([] if log is None else [f"--log={Path(log).absolute()}"])]


async def _begin(arguments: Sequence[str], invite: str | None) -> Launching:
    """Start the engine."""
    from meshconf.conference.launch import Launching

    return await Launching.begin(arguments, invite=invite)


def _join_with_face(options: Options, invite: str, log: str | None) -> int:
    """Find the meeting, then open the face: a code that is wrong is told on the plain terminal."""
    arguments = _arguments(options, log)

    async def begin() -> tuple[EngineLauncher, Path | KnockedLobby]:
        say("Looking for the meeting...")
        launching = await _begin(arguments, invite)
        launched, _ = await asyncio.gather(launching.outcome(), asyncio.to_thread(_load_face))
        from meshconf.cli.launcher import EngineLauncher, KnockedLobby

        launcher = EngineLauncher(options)
        if launched is None:
            return launcher, KnockedLobby(launcher, launching, invite)
        await launched.client.close()
        return launcher, launched.path

    launcher, begun = asyncio.run(begin())
    if isinstance(begun, Path):
        return _face(begun, launcher)
    from meshconf.tui.engine import MeetingOptions

    return _show(launcher, lobby=begun, options=MeetingOptions(name=options.name))


def _load_face() -> None:
    import meshconf.cli.launcher
    import meshconf.tui.app  # noqa: F401 - to have it at hand


def _face(path: Path, launcher: EngineLauncher) -> int:
    from meshconf.cli.launcher import Attached

    return _show(launcher, engine=launcher.watched(Attached(path), path))


def _show(
    launcher: EngineLauncher,
    *,
    engine: Engine | None = None,
    lobby: Lobby | None = None,
    options: MeetingOptions | None = None,
) -> int:
    """The face until it ends, then a word about how the meeting did; see `meshconf.tui.run.run`."""
    from meshconf.tui.run import run

    code = run(launcher, engine=engine, lobby=lobby, options=options)
    if code == 0 and launcher.witness is not None:
        launcher.witness.part()
    return code


async def _print_events(path: Path) -> int:
    import json

    from meshconf.conference.control_socket import EngineClient

    client = await EngineClient.connect(path)
    try:
        async for event in client.events():
            sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    finally:
        await client.close()
    return 0
