"""The invite panel: the code to say, the link to send, the QR code to show; the host may also make a new code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from meshconf.tui.model import MeetingModel
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.widgets.qr_code import QrCode
from meshconf.types import Role

_FRAME = (4, 2)
"""Columns and rows of the dialog around its content."""
_WORDS_WIDTH = (22, 34)
"""Columns for code and link: what they need, and what they get where there is room."""
_EDGE = 1
"""Columns of those that stay free."""


class InviteScreen(Dialog[None]):
    """How to get others in."""

    CSS_PATH = ["dialog.tcss", "invite.tcss"]
    BINDINGS = [
        Binding("c", "copy_code", "Copy the code"),
        Binding("y", "copy_link", "Copy the link"),
        Binding("r", "rotate", "New code"),
        Binding("escape,i,q", "close", "Close"),
    ]

    def __init__(self, model: MeetingModel, rotate: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._model = model
        self._rotate = rotate
        self._qr = QrCode(model.link, id="qr")
        self._say = Static(id="say")
        self._link = Static(id="link")
        self._keys = Static(id="keys")
        self._words = Vertical(self._say, self._link, self._keys, id="words")
        self._frame = Container(self._qr, self._words, classes="dialog")
        self._frame.border_title = "Invite"

    def compose(self) -> ComposeResult:
        """The QR code beside code and link."""
        yield self._frame

    def on_mount(self) -> None:
        """Fill in what the model knows."""
        self.show()

    def on_resize(self, event: Resize) -> None:
        """A QR code is whole or not there."""
        self._fit(event.size.width, event.size.height)

    def show(self) -> None:
        """Show the present code and link; called again when they change, at any time."""
        model = self._model
        link = model.link or "No link yet."
        self._link.update(Content.assemble(("or send the link\n", "$quiet"), (link, "$secondary")))
        keys = [("c", "copy code"), ("y", "copy link"), ("r", "new code"), ("esc", "close")]
        if model.role is not Role.HOST:
            keys.remove(("r", "new code"))
        lines = [Content.assemble((f"{key:<4}", "bold $accent"), (meaning, "$quiet")) for key, meaning in keys]
        self._keys.update(Content("\n").join(lines))
        self._qr.encode(model.link)
        self._fit(self.size.width, self.size.height)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the host makes a new code."""
        return action != "rotate" or self._model.role is Role.HOST

    def action_copy_code(self) -> None:
        """Put the code on the clipboard."""
        self._copy(self._model.invite, "The code went to the terminal for its clipboard; not every terminal takes it.")

    def action_copy_link(self) -> None:
        """Put the link on the clipboard."""
        self._copy(self._model.link, "The link went to the terminal for its clipboard; not every terminal takes it.")

    async def action_rotate(self) -> None:
        """Ask for a new code; the old one stops working."""
        await self._rotate()

    def action_close(self) -> None:
        """Back to the meeting."""
        self.answer()

    def _copy(self, text: str, sentence: str) -> None:
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(sentence)

    def _fit(self, width: int, height: int) -> None:
        code = self._qr
        columns, rows = code.extent
        code.display = 0 < rows <= height - _FRAME[1] and columns + _WORDS_WIDTH[0] + _FRAME[0] <= width
        taken = _FRAME[0] + (columns if code.display else 0)
        words = max(_WORDS_WIDTH[0], min(_WORDS_WIDTH[1], width - taken))
        self._say.update(_spelled(self._model.invite, words - _EDGE))
        self._words.styles.width = words
        self._frame.styles.width = taken + words


def _spelled(invite: str, columns: int) -> Content:
    """The code as one says it: number first, each word on its line; and as one types it, where that fits whole."""
    if not invite:
        return Content.styled("Only the host has the code.", "$quiet")
    number, _, words = invite.partition("-")
    lines = [Content.styled("say the code", "$quiet"), Content.styled(number, "bold $primary")]
    lines += [Content.styled(word, "bold $primary") for word in words.split("-") if word]
    if len(invite) <= columns:
        lines.append(Content.styled(invite, "$quiet"))
    return Content("\n").join(lines)
