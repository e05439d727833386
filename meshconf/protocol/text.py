"""Text from other people, made safe to show: no control characters, no escape codes, no invisible direction tricks."""

from __future__ import annotations

import unicodedata

_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset("\u200d\ufe0f")
"""Joiner and variation selector: emoji fall apart without them, and they move nothing."""

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks without any ink: they make a name that nobody sees, or two names that look alike."""
_UNSEEN = _KEPT | frozenset(" \n\u2800")
"""What may stay between other characters, yet shows nothing by itself."""


def clean(text: str, limit: int, *, lines: bool = False) -> str:
    """The text without what could steer a terminal or hide its meaning, cut to `limit` characters.

    Of a text in which nothing is to be seen nothing stays.

    Args:
        text: anything a peer sent.
        limit: characters kept.
        lines: whether line breaks may stay; else they become spaces.
    """
    kept = []
    for character in text[: 4 * limit].replace("\r\n", "\n"):
        if character in "\n\t\r":
            kept.append(character if lines and character == "\n" else " ")
        elif character in _BLANK:
            continue
        elif character in _KEPT or unicodedata.category(character) not in _DANGEROUS:
            kept.append(character)
    cleaned = "".join(kept)[:limit].strip()
    return cleaned if any(map(_shows, cleaned)) else ""


def _shows(character: str) -> bool:
    return character not in _UNSEEN and not unicodedata.category(character).startswith("M")
