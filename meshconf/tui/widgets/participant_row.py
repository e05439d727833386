"""One participant in the list: words on the left; sources and level on the right; a bright edge while they speak."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from meshconf.tui.participant import Participant
from meshconf.tui.widgets.level_meter import LevelMeter
from meshconf.tui.widgets.participant_facts import ParticipantFacts
from meshconf.types import Role, SourceKind

_MARKS = ((SourceKind.MIC, "mic"), (SourceKind.CAMERA, "cam"), (SourceKind.SCREEN, "scr"))
_STEP_DB = 3.0
_GAIN_LIMIT_DB = 18.0


def source_mark(state: str | None) -> tuple[str, str]:
    """Glyph and colour of a source's state; the glyph alone tells them apart."""
    return {"on": ("●", "$primary"), "forbidden": ("⊘", "$error")}.get(state or "off", ("○", "$faint"))


class ParticipantRow(Widget, can_focus=True):
    """Two lines about one person."""

    class VolumeChosen(Message):
        """Somebody shall be heard louder or softer here."""

        def __init__(self, peer: str, gain_db: float) -> None:
            super().__init__()
            self.peer = peer
            self.gain_db = gain_db

    class Opened(Message):
        """Somebody's page is wanted."""

        def __init__(self, peer: str) -> None:
            super().__init__()
            self.peer = peer

    BINDINGS = [
        Binding("enter", "open", "Person", key_display="enter"),
        Binding("plus,equals_sign", "volume(1)", "Volume", key_display="+ -"),
        Binding("minus", "volume(-1)", "Softer", show=False),
    ]

    def __init__(self, peer: str) -> None:
        super().__init__()
        self.peer = peer
        self._person = Participant(peer)
        self._facts = ParticipantFacts()
        self._marks = Static(classes="marks")
        self._meter = LevelMeter()

    def compose(self) -> ComposeResult:
        """Words, and beside them marks over the meter."""
        yield self._facts
        with Vertical(classes="signals"):
            yield self._marks
            yield self._meter

    def show(self, person: Participant, role: Role, barred: frozenset[SourceKind], *, twin: bool) -> None:
        """Show everything about `person`, to whom the sources in `barred` are forbidden.

        A `twin` is called as somebody else is.
        """
        self._person = person
        self._facts.show(person, role, twin=twin)
        parts: list[tuple[str, str]] = []
        for kind, word in _MARKS:
            state = "forbidden" if kind in barred else person.sources.get(kind)
            glyph, colour = source_mark(state)
            style = {"on": "$foreground", "forbidden": "$error strike"}.get(state or "off", "$faint")
            parts += [(f"{glyph} ", colour), (word, style), (" ", "")]
        self._marks.update(Content.assemble(*parts[:-1]), layout=False)
        self.show_level()

    def show_level(self) -> None:
        """Show only what moves: level and speaking."""
        person = self._person
        self._meter.show_level(person.level_db, enabled=person.is_on(SourceKind.MIC))
        if self.has_class("speaking") != person.speaking:
            self.set_class(person.speaking, "speaking")
            self._facts.refresh()

    def on_focus(self) -> None:
        """The keys mean this person now."""
        self._facts.choose(True)

    def on_blur(self) -> None:
        """They mean somebody else, or nobody."""
        self._facts.choose(False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody hears themselves, so there is no own volume."""
        return not (action == "volume" and self._person.own)

    def action_open(self) -> None:
        """Ask for the person's page."""
        self.post_message(self.Opened(self.peer))

    def action_volume(self, direction: int) -> None:
        """Ask for one step of volume."""
        gain = max(-_GAIN_LIMIT_DB, min(_GAIN_LIMIT_DB, self._person.gain_db + direction * _STEP_DB))
        self.post_message(self.VolumeChosen(self.peer, gain))
