"""The invite panel: the code to say, the link to send, the QR code to show; the host may also make a new code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from meshconf.tui.model import MeetingModel
from meshconf.tui.widgets.qr_code import QrCode

_FRAME = (4, 2)
"""Columns and rows of the dialog around its content."""
_WORDS_WIDTH = (22, 34)
"""Columns for code and link: what they need, and what they get where there is room."""


class InviteScreen(ModalScreen[None]):
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

    def compose(self) -> ComposeResult:
        """The QR code beside code and link."""
        with Container(classes="dialog") as dialog:
            dialog.border_title = "Invite"
            yield QrCode(self._model.link, id="qr")
            with Vertical(id="words"):
                yield Static(id="say")
                yield Static(id="link")
                yield Static(id="keys")

    def on_mount(self) -> None:
        """Fill in what the model knows."""
        self.show()

    def on_resize(self, event: Resize) -> None:
        """A QR code is whole or not there."""
        self._fit(event.size.width, event.size.height)

    def show(self) -> None:
        """Show the present code and link; called again when they change."""
        model = self._model
        self.query_one("#say", Static).update(_spelled(model.invite))
        link = model.link or "No link yet."
        self.query_one("#link", Static).update(Content.assemble(("or send the link\n", "$quiet"), (link, "$secondary")))
        keys = [("c", "copy code"), ("y", "copy link"), ("r", "new code"), ("esc", "close")]
        if not model.is_host:
            keys.remove(("r", "new code"))
        lines = [Content.assemble((f"{key:<4}", "bold $accent"), (meaning, "$quiet")) for key, meaning in keys]
        self.query_one("#keys", Static).update(Content("\n").join(lines))
        self.query_one(QrCode).encode(model.link)
        self._fit(self.size.width, self.size.height)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the host makes a new code."""
        return action != "rotate" or self._model.is_host

    def action_copy_code(self) -> None:
        """Put the code on the clipboard."""
        self._copy(self._model.invite, "The code is on the clipboard.")

    def action_copy_link(self) -> None:
        """Put the link on the clipboard."""
        self._copy(self._model.link, "The link is on the clipboard.")

    async def action_rotate(self) -> None:
        """Ask for a new code; the old one stops working."""
        await self._rotate()

    def action_close(self) -> None:
        """Back to the meeting."""
        self.dismiss(None)

    def _copy(self, text: str, sentence: str) -> None:
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(sentence)

    def _fit(self, width: int, height: int) -> None:
        code = self.query_one(QrCode)
        columns, rows = code.extent
        code.display = 0 < rows <= height - _FRAME[1] and columns + _WORDS_WIDTH[0] + _FRAME[0] <= width
        taken = _FRAME[0] + (columns if code.display else 0)
        words = max(_WORDS_WIDTH[0], min(_WORDS_WIDTH[1], width - taken))
        self.query_one("#words").styles.width = words
        self.query_one(".dialog").styles.width = taken + words


def _spelled(invite: str) -> Content:
    """The code as one says it: number first, each word on its line, and once as one types it."""
    if not invite:
        return Content.styled("Only the host has the code.", "$quiet")
    number, _, words = invite.partition("-")
    lines = [Content.styled("say the code", "$quiet"), Content.styled(number, "bold $accent")]
    lines += [Content.styled(word, "bold $primary") for word in words.split("-") if word]
    return Content("\n").join([*lines, Content.styled(invite, "$quiet")])
