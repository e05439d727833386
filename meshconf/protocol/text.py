"""Text from other people, made safe to show: no control characters, no escape codes, no invisible direction tricks."""

from __future__ import annotations

import unicodedata

_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LINE_BREAKS = frozenset("\n\u2028\u2029")
_JOINER, _VARIATION = "\u200d", "\ufe0f"
"""Emoji fall apart without them, and they move nothing."""
_MARKS_IN_A_ROW = 4
"""As many as any script stacks on a letter; more of them reach into the lines above and below."""

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks without any ink: they make a name that nobody sees, or two names that look alike."""
_UNSEEN = frozenset(f"{_JOINER}{_VARIATION} \n\u2800")
"""What may stay between other characters, yet shows nothing by itself."""


def clean(text: str, limit: int, *, lines: bool = False, joiners: bool = True) -> str:
    """The text without what could steer a terminal or hide its meaning, cut to `limit` characters.

    White space of all kinds becomes spaces. Of a text in which nothing is to be seen nothing stays.

    Args:
        text: anything a peer sent.
        limit: characters kept.
        lines: whether line breaks may stay; else they become spaces.
        joiners: whether emoji may be joined to one; where the width of such is not known, each is drawn by itself.
    """
    kept: list[str] = []
    marks = 0
    # Cut before, too: nobody should make us chew through a megabyte.
    for character in text[: 4 * limit].replace("\r\n", "\n"):
        marks = marks + 1 if _is_mark(character) else 0
        if character in _LINE_BREAKS:
            kept.append("\n" if lines else " ")
        elif character.isspace():
            kept.append(" ")
        elif character == _JOINER:
            kept += _JOINER if joiners else ""
        elif character not in _BLANK and marks <= _MARKS_IN_A_ROW and unicodedata.category(character) not in _DANGEROUS:
            kept.append(character)
    cleaned = "".join(kept)[:limit].strip()
    return cleaned if any(map(_shows, cleaned)) else ""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _shows(character: str) -> bool:
    return character not in _UNSEEN and not _is_mark(character)
