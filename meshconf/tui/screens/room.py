"""The page of the room: its rules as they are, and for host and admins the keys that change them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.content import Content

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.actions import describe_room, for_room
from meshconf.tui.model import MeetingModel
from meshconf.tui.screens.sheet import Sheet


class RoomScreen(Sheet):
    """Lock, lobby, chat for newcomers, what is forbidden, the code, the end."""

    def __init__(self, model: MeetingModel, do: Callable[[CommandFields], Awaitable[None]]) -> None:
        super().__init__(do)
        self._model = model

    def show(self) -> None:
        """Show the room as the model knows it now."""
        model = self._model
        actions = for_room(model)
        waiting = [one.name for one in model.lobby.values()]
        lines = [f"In the lobby: {', '.join(waiting)}."] if waiting else []
        if not actions:
            lines += [*describe_room(model), "", "Host and admins change this."]
        self.fill("Room", Content.styled("\n".join(lines), "$foreground"), actions)
