"""What may stand at one place of a command that people type: how its form shows it, which words fit, what they mean."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meshconf.conference.media_words import WORDS, medium_called
from meshconf.errors import UsageError
from meshconf.types import LOUDEST_DB, SOFTEST_DB, Medium

_TIME = re.compile(r"[+-]?(\d{1,3}:){0,2}\d{1,6}(\.\d{1,3})?")

_MEDIA = tuple(words.word for words in WORDS.values())


# Two that are shown alike are two all the same: a name in the meeting is none in the lobby.
@dataclass(frozen=True, eq=False, slots=True)
class Slot:
    """What may stand at one place."""

    form: str
    """How it is shown."""
    choices: tuple[str, ...] = ()
    """The words that fit, as far as they are known beforehand."""
    others: tuple[str, ...] = ()
    """Words that fit too, for whoever has begun one."""
    takes_the_rest: bool = False
    """Whether blanks belong to it."""
    meant: Callable[[str], Any] = str
    """What a text means here; raises ValueError where it does not fit, UsageError where there is more to say."""


def one_of(*words: str, meant: Callable[[str], Any] = str) -> Slot:
    """A place for one of these words and nothing else."""

    def chosen(text: str) -> Any:
        if text not in words:
            raise ValueError("not one of the choices")
        return meant(text)

    return Slot("|".join(words), words, meant=chosen)


def _time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("no such time")
    return text


def _decibels(text: str) -> float:
    if not math.isfinite(gain := float(text.lower().removesuffix("db"))):
        raise ValueError("no such volume")
    if not SOFTEST_DB <= gain <= LOUDEST_DB:
        raise UsageError(f"A volume is from {SOFTEST_DB:.0f} to {LOUDEST_DB:.0f} dB; 0 is as it comes.")
    return gain


PERSON = Slot("NAME")
"""Somebody in the meeting."""
WAITING = Slot("NAME")
"""Somebody in the lobby."""
MEDIUM = Slot("|".join(_MEDIA), _MEDIA, tuple(Medium), meant=lambda text: medium_called(text).value)
"""What can be forbidden."""
SOURCE = one_of("mic", "camera", "screen", "media")
SWITCH = one_of("on", "off", meant=lambda word: word == "on")
KEY = one_of("on", "off", "down", "up")
HAND = one_of("up", "down", meant=lambda word: word == "up")
TIME = Slot("TIME", meant=_time)
"""A position as people write it, or with a sign a step."""
MUTED_MIC = one_of("keep", "release", "listen")
LAYOUT = one_of("windows", "grid", "stage")
DECIBELS = Slot("DB", meant=_decibels)
MINUTES = one_of("5", "15", "60", "until-ended")
CLIPBOARD = one_of("clipboard")
COMMAND = Slot("COMMAND")
PATH = Slot("FILE", takes_the_rest=True)
FILE = Slot("FILE|off", ("off",), takes_the_rest=True)
DEVICE = Slot("SRC", takes_the_rest=True)
"""Names of devices have blanks."""
TEXT = Slot("TEXT...", takes_the_rest=True)
