"""All keys of the meeting page, and what the signs beside a name mean."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from meshconf.tui.screens.dialog import Dialog

_KEYS = (
    ("m  v  s", "microphone, camera, screen on or off"),
    ("f", "play the sound of a file or stream to everybody"),
    ("t  enter", "write to everybody; escape leaves the input"),
    ("↑  ↓", "choose a person;  + and -  make them louder or softer"),
    ("i", "invite: code, link and QR code"),
    ("d", "detach; the meeting goes on, meshconf attach comes back"),
    ("l  q", "leave, or end the meeting as its host"),
    ("ctrl+c", "copy what is selected, else leave; twice leaves at once"),
    ("ctrl+t", "dark or light colours"),
)
_SIGNS = (
    ("●", "$primary", "on"),
    ("○", "$faint", "off"),
    ("◌", "$accent", "switching"),
    ("⊘", "$error", "forbidden"),
    ("★", "$accent", "host or admin"),
)


class HelpScreen(Dialog[None]):
    """A card of keys."""

    CSS_PATH = ["dialog.tcss", "help.tcss"]
    BINDINGS = [Binding("escape,question_mark,q,enter", "close", "Close")]

    def compose(self) -> ComposeResult:
        """Keys, then signs."""
        with VerticalScroll(classes="dialog", can_focus=False) as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes"
            for keys, meaning in _KEYS:
                with Horizontal(classes="key"):
                    yield Static(Content.styled(keys, "bold $accent"), classes="keys")
                    yield Static(meaning, markup=False, classes="meaning")
            signs: list[tuple[str, str]] = []
            for sign, colour, meaning in _SIGNS:
                signs += [(f"{sign} ", colour), (f"{meaning}   ", "$quiet")]
            yield Static(Content.assemble(*signs), id="signs")

    def action_close(self) -> None:
        """Back to the meeting."""
        self.answer()
