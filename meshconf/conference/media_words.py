"""What people call that which a room can forbid: in sentences, on pages and in what they type."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.types import Medium


@dataclass(frozen=True, slots=True)
class Words:
    """Those for one medium."""

    word: str
    """As people type it."""
    called: str
    """As pages name it."""
    many: str
    """As sentences say it: everybody's."""
    aliases: tuple[str, ...] = ()
    """What else may be typed; the name in the control API may, too."""


WORDS = {
    Medium.AUDIO: Words("sound", "sound", "sound", ("mic", "microphone")),
    Medium.VIDEO: Words("camera", "camera", "cameras", ("cam",)),
    Medium.SCREEN: Words("screen", "screen", "screens"),
    Medium.CONTROL: Words("control", "remote control", "remote control"),
}


def medium_called(word: str) -> Medium:
    """Which one somebody means.

    Raises:
        ValueError: none.
    """
    typed = word.lower()
    for medium, words in WORDS.items():
        if typed in (medium, words.word, *words.aliases):
            return medium
    raise ValueError("no such medium")
