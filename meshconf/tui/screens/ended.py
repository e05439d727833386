"""Says that the meeting is over, and why, when it was not the person at this terminal who left."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from meshconf.tui.screens.dialog import Dialog


class EndedScreen(Dialog[None]):
    """One sentence and one way out."""

    BINDINGS = [Binding("enter,escape,space,q", "close", "Close")]

    def __init__(self, sentence: str, title: str = "Meeting over") -> None:
        super().__init__()
        self._sentence = sentence
        self._title = title

    def compose(self) -> ComposeResult:
        """The sentence over the button."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            yield Static(Content(self._sentence), id="sentence")
            yield Button("enter  Close", compact=True, classes="buttons")

    def on_button_pressed(self) -> None:
        """The button does as the key does."""
        self.answer()

    def action_close(self) -> None:
        """Go on."""
        self.answer()
