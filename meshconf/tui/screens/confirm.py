"""One question before something that hurts; whoever just presses enter has done no harm.

Dismissed with True or None.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from meshconf.tui.actions import Question
from meshconf.tui.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """Yes or no, and no first."""

    CSS_PATH = ["dialog.tcss", "confirm.tcss"]
    AUTO_FOCUS = "#no"
    BINDINGS = [
        Binding("y", "choose(True)", "Yes"),
        Binding("n,escape,q", "choose(False)", "No"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question over its answers."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._question.text), id="question")
            yield Static(Content(self._question.note), id="note")
            with Horizontal(classes="buttons"):
                yield Button("n  No", id="no", compact=True)
                yield Button(Content(f"y  {self._question.yes}"), id="yes", compact=True, variant="error")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Buttons do as the keys do."""
        self.action_choose(event.button.id == "yes")

    def action_choose(self, sure: bool) -> None:
        """Answer."""
        self.answer(True if sure else None)
