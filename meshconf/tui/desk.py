"""Gives the engine commands for one meeting page, each with its number, and shows at once what needs no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meshconf.errors import MeshconfError
from meshconf.tui.change import Change
from meshconf.tui.engine import Engine
from meshconf.tui.model import MeetingModel
from meshconf.tui.slash import Names
from meshconf.types import SourceKind


class Desk:
    """Between page and engine.

    Args:
        engine: The meeting.
        model: What is known of it; own lines and own switches are shown there before the engine has answered.
        tell: Takes what changed in the model.
    """

    def __init__(self, engine: Engine, model: MeetingModel, tell: Callable[[Change], None]) -> None:
        self._engine = engine
        self._model = model
        self._tell = tell
        self._commands = 0

    async def send(self, command: dict[str, Any]) -> None:
        """Give a command; a failure is told in the chat pane."""
        self._commands += 1
        try:
            await self._engine.send({**command, "id": self._commands})
        except (MeshconfError, OSError) as error:
            self._tell(self._model.apply({"event": "error", "message": str(error), "id": self._commands}))

    async def say(self, text: str, to: str = "") -> None:
        """Write to everybody, or to one."""
        self._tell(self._model.say(text, self._commands + 1, to))
        await self.send({"do": "chat", "text": text, **({"to": to} if to else {})})

    async def switch(self, kind: SourceKind, on: bool, place: str | None = None) -> None:
        """Turn an own source on or off; `place` is another device, file or stream."""
        self._tell(self._model.ask(kind, on))
        await self.send({"do": "source", "source": str(kind), "on": on, **({"from": place} if place else {})})

    async def mute(self, on: bool) -> None:
        """Be muted at once, or be heard; the device stays as the person wants it meanwhile."""
        self._tell(self._model.ask(SourceKind.MIC, not on))
        await self.send({"do": "mute" if on else "unmute"})

    async def set_volume(self, peer: str, gain_db: float) -> None:
        """Hear somebody louder or softer."""
        if (person := self._model.people.get(peer)) is not None:
            person.gain_db = gain_db
            self._tell(Change.PEOPLE)
            await self.send({"do": "volume", "peer": peer, "gain_db": gain_db})

    def is_on(self, kind: SourceKind) -> bool:
        """Whether an own source is on, or was asked to be."""
        me = self._model.me
        return me.asked.get(kind, me.is_on(kind)) if me else False

    def reference(self, peer: str) -> str:
        """What to type for somebody: the name, or the id where several are called so."""
        name = self._model.name(peer)
        own = self._model.own
        return name if [called for called, one in self.names().present if one != own].count(name) == 1 else peer

    def names(self) -> Names:
        """Whom a /command may name."""
        others = [(one.called, one.peer) for one in self._model.present() if not one.own]
        if (me := self._model.me) is not None:
            others.append((me.called, me.peer))
        return Names(others, [(one.name, one.peer) for one in self._model.lobby.values()], self._model.own)
