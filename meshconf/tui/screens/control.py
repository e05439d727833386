"""Somebody asks for control of our screen: for how long, or no. No letter alone says yes, and enter alone says no.

Dismissed with a grant, with False for no, or with None when there is nothing to answer any more.
"""

from __future__ import annotations

import time
from typing import Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from meshconf.tui import typing
from meshconf.tui.model import MeetingModel
from meshconf.tui.plain import fit
from meshconf.tui.remote_control import Asking, Grant
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.widgets.ask_bar import IDENTITIES

_MINUTES = {"m5": 5, "m15": 15, "m60": 60, "m0": 0}
_LABELS = {"m5": "1  For 5 minutes", "m15": "2  For 15 minutes", "m60": "3  For an hour", "m0": "4  Until I end it"}
_CLIPBOARD = {False: "c  Clipboard: kept apart", True: "c  Clipboard: shared both ways"}
_NOTE = (
    "They can use your mouse and keyboard, and see what is on the shared screen. Your own hands come first; "
    "Esc three times, or ctrl+r here, ends it at once."
)


class ControlScreen(Dialog[Grant | Literal[False]]):
    """The request of one person."""

    CSS_PATH = ["dialog.tcss", "control.tcss"]
    AUTO_FOCUS = "#no"
    BINDINGS = [
        *(Binding(str(number), f"go_to('{id}')", show=False) for number, id in enumerate(_MINUTES, 1)),
        Binding("c", "go_to('clipboard')", show=False),
        Binding("n,escape", "refuse", "No"),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("down,right", "app.focus_next", show=False),
    ]

    def __init__(self, model: MeetingModel, asking: Asking) -> None:
        super().__init__()
        self._model = model
        self.asking = asking
        self._clipboard = False
        self._answers = {"clipboard": Button(Content(_CLIPBOARD[False]), id="clipboard", compact=True)}
        self._answers |= {
            id: Button(Content(label), id=id, compact=True, variant="error") for id, label in _LABELS.items()
        }

    def compose(self) -> ComposeResult:
        """Who asks, whether we know them, and the answers."""
        word, style = ("not known", "$secondary")
        if self.asking.identity is not None:
            word, style = IDENTITIES[self.asking.identity]
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Remote control"
            dialog.border_subtitle = "1 to 4 and c choose · enter does it"
            yield Static(
                Content.assemble((fit(self.asking.name, 40), "bold"), " asks to control your screen"), id="question"
            )
            yield Static(Content.assemble(("identity  ", "$quiet"), (word, style)), id="identity")
            yield Static(Content(_NOTE), id="note")
            yield from self._answers.values()
            yield Button(Content("n  No"), id="no", compact=True)

    def show(self) -> None:
        """Close when nobody waits for the answer any more."""
        if self.asking.peer not in self._model.control.asking:
            self.answer(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Only here is anything granted: enter on the button, or a click, and not before it could be read.

        Whoever asks chooses the moment: arrows, enter and clicks of just then were meant for the page below.
        """
        minutes = _MINUTES.get(event.button.id or "")
        early = time.monotonic() - self.opened_at < typing.PAUSE_S
        if event.button.id == "no":
            self._say(False)
        elif early:
            return
        elif minutes is not None:
            self._say(Grant(minutes, self._clipboard))
        else:
            self._clipboard = not self._clipboard
            event.button.label = Content(_CLIPBOARD[self._clipboard])

    def action_go_to(self, id: str) -> None:
        """Choose an answer, without giving it: a key may have been meant for somebody else."""
        self._answers[id].focus()

    def action_refuse(self) -> None:
        """Say no."""
        self._say(False)

    def _say(self, result: Grant | Literal[False]) -> None:
        self._model.control.answer(self.asking.peer, result)
        self.answer(result)
