"""The own switches: microphone, camera, screen, sound of a file; each shows its key, its name and its state."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from meshconf.tui.participant import Participant
from meshconf.tui.widgets.participant_row import source_mark
from meshconf.types import SourceKind

SWITCHES = (
    (SourceKind.MIC, "m", "Microphone", "Mic"),
    (SourceKind.CAMERA, "v", "Camera", "Camera"),
    (SourceKind.SCREEN, "s", "Screen", "Screen"),
    (SourceKind.MEDIA, "f", "File", "File"),
)
"""Kind, key, name, and the name where there is little room."""
_ROOMY = 72
"""Cells from which on names and states are written out."""


class SourceSwitch(Static):
    """One switch; a click does as its key does."""

    class Flipped(Message):
        """The person clicked."""

        def __init__(self, kind: SourceKind) -> None:
            super().__init__()
            self.kind = kind

    def __init__(self, kind: SourceKind, key: str, name: str, short: str) -> None:
        super().__init__(classes="switch")
        self._kind, self._key, self._long, self._short = kind, key, name, short

    def show(self, state: str, asked: bool | None, *, roomy: bool) -> None:
        """Show `on`, `off` or `forbidden`, or that it was asked to become so."""
        glyph, colour = source_mark(state)
        word, live = state, state == "on"
        if asked is not None:
            glyph, colour, word, live = "◌", "$accent", "starting" if asked else "stopping", False
        name = self._long if roomy else self._short
        parts = [(f"{self._key} ", "bold $accent"), (f"{glyph} ", colour), (name, "bold" if live else "$foreground")]
        if roomy:
            parts.append((f" {word}", "$primary" if live else "$quiet"))
        content = Content.assemble(*parts)
        # Contents are compared by their text; the styles here follow from it.
        if content != self.content:
            self.update(content)

    def on_click(self) -> None:
        """Tell the page."""
        self.post_message(self.Flipped(self._kind))


class SourceSwitches(Horizontal):
    """What the person at this terminal sends."""

    def __init__(self) -> None:
        super().__init__()
        self._me: Participant | None = None
        self._barred: frozenset[SourceKind] = frozenset()
        self._switches = {kind: SourceSwitch(kind, *words) for kind, *words in SWITCHES}

    def compose(self) -> ComposeResult:
        """One cell per source."""
        yield from self._switches.values()

    def on_resize(self) -> None:
        """Words as there is room."""
        self.show(self._me, self._barred)

    def show(self, me: Participant | None, barred: frozenset[SourceKind]) -> None:
        """Show the states, and what the room forbids us; before the engine has named us, everything is off."""
        self._me, self._barred = me, barred
        roomy = self.size.width >= _ROOMY
        for kind, switch in self._switches.items():
            state = me.sources.get(kind, "off") if me else "off"
            state = "forbidden" if kind in barred and state != "on" else state
            switch.show(state, me.asked.get(kind) if me else None, roomy=roomy)
