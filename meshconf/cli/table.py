"""Rows of text as aligned columns; knows that some characters take two places and some none."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

from meshconf.protocol.text import clean

_LIMIT = 120
"""Characters of a cell that are shown."""


def table(rows: Sequence[Sequence[str]], *, indent: int = 0) -> str:
    """The rows, each on a line of its own; cells come from other people and machines, so they are made safe to show."""
    safe = [[clean(cell, _LIMIT) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip_longest(*safe, fillvalue="")]
    lines = (
        "  ".join(cell + " " * (places - width(cell)) for cell, places in zip(row, widths, strict=False))
        for row in safe
    )
    return "".join(f"{' ' * indent}{line}".rstrip() + "\n" for line in lines)


def width(text: str) -> int:
    """Places that the text takes on a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
