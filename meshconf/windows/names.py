"""Names as windows may show them: other people chose them, so they are cleaned and cut first. Pure."""

from __future__ import annotations

import unicodedata

LONGEST = 40
"""Characters of a name that are shown."""

_MARKS_IN_A_ROW = 2


def clean(name: str, longest: int = LONGEST) -> str:
    """The name on one line, without control, direction and invisible characters, at most `longest` long."""
    kept: list[str] = []
    marks = 0
    # Cut before normalising too: nobody should make us chew through a megabyte.
    for char in unicodedata.normalize("NFC", name[: 8 * longest]):
        category = unicodedata.category(char)
        marks = marks + 1 if category.startswith("M") else 0
        if category.startswith("Z") or char in "\t\r\n":
            kept.append(" ")
        elif not category.startswith("C") and marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    text = " ".join("".join(kept).split())
    return (text if len(text) <= longest else text[: longest - 1].rstrip() + "…") or "(no name)"


def drawable(name: str) -> str:
    """The name without what OpenCV's own font lacks (emoji); the window's title still has all of it."""
    text = "".join(c for c in name if ord(c) <= 0xFFFF and unicodedata.category(c) not in ("So", "Sk"))
    return " ".join(text.split()) or "(no name)"


def initials(name: str) -> str:
    """One or two letters that stand for a person: "Zoë van Dam · screen" is "ZD"."""
    words = [word for word in name.partition("·")[0].split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper()
