"""Makes text from other people safe and fit for a terminal. Pure.

Markup is not touched here: the widgets show `Content` objects, in which brackets are only brackets.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from meshconf.protocol import text as safe


def clean(text: str, limit: int, *, lines: bool = False) -> str:
    """`text` as `protocol.text` cleans it; terminals do not agree on how wide joined emoji are, so none are joined."""
    return safe.clean(text, limit, lines=lines, joiners=False)


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where it was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""
