"""How commands are typed: a word, then what stands at its places; and what of that makes a command of the control API.

Names of people stay names here; whoever asks knows who is meant. The engine checks the values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from meshconf.errors import UsageError
from meshconf.types import LOUDEST_DB, SOFTEST_DB

Command = dict[str, Any]

_TIME = re.compile(r"[+-]?(\d{1,3}:){0,2}\d{1,6}(\.\d{1,3})?")

_MEDIA = {"mic": "audio", "microphone": "audio", "sound": "audio", "camera": "video", "cam": "video"}
"""Other words for what can be forbidden."""


class Slot(StrEnum):
    """What may stand at one place of a command; the value is how the form shows it."""

    PERSON = "NAME"
    """Somebody in the meeting."""
    WAITING = "NAME "
    """Somebody in the lobby."""
    MEDIUM = "audio|video|screen|control"
    SOURCE = "mic|camera|screen|media"
    SWITCH = "on|off"
    KEY = "on|off|down|up"
    HAND = "up|down"
    TIME = "TIME"
    """A position as people write it, or with a sign a step."""
    PATH = "FILE"
    """The rest of the line."""
    MUTED_MIC = "keep|release|listen"
    LAYOUT = "windows|grid|stage"
    DEVICE = "SRC"
    """The rest of the line: names of devices have blanks."""
    FILE = "FILE|off"
    """The rest of the line."""
    TEXT = "TEXT..."
    """The rest of the line."""
    DECIBELS = "DB"
    MINUTES = "5|15|60|until-ended"
    CLIPBOARD = "clipboard"
    COMMAND = "COMMAND"

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that fit, where they are known beforehand."""
        fixed = (
            Slot.MEDIUM,
            Slot.SOURCE,
            Slot.SWITCH,
            Slot.KEY,
            Slot.HAND,
            Slot.MUTED_MIC,
            Slot.LAYOUT,
            Slot.MINUTES,
            Slot.CLIPBOARD,
        )
        return tuple(self.value.split("|")) if self in fixed else ("off",) if self is Slot.FILE else ()

    @property
    def takes_the_rest(self) -> bool:
        """Whether blanks belong to it."""
        return self in (Slot.TEXT, Slot.FILE, Slot.PATH, Slot.DEVICE)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a command."""

    name: str
    """Of the field in the command."""
    slot: Slot
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that people can say."""

    word: str
    meaning: str
    """Half a sentence for lists."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """The part of the command that no place fills."""
    places: tuple[Place, ...] = ()
    finish: Callable[[Command], Command] = lambda values: values
    """Makes the command out of fixed part and places."""

    @property
    def form(self) -> str:
        """How it is written: `volume NAME DB`."""
        shown = (f"[{one.slot.strip()}]" if one.optional else one.slot.strip() for one in self.places)
        return " ".join([self.word, *shown])


def find(word: str, verbs: Sequence[Verb], prefix: str = "") -> Verb:
    """The verb of that word.

    Args:
        word: what was typed.
        verbs: those that there are.
        prefix: stands before each verb where this face's people type it.

    Raises:
        UsageError: there is none; the sentence shows one that is near.
    """
    known = {verb.word: verb for verb in verbs}
    if (verb := known.get(word)) is not None:
        return verb
    near = get_close_matches(word, known, 1)
    hint = f"did you mean `{prefix}{known[near[0]].form}`?" if near else f"known are {', '.join(known)}."
    raise UsageError(f"There is no command {word!r}; {hint}")


def read(verb: Verb, words: Sequence[str], prefix: str = "") -> Command:
    """The command that `verb` followed by `words` means; a source's command without `on` turns it over.

    Raises:
        UsageError: the words do not fit; the sentence shows the form.
    """
    values: Command = dict(verb.fixed)
    rest = list(words)
    try:
        for place in verb.places:
            if not rest and place.optional:
                break
            taken = " ".join(rest) if place.slot.takes_the_rest else rest[0]
            rest = [] if place.slot.takes_the_rest else rest[1:]
            values[place.name] = _value(place.slot, taken)
    except (ValueError, IndexError):
        raise _wrong_form(verb, prefix) from None
    # Only what is switched on comes from somewhere.
    if rest or ("from" in values and values.get("on") is False):
        raise _wrong_form(verb, prefix)
    return verb.finish(values)


def _value(slot: Slot, text: str) -> Any:
    """What a word means at this place; raises ValueError where it does not fit."""
    if not text.strip():
        raise ValueError("nothing there")
    if slot is Slot.DECIBELS:
        if not math.isfinite(gain := float(text.lower().removesuffix("db"))):
            raise ValueError("no such volume")
        if not SOFTEST_DB <= gain <= LOUDEST_DB:
            raise UsageError(f"A volume is from {SOFTEST_DB:.0f} to {LOUDEST_DB:.0f} dB; 0 is as it comes.")
        return gain
    if slot is Slot.MEDIUM:
        text = _MEDIA.get(text.lower(), text.lower())
    if slot is Slot.TIME and not _TIME.fullmatch(text):
        raise ValueError("no such time")
    if slot.choices and slot is not Slot.FILE and text not in slot.choices:
        raise ValueError("not one of the choices")
    if slot is Slot.HAND:
        return text == "up"
    return text == "on" if slot is Slot.SWITCH else text


def _wrong_form(verb: Verb, prefix: str) -> UsageError:
    return UsageError(f"The form is: {prefix}{verb.form}")
