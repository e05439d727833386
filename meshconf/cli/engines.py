"""Which of the meetings on this machine a command is for: the only one, or the one that was named; never a guess."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from meshconf.cli.present import Present
from meshconf.errors import NetworkError, NoSuchMeeting, UsageError
from meshconf.protocol.text import clean

_ANSWER_WITHIN_S = 2.0
"""An engine that is busy is still listed, by its number alone."""
_SHOWN = 40
"""Characters of a title or name."""


def choose_engine(name: str | None) -> Path:
    """The socket of a running engine: the one named, else the only one.

    Raises:
        NoSuchMeeting: none runs, or none of that name.
        UsageError: several run and none was named; the sentence lists them.
    """
    from meshconf.conference.control_socket import running

    found = running()
    if name is not None:
        found = [path for path in found if path.stem == name]
    elif len(found) > 1:
        found = _the_only_one(found)
    if not found:
        raise NoSuchMeeting("No meeting runs on this machine." if name is None else f"No meeting {name} runs here.")
    return found[0]


def _the_only_one(found: Sequence[Path]) -> list[Path]:
    """What is left without those that only look like engines: a dead one's number may be another process's by now."""
    names = asyncio.run(_ask_all(found))
    alive = [path for path, name in zip(found, names, strict=True) if name is not None]
    if len(alive) > 1:
        listed = ", ".join(sorted(name for name in names if name is not None))
        raise UsageError(f"Several meetings run here: {listed}; name one with --engine N.")
    return alive


async def _ask_all(found: Sequence[Path]) -> list[str | None]:
    return await asyncio.gather(*map(_ask, found))


async def _ask(path: Path) -> str | None:
    """Number, title and our name there; None where nobody listens."""
    from meshconf.conference.control_socket import EngineClient

    try:
        client = await EngineClient.connect(path)
    except NetworkError:
        return None
    present = Present()
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            async for event in client.events():
                present.note(event)
                if present.own:
                    break
    except TimeoutError:
        pass
    finally:
        await client.close()
    name = f"({clean(present.name, _SHOWN)})" if present.name else ""
    return " ".join(part for part in (path.stem, clean(present.title, _SHOWN), name) if part)
