"""Asks for the file or stream whose sound everybody shall hear.

Dismissed with what the control API calls a source, `file:PATH` or an address, or None.
"""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from meshconf.tui.plain import clean
from meshconf.tui.screens.dialog import Dialog


class PlayScreen(Dialog[str]):
    """One line to write in."""

    CSS_PATH = ["dialog.tcss", "play.tcss"]
    AUTO_FOCUS = "#place"
    BINDINGS = [Binding("escape", "close", "Close")]

    def __init__(self) -> None:
        super().__init__()
        self._place = Input(placeholder="a file, or the address of a stream", compact=True, max_length=1000, id="place")
        self._note = Static(id="note")

    def compose(self) -> ComposeResult:
        """The line, and below it what to do or what was wrong."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Play sound to everybody"
            yield self._place
            yield self._note

    def on_mount(self) -> None:
        """Say which keys there are."""
        self._say("enter plays, esc closes", "$quiet")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a file that is there, or any address."""
        event.stop()
        place = clean(event.value, 1000)
        if "://" in place:
            self.answer(place)
            return
        path = Path(place.removeprefix("file:")).expanduser()
        if path.is_file():
            self.answer(f"file:{path.absolute()}")
        elif place:
            self._say("There is no such file.", "$accent")

    def action_close(self) -> None:
        """Back to the meeting."""
        self.answer()

    def _say(self, sentence: str, colour: str) -> None:
        self._note.update(Content.styled(sentence, colour))
