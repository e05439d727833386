"""The leave dialog: leave, or (for the host) end the meeting for all, or stay.

Dismissed with `leave`, `end` or None.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from meshconf.tui.screens.dialog import Dialog


class LeaveScreen(Dialog[str]):
    """Asks once; the key that opened it also confirms."""

    CSS_PATH = ["dialog.tcss", "leave.tcss"]
    BINDINGS = [
        Binding("l,q", "choose('leave')", "Leave"),
        Binding("e", "choose('end')", "End for all"),
        Binding("escape,s", "choose('')", "Stay"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, is_host: bool) -> None:
        super().__init__()
        self._is_host = is_host

    def compose(self) -> ComposeResult:
        """A question and its answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Leave"
            yield Static("Leave the meeting?", id="question")
            note = "The others go on; one of them becomes host." if self._is_host else "The others go on without you."
            yield Static(note, id="note")
            with Horizontal(classes="buttons"):
                yield Button("l  Leave", id="leave", compact=True)
                if self._is_host:
                    yield Button("e  End for all", id="end", compact=True, variant="error")
                yield Button("esc  Stay", id="stay", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Buttons do as the keys do."""
        self.action_choose(event.button.id if event.button.id != "stay" else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the host ends a meeting."""
        return self._is_host or parameters != ("end",)

    def action_choose(self, choice: str | None) -> None:
        """Answer."""
        self.answer(choice or None)
