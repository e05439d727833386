"""Names as windows may show them: other people chose them, so they are cleaned and cut first. Pure."""

from __future__ import annotations

import unicodedata

from meshconf.protocol import text as safe

LONGEST = 40
"""Characters of a name that are shown."""


def clean(name: str, longest: int = LONGEST) -> str:
    """The name on one line, without control, direction and invisible characters, at most `longest` long."""
    # Normalised afterwards: what was taken out may have kept a letter and its mark apart.
    text = unicodedata.normalize("NFC", safe.clean(name, 8 * longest, joiners=False))
    text = " ".join(text.split())
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
