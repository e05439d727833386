"""All keys of the meeting page and what the signs beside a name mean; or all /commands of the chat."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from meshconf.conference import slots
from meshconf.conference.verb_grammar import Style
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.slash import LINE_VERBS

_KEYS = (
    ("m", "mute at once, or be heard again"),
    ("space", "held: be heard while muted; let go of a moment later"),
    ("v  s", "camera, screen on or off"),
    ("z  x", "your screen frozen, or black, for the others; or live again"),
    ("f", "play a sound file or stream to everybody; then its player"),
    ("h", "your hand up or down, to say that you want to speak"),
    ("e", "hear nobody, or people again"),
    ("a", "sound: talking by a key, volume of all, other devices"),
    ("n", "small sounds for who comes and goes, on or off"),
    ("p", "pictures in this terminal, or no more"),
    ("t", "write to everybody; /help there lists the commands"),
    ("↑  ↓  enter", "a person: role, identity, what you may do"),
    ("+  -", "the chosen person louder or softer"),
    ("r", "the room: lock, lobby, what is forbidden, end"),
    ("ctrl+y  +n", "let in who waits in the lobby, or send away"),
    ("ctrl+r", "end remote control at once, of your screen or by you"),
    ("c", "take what the owner of a screen you control has copied"),
    ("b", "give the host's role back, while the page offers it"),
    ("i", "invite: code, link and QR code"),
    ("d", "detach; the meeting goes on, meshconf attach comes back"),
    ("l  enter", "leave; or hand over, or end the meeting for all"),
    ("ctrl+c", "copy what is selected, else leave; twice leaves at once"),
    ("ctrl+t", "dark or light colours"),
)
_SIGNS = (
    ("●", "$primary", "on"),
    ("○", "$faint", "off"),
    ("◐", "$accent", "muted"),
    ("◌", "$accent", "switching"),
    ("⊘", "$error", "forbidden"),
    ("★", "$accent", "host"),
    ("☆", "$accent", "admin"),
    ("⇧", "$accent", "hand up"),
    ("‼", "$error", "other key than before"),
)
_STYLE = Style("/", {slots.MEDIUM: "KIND"})
_NOTE = (
    f"KIND is one of {', '.join(slots.MEDIUM.choices)}. Tab completes. "
    "A line that begins with // is said, with one slash."
)


class HelpScreen(Dialog[None]):
    """A card of keys, or of commands."""

    CSS_PATH = ["dialog.tcss", "help.tcss"]
    BINDINGS = [
        Binding("escape,question_mark,q,enter", "close", "Close"),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
    ]

    def __init__(self, *, commands: bool = False) -> None:
        super().__init__()
        self._commands = commands
        self._card = VerticalScroll(classes="dialog commands" if commands else "dialog", can_focus=False)

    def compose(self) -> ComposeResult:
        """Keys, then signs; or commands."""
        rows = [(verb.form(_STYLE), verb.meaning) for verb in LINE_VERBS] if self._commands else _KEYS
        with self._card as dialog:
            dialog.border_title = "Commands" if self._commands else "Keys"
            dialog.border_subtitle = "esc closes"
            for keys, meaning in rows:
                with Horizontal(classes="key"):
                    yield Static(Content.styled(keys, "bold $accent"), classes="keys")
                    yield Static(meaning, markup=False, classes="meaning")
            if self._commands:
                yield Static(Content.styled(_NOTE, "$quiet"), id="signs")
                return
            signs: list[tuple[str, str]] = []
            for sign, colour, meaning in _SIGNS:
                signs += [(f"{sign} ", colour), (f"{meaning}   ", "$quiet")]
            yield Static(Content.assemble(*signs), id="signs")

    def action_scroll(self, rows: int) -> None:
        """Read on, where not all fits."""
        self._card.scroll_relative(y=rows, animate=False)

    def action_close(self) -> None:
        """Back to the meeting."""
        self.answer()
