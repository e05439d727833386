"""Sees the meeting that a face shows, to say on the plain terminal how it ended once the face has gone.

The face itself says on its way out that it detached, or that we were removed or cut off.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from meshconf.cli import invitation
from meshconf.cli.diagnostics import say
from meshconf.cli.present import Present
from meshconf.conference.endings import sentence
from meshconf.errors import MeshconfError
from meshconf.protocol.text import clean
from meshconf.tui.engine import Engine
from meshconf.types import Ending

_ENDINGS = {"leave": Ending.LEFT, "end": Ending.ENDED}
"""What the commands that end a meeting for us come to, also if the engine does not confirm it in time."""


class Witness:
    """An engine, handed on as it is.

    Args:
        engine: the true one.
        path: its socket; the name is the number by which people name it.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._number = path.stem
        self._present = Present()
        self._seconds = 0.0
        self._asked = ""
        self._others = False
        """Whether somebody else was there when we asked to leave."""
        self._ending = ""

    async def send(self, command: dict[str, Any]) -> None:
        """Give one command."""
        if command.get("do") in _ENDINGS:
            self._asked, self._others = command["do"], bool(self._present.peers)
        await self._engine.send(command)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What is the case, then what happens."""
        async for event in self._engine.events():
            self._seconds = max(self._seconds, event.get("t", 0.0))
            if event.get("event") == "left":
                self._ending = event["reason"]
            self._present.note(event)
            yield event
        self._ending = self._ending or "gone"

    async def close(self) -> None:
        """Let go of the engine: if nothing has ended, that is detaching."""
        self._ending = self._ending or _ENDINGS.get(self._asked, "detached")
        await self._engine.close()

    def part(self) -> None:
        """Say how it ended; whoever detached is told the way back, and the host the invite.

        Raises:
            MeshconfError: the engine is gone, and nobody had asked for that.
        """
        if not self._present.own:
            return
        if (ending := self._how()) == "gone":
            raise MeshconfError("The meeting's engine is gone.")
        if ending != "detached":
            say(self._farewell(ending))
            return
        if self._present.invite:
            invitation.show(self._present.invite, self._present.link)
        say(f"Where several meetings run: meshconf attach --engine {self._number}")

    def _how(self) -> str:
        if self._ending in ("", "gone", "detached") and self._asked:
            return _ENDINGS[self._asked]
        return self._ending or "detached"

    def _farewell(self, ending: str) -> str:
        title = clean(self._present.title, 60) or "the meeting"
        match ending:
            case Ending.LEFT:
                others = "; the others go on" if self._others or self._present.peers else ""
                return f"You left {title} after {_duration(self._seconds)}{others}."
            case Ending.ENDED if self._asked == "end":
                return f"You ended {title} for all after {_duration(self._seconds)}."
            case _:
                return sentence(ending, self._present.title)


def _duration(seconds: float) -> str:
    minutes = int(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
