"""The leave dialog: leave, hand over and leave, end the meeting for all, or stay; each as far as the role allows.

Dismissed with `leave`, `hand_over`, `end` or None.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import Button, Static

from meshconf.tui.model import MeetingModel
from meshconf.tui.plain import fit
from meshconf.tui.screens.dialog import Dialog
from meshconf.types import Role

_NAME_WIDTH = 28


class LeaveScreen(Dialog[str]):
    """Letters choose, enter answers: whoever types without having gone to the input leaves nothing and ends nothing."""

    CSS_PATH = ["dialog.tcss", "leave.tcss"]
    AUTO_FOCUS = "#leave"
    BINDINGS = [
        Binding("h", "go_to('hand_over')", "Hand over"),
        Binding("e", "go_to('end')", "End for all"),
        Binding("escape", "choose('')", "Stay"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, model: MeetingModel) -> None:
        super().__init__()
        self._model = model
        self._buttons = {
            "leave": Button("Leave", id="leave", compact=True),
            "hand_over": Button("h Hand over", id="hand_over", compact=True),
            "end": Button("e End for all", id="end", compact=True, variant="error"),
            "stay": Button("esc Stay", id="stay", compact=True),
        }

    def compose(self) -> ComposeResult:
        """A question and its answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Leave"
            dialog.border_subtitle = "enter answers"
            yield Static("Leave the meeting?", id="question")
            yield Static(Content(self._note()), id="note")
            with Horizontal(classes="buttons"):
                yield from (button for choice, button in self._buttons.items() if self._may(choice))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Enter or a click."""
        self.action_choose(event.button.id if event.button.id != "stay" else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the role allows."""
        return action != "go_to" or self._may(str(parameters[0]))

    def on_key(self, event: Key) -> None:
        """Any other letter is a sign of somebody who wants to write: enter then stays."""
        if event.is_printable and event.key not in self.active_bindings:
            self._buttons["stay"].focus()

    def action_go_to(self, choice: str) -> None:
        """Choose, without answering."""
        self._buttons[choice].focus()

    def action_choose(self, choice: str | None) -> None:
        """Answer."""
        self.answer(choice or None)

    def _may(self, choice: str) -> bool:
        if choice == "hand_over":
            return self._model.role is Role.HOST and self._model.heir is not None
        return choice != "end" or self._model.rules.is_staff(self._model.own)

    def _note(self) -> str:
        heir = self._model.heir
        if self._model.role is not Role.HOST:
            return "The others go on without you."
        if heir is None:
            return "Nobody else is here: the meeting ends."
        return f"The others go on; {fit(heir.called, _NAME_WIDTH)} becomes host."
