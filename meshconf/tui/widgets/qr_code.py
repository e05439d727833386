"""A QR code in half blocks, two modules to a cell: dark on light in every theme, as cameras want it."""

from __future__ import annotations

import segno
from textual.content import Content
from textual.widget import Widget

_QUIET_ZONE = 2
"""Modules of light edge; the standard says four, readers are content with two, and rows are precious."""
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def half_blocks(text: str) -> list[str]:
    """The rows of the code for `text`; an empty list for no text or one that no QR code holds."""
    if not text:
        return []
    try:
        code = segno.make(text, error="l", micro=False, boost_error=False)
    except segno.DataOverflowError:
        return []
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=_QUIET_ZONE)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


class QrCode(Widget):
    """The code of one text."""

    DEFAULT_CSS = "QrCode { width: auto; height: auto; }"

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = half_blocks(text)

    def encode(self, text: str) -> None:
        """Show the code of another text."""
        self._rows = half_blocks(text)
        self.refresh(layout=True)

    @property
    def extent(self) -> tuple[int, int]:
        """Columns and rows that the code takes; a part of it is of no use."""
        return (len(self._rows[0]), len(self._rows)) if self._rows else (0, 0)

    def render(self) -> Content:
        """Dark modules on a light ground."""
        return Content.styled("\n".join(self._rows), "#0b0f12 on #f2f5f5")
