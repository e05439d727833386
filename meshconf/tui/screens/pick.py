"""Asks to whom the role of host goes before the host leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.content import Content

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.actions import Action
from meshconf.tui.model import MeetingModel
from meshconf.tui.screens.sheet import Sheet
from meshconf.types import PeerState

_KEYS = "123456789"


class PickScreen(Sheet):
    """The others who are here, the next in line first."""

    def __init__(self, model: MeetingModel, do: Callable[[CommandFields], Awaitable[None]]) -> None:
        super().__init__(do)
        self._model = model

    def show(self) -> None:
        """Show who is here now."""
        heir = self._model.heir
        people = [one for one in self._model.present() if not one.own and one.state is PeerState.CONNECTED]
        people.sort(key=lambda one: one is not heir)
        actions = [
            Action(
                _KEYS[place] if place < len(_KEYS) else " ",
                one.called,
                {"do": "transfer_host", "peer": one.peer},
                "next in line" if one is heir else "",
                closes=True,
            )
            for place, one in enumerate(people)
        ]
        self.fill("Hand over to", Content.styled("They become host, and you leave.", "$quiet"), actions)
