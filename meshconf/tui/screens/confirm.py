"""One question before something that hurts; neither enter alone nor any letter alone does harm.

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
        Binding("y", "go_to_yes", "Yes"),
        Binding("n,escape,q", "choose(False)", "No"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        self._yes = Button(Content(f"y  {question.yes}"), id="yes", compact=True, variant="error")

    def compose(self) -> ComposeResult:
        """The question over its answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_subtitle = "enter answers"
            yield Static(Content(self._question.text), id="question")
            yield Static(Content(self._question.note), id="note")
            with Horizontal(classes="buttons"):
                yield Button("n  No", id="no", compact=True)
                yield self._yes

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Only here is yes said: enter on the button, or a click."""
        self.action_choose(event.button.id == "yes")

    def action_go_to_yes(self) -> None:
        """Choose yes, without saying it: a letter may be part of a word that was meant for somebody else."""
        self._yes.focus()

    def action_choose(self, sure: bool) -> None:
        """Answer."""
        self.answer(True if sure else None)
