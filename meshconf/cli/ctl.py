"""`meshconf ctl`: one command to a meeting that runs on this machine, and its answer as exit code.

Prints nothing but what was asked for: who is here, what can be said, or the words to compare with somebody.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshconf.cli.ctl_words import help_text, read_words
from meshconf.cli.engines import choose_engine
from meshconf.cli.present import Present
from meshconf.conference.verb_grammar import CommandFields
from meshconf.errors import MeshconfError, NetworkError, Refused, UsageError

if TYPE_CHECKING:
    from meshconf.conference.control_socket import EngineClient

ANSWER_WITHIN_S = 5.0
_LOOK, _COMMAND = 1, 2
"""Ids of what we send."""
_ERRORS: dict[str, type[MeshconfError]] = {"usage": UsageError, "refused": Refused}
"""What an error of the engine is to us, where that is more than a failure."""
_OF_THE_LOBBY = frozenset({"admit", "deny"})
"""About people who are not here yet: the engine knows their names."""


def ctl(words: list[str], *, engine: str | None) -> int:
    """Send the command that the words mean; `status` prints who is there instead, and `help` the commands.

    Args:
        words: see `ctl_words`.
        engine: which one, when several run; None where only one does.

    Raises:
        UsageError: no such command, or the engine does not offer it; or several engines run and none was named.
        Refused: the room's rules do not allow it.
        NoSuchMeeting: no such engine runs.
        NetworkError: the engine does not answer.
        MeshconfError: the engine's reason why it did not carry the command out.
    """
    if words == ["help"]:
        sys.stdout.write(help_text())
        return 0
    command = None if words == ["status"] else read_words(words)
    asyncio.run(_talk(choose_engine(engine), command))
    return 0


async def _talk(path: Path, command: CommandFields | None) -> None:
    from meshconf.conference.control_socket import EngineClient

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
        raise NetworkError(f"The meeting did not answer within {ANSWER_WITHIN_S:.0f} s.") from None
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
    raise NetworkError("The meeting has just ended.")


async def _give(client: EngineClient, events: AsyncIterator[dict[str, Any]], command: CommandFields) -> None:
    from meshconf.conference.commands import parse
    from meshconf.conference.failure import sentence_in_shell

    numbered = {**command, "id": _COMMAND}
    # What the engine cannot read it may not be able to answer under our id.
    parse(json.dumps(numbered))
    await client.send(numbered)
    async for event in events:
        match event:
            case {"event": "phrase", "name": name, "phrase": phrase} if command.get("do") == "verify":
                sys.stdout.write(f"{name}: {phrase}\n")
            case {"event": "ok", "id": number} if number == _COMMAND:
                return
            case {"event": "error", "id": number, "code": code} if number == _COMMAND:
                raise _ERRORS.get(code, MeshconfError)(sentence_in_shell(event))
    # An engine that leaves closes its socket, sometimes before the answer is out.
    if command.get("do") not in ("leave", "end"):
        raise NetworkError("The meeting ended before it answered.")


def _addressed(command: CommandFields, present: Present) -> CommandFields:
    """The command for this meeting: people by their ids, and a source without `on` turned over."""
    if command.get("do") in _OF_THE_LOBBY:
        return command
    addressed = {
        key: present.peer(value) if key in ("peer", "to") and isinstance(value, str) else value
        for key, value in command.items()
    }
    if addressed.get("do") == "source" and "on" not in addressed:
        addressed["on"] = addressed.get("source") not in present.sources.get(present.own, ())
    return addressed
