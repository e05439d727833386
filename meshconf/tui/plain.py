"""Makes text from other people safe and fit for a terminal. Pure.

Control and format characters go (escape codes, direction overrides, zero-width), piles of combining marks are cut.
Markup is not touched here: the widgets show `Content` objects, in which brackets are only brackets.
"""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, set_cell_size

_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS = frozenset({"Mn", "Me"})
_MARKS_PER_CHARACTER = 2


def clean(text: str, limit: int, *, lines: bool = False) -> str:
    """`text` without anything that could steer a terminal, at most `limit` characters.

    Args:
        text: What somebody sent.
        limit: In characters; what is over is cut.
        lines: Keep line breaks; else they become spaces like all other white space.
    """
    kept: list[str] = []
    marks = 0
    for character in text[: 4 * limit]:
        if character in "\n\u2028\u2029":
            character = "\n" if lines else " "
        elif character.isspace():
            character = " "
        elif (category := unicodedata.category(character)) in _REFUSED:
            continue
        elif category in _MARKS:
            marks += 1
            if marks > _MARKS_PER_CHARACTER or not kept:
                continue
            kept.append(character)
            continue
        marks = 0
        kept.append(character)
    return "".join(kept)[:limit].strip()


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where it was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""
