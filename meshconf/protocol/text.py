"""Text from other people, made safe to show: no control characters, no escape codes, no invisible direction tricks."""

from __future__ import annotations

import unicodedata

_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset("\u200d\ufe0f")
"""Joiner and variation selector: emoji fall apart without them, and they move nothing."""


def clean(text: str, limit: int, *, lines: bool = False) -> str:
    """The text without what could steer a terminal or hide its meaning, cut to `limit` characters.

    Args:
        text: anything a peer sent.
        limit: characters kept.
        lines: whether line breaks may stay; else they become spaces.
    """
    kept = []
    for character in text[: 4 * limit].replace("\r\n", "\n"):
        if character in "\n\t\r":
            kept.append(character if lines and character == "\n" else " ")
        elif character in _KEPT or unicodedata.category(character) not in _DANGEROUS:
            kept.append(character)
    return "".join(kept)[:limit].strip()
