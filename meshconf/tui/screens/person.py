"""The page of a person: who that is, whether we know the key, the words to compare, and what we may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.content import Content

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.actions import for_person
from meshconf.tui.model import MeetingModel
from meshconf.tui.participant import Participant
from meshconf.tui.screens.sheet import Sheet
from meshconf.tui.widgets.participant_facts import ROLE_SIGNS
from meshconf.types import KeyVerdict

_IDENTITIES = {
    KeyVerdict.NEW: ("new: met for the first time", "$secondary"),
    KeyVerdict.KNOWN: ("known: the key you met before", "$success"),
    KeyVerdict.CHANGED: ("‼ changed: a known name with another key, a new machine or somebody else", "bold $error"),
}


class PersonScreen(Sheet):
    """Somebody in the meeting; closes when they leave."""

    def __init__(self, model: MeetingModel, peer: str, do: Callable[[CommandFields], Awaitable[None]]) -> None:
        super().__init__(do)
        self._model = model
        self.peer = peer

    def show(self) -> None:
        """Show the person as the model knows them now."""
        person = self._model.people.get(self.peer)
        if person is None:
            self.answer()
            return
        self.fill(person.called, self._described(person), for_person(self._model, person))

    def _described(self, person: Participant) -> Content:
        role = self._model.rules.role(person.peer)
        sign = f"{ROLE_SIGNS[role]} " if role in ROLE_SIGNS else ""
        parts = [(f"{sign}{role}", "$accent" if sign else "$foreground")]
        if person.own:
            parts.append(("  this is you", "$quiet"))
        if self._model.has_twin(person):
            parts += [("\nid  ", "$quiet"), (person.peer, "$foreground"), ("  another has the same name", "$quiet")]
        if person.identity is not None:
            word, style = _IDENTITIES[person.identity]
            parts += [("\nidentity  ", "$quiet"), (word, style)]
        if person.phrase:
            parts += [
                ("\n\nRead these words to each other. If they agree, nobody sits between you:\n", "$quiet"),
                (person.phrase, "bold $primary"),
            ]
        return Content.assemble(*parts)
