"""`meshconf ctl`: one command to a meeting that runs on this machine, and its answer as exit code."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshconf.cli.ctl_words import Command, read_words
from meshconf.cli.meeting import choose_engine
from meshconf.cli.present import Present
from meshconf.errors import MeshconfError, NetworkError, UsageError

if TYPE_CHECKING:
    from meshconf.conference.control import EngineClient

ANSWER_WITHIN_S = 5.0
_LOOK, _COMMAND = 1, 2
"""Ids of what we send."""
_USAGE_CODES = frozenset({"usage", "not-offered"})


def ctl(words: list[str], *, engine: str | None) -> int:
    """Send the command that the words mean; `status` prints who is there instead.

    Args:
        words: see `ctl_words`.
        engine: which one, when several run; None for the newest.

    Raises:
        UsageError: no such command, or the engine does not offer it.
        NoSuchMeeting: no such engine runs.
        NetworkError: the engine does not answer.
        MeshconfError: the engine's reason why it did not carry the command out.
    """
    command = None if words == ["status"] else read_words(words)
    asyncio.run(_talk(choose_engine(engine), command))
    return 0


async def _talk(path: Path, command: Command | None) -> None:
    from meshconf.conference.control import EngineClient

    client = await EngineClient.connect(path)
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            events = client.events()
            present = await _look(client, events)
            if command is None:
                sys.stdout.write(present.text())
            else:
                await _give(client, events, _addressed(command, present))
    except TimeoutError:
        raise NetworkError(f"the meeting did not answer within {ANSWER_WITHIN_S:.0f} s") from None
    finally:
        await client.close()


async def _look(client: EngineClient, events: AsyncIterator[dict[str, Any]]) -> Present:
    """What is the case: the engine replays it first, so the answer to a harmless command marks its end."""
    await client.send({"do": "subscribe", "levels": False, "stats": False, "id": _LOOK})
    present = Present()
    async for event in events:
        if event.get("id") == _LOOK:
            return present
        present.note(event)
    raise NetworkError("the meeting has just ended")


async def _give(client: EngineClient, events: AsyncIterator[dict[str, Any]], command: Command) -> None:
    from meshconf.conference.commands import parse

    numbered = {**command, "id": _COMMAND}
    # What the engine cannot read it may not be able to answer under our id.
    parse(json.dumps(numbered))
    await client.send(numbered)
    async for event in events:
        match event:
            case {"event": "ok", "id": number} if number == _COMMAND:
                return
            case {"event": "error", "id": number, "code": code, "message": message} if number == _COMMAND:
                raise (UsageError if code in _USAGE_CODES else MeshconfError)(message)
    # An engine that leaves closes its socket, sometimes before the answer is out.
    if command.get("do") not in ("leave", "end"):
        raise NetworkError("the meeting ended before it answered")


def _addressed(command: Command, present: Present) -> Command:
    """The command with people's names replaced by their ids."""
    return {
        key: present.peer(value) if key in ("peer", "to") and isinstance(value, str) else value
        for key, value in command.items()
    }
