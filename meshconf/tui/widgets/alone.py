"""What stands under one's own row while nobody else is here: how to get somebody in, at a glance and for a camera."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from meshconf.tui.model import MeetingModel
from meshconf.tui.widgets.qr_code import QrCode

_MARGIN = 4
"""Columns around the QR code within the list of people."""
_ROWS_BESIDE = 10
"""Rows that one's own row, the words and the list's border take."""


class Alone(Vertical):
    """Code, link and, where it fits whole, the QR code of the link."""

    def __init__(self) -> None:
        super().__init__(id="alone")
        self._words = Static()
        self._code = QrCode("")

    def compose(self) -> ComposeResult:
        """The words over the QR code."""
        yield self._words
        yield self._code

    def show(self, model: MeetingModel, width: int, height: int) -> None:
        """Show the invite of the moment in a list of that many columns and rows."""
        if not model.invite:
            hint = Content.assemble(("i", "bold $accent"), (" shows the code to give to others", "$quiet"))
            self._words.update(Content("\n").join([_EMPTY, hint]))
            self._code.display = False
            return
        self._code.encode(model.link)
        columns, rows = self._code.extent
        self._code.display = 0 < rows <= height - _ROWS_BESIDE and columns + _MARGIN <= width
        lines = [_EMPTY, Content.assemble(("say  ", "$quiet"), (model.invite, "bold $primary"))]
        if height < _ROWS_BESIDE:
            lines.append(Content.assemble(("i", "bold $accent"), ("    shows link and QR code", "$quiet")))
        else:
            lines.insert(1, Content(""))
            lines.append(Content.assemble(("send ", "$quiet"), (model.link, "$secondary")))
            if not self._code.display:
                lines.append(Content.assemble(("i", "bold $accent"), ("    shows the QR code", "$quiet")))
        self._words.update(Content("\n").join([*lines, Content("")]))


_EMPTY = Content.styled("Nobody else is here yet.", "$quiet")
