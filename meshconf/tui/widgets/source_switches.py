"""The own switches: microphone, camera, screen; each shows its key, its name and its state."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from meshconf.tui.model import Participant
from meshconf.tui.widgets.participant_row import source_mark
from meshconf.types import SourceKind

SWITCHES = ((SourceKind.MIC, "m", "Microphone"), (SourceKind.CAMERA, "v", "Camera"), (SourceKind.SCREEN, "s", "Screen"))


class SourceSwitches(Horizontal):
    """What the person at this terminal sends."""

    def compose(self) -> ComposeResult:
        """One cell per source."""
        for kind, _, _ in SWITCHES:
            yield Static(id=f"switch-{kind}", classes="switch")

    def show(self, me: Participant | None) -> None:
        """Show the states; before the engine has named us, everything is off."""
        for kind, key, name in SWITCHES:
            state = me.sources.get(kind, "off") if me else "off"
            asked = me.asked.get(kind) if me else None
            glyph, colour = source_mark(state)
            word = "forbidden" if state == "forbidden" else state
            if asked is not None:
                glyph, colour, word = "◌", "$accent", "starting" if asked else "stopping"
            cell = self.query_one(f"#switch-{kind}", Static)
            cell.set_class(state == "on" and asked is None, "on")
            cell.update(
                Content.assemble(
                    (f"{key} ", "bold $accent"), (f"{glyph} ", colour), (name, "$foreground"), (f" {word}", "$quiet")
                )
            )
