"""What people type as commands of the control API: one table for `meshconf ctl` and for the /commands of the chat.

Names of people stay names here; whoever asks knows who is meant. The engine checks the values.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from meshconf.errors import UsageError
from meshconf.types import LOUDEST_DB, SOFTEST_DB, SourceKind

Command = dict[str, Any]

_TIME = re.compile(r"[+-]?(\d{1,3}:){0,2}\d{1,6}(\.\d{1,3})?")


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


_MEDIA = {"mic": "audio", "microphone": "audio", "sound": "audio", "camera": "video", "cam": "video"}
"""Other words for what can be forbidden."""


def _play(values: Command) -> Command:
    place = values.pop("from")
    if place == "off":
        return {**values, "on": False}
    return {**values, "on": True, "from": _whole(place)}


def _play_once(values: Command) -> Command:
    return {**values, "from": _whole(values["from"])}


def _whole(place: str) -> str:
    """A file named from the root, since the engine stands in another folder; an address as it is."""
    return place if "://" in place else f"file:{os.path.abspath(os.path.expanduser(place.removeprefix('file:')))}"


def _seek(values: Command) -> Command:
    time = values.pop("to_s")
    sign, seconds = time[0] if time[0] in "+-" else "", 0.0
    for part in time.lstrip("+-").split(":"):
        seconds = seconds * 60 + float(part)
    return {**values, "by_s": -seconds if sign == "-" else seconds} if sign else {**values, "to_s": seconds}


def _share_sound(values: Command) -> Command:
    program = values.pop("program", None)
    if not values["on"]:
        return values
    return {**values, "from": "system" if program is None else f"system:{program}"}


def _grant(values: Command) -> Command:
    minutes = values.pop("minutes", "15")
    values["clipboard"] = "clipboard" in values
    return {**values, "minutes": 0 if minutes == "until-ended" else int(minutes)}


def _either(on: str, off: str) -> Callable[[Command], Command]:
    return lambda values: {"do": on if values["on"] else off}


_SOMEBODY = (Place("peer", Slot.PERSON),)
_PERHAPS_SOMEBODY = (Place("peer", Slot.PERSON, optional=True),)
_RULE = (Place("kind", Slot.MEDIUM), Place("peer", Slot.PERSON, optional=True))
_SWITCH = (Place("on", Slot.SWITCH, optional=True), Place("from", Slot.DEVICE, optional=True))
_STATE = (Place("on", Slot.SWITCH),)
_TURN = (Place("on", Slot.SWITCH, optional=True),)
_GRANT = (
    Place("peer", Slot.PERSON),
    Place("minutes", Slot.MINUTES, optional=True),
    Place("clipboard", Slot.CLIPBOARD, optional=True),
)
_TEXT = Place("text", Slot.TEXT)
_WAITS = (Place("peer", Slot.WAITING),)


def _source(kind: SourceKind) -> dict[str, Any]:
    return {"do": "source", "source": kind.value}


VERBS: tuple[Verb, ...] = (
    Verb("msg", "write to one person alone", {"do": "chat"}, (Place("to", Slot.PERSON), Place("text", Slot.TEXT))),
    Verb("mute", "nothing of your microphone leaves this machine", {"do": "mute"}),
    Verb("unmute", "be heard again", {"do": "unmute"}),
    Verb("mic", "your microphone on or off, with the device", _source(SourceKind.MIC), _SWITCH),
    Verb("camera", "your camera on or off", _source(SourceKind.CAMERA), _SWITCH),
    Verb("screen", "your screen on or off", _source(SourceKind.SCREEN), _SWITCH),
    Verb("freeze", "others go on seeing your screen as it is now, or live again", {"do": "freeze"}, _TURN),
    Verb("blank", "others see black in place of your screen, or the screen again", {"do": "blank"}, _TURN),
    Verb("file", "play a file or stream to everybody", _source(SourceKind.MEDIA), (Place("from", Slot.FILE),), _play),
    Verb("layout", "how pictures share windows", {"do": "layout"}, (Place("layout", Slot.LAYOUT),)),
    Verb("ptt", "talk by a key: begin, end, key down, key up", {"do": "ptt"}, (Place("state", Slot.KEY),)),
    Verb("while-muted", "what a muted microphone does", {"do": "while_muted"}, (Place("mic", Slot.MUTED_MIC),)),
    Verb(
        "system",
        "share what other programs play, or one of them",
        _source(SourceKind.MEDIA),
        (Place("on", Slot.SWITCH), Place("program", Slot.TEXT, optional=True)),
        _share_sound,
    ),
    Verb("music", "whether your microphone goes out as music, in stereo and as it is", {"do": "music"}, _STATE),
    Verb("speaker", "hear the others through another speaker", {"do": "speaker"}, (Place("to", Slot.DEVICE),)),
    Verb(
        "volume",
        "how loud you hear somebody",
        {"do": "volume"},
        (Place("peer", Slot.PERSON), Place("gain_db", Slot.DECIBELS)),
    ),
    Verb("volume-all", "how loud you hear all", {"do": "volume"}, (Place("gain_db", Slot.DECIBELS),)),
    Verb("deafen", "hear somebody no more, or nobody", {"do": "deafen", "on": True}, _PERHAPS_SOMEBODY),
    Verb("undeafen", "hear somebody again, or all", {"do": "deafen", "on": False}, _PERHAPS_SOMEBODY),
    Verb("hand", "your hand up, to say that you want to speak, or down", {"do": "hand"}, (Place("up", Slot.HAND),)),
    Verb("lower-hand", "take somebody's hand down", {"do": "hand", "up": False}, _SOMEBODY),
    Verb("play", "play a file or stream to everybody once", {"do": "play"}, (Place("from", Slot.PATH),), _play_once),
    Verb("pause", "hold what plays", {"do": "pause"}),
    Verb("resume", "play on", {"do": "resume"}),
    Verb("stop", "play no more", {"do": "stop"}),
    Verb("seek", "go to 1:30, or +10 or -10 seconds", {"do": "seek"}, (Place("to_s", Slot.TIME),), _seek),
    Verb("clean", "whether echo and noise are taken out of your microphone", {"do": "clean_mic"}, _STATE),
    Verb("sounds", "small sounds when somebody comes or goes", {"do": "sounds"}, _STATE),
    Verb("host", "make somebody the host", {"do": "transfer_host"}, _SOMEBODY),
    Verb("admin", "make somebody an admin", {"do": "appoint"}, _SOMEBODY),
    Verb("dismiss", "take the admin's role from somebody", {"do": "dismiss"}, _SOMEBODY),
    Verb("remove", "remove somebody for good", {"do": "remove"}, _SOMEBODY),
    Verb("admit", "let somebody in who waits", {"do": "admit"}, _WAITS),
    Verb("deny", "send somebody away who waits", {"do": "deny"}, _WAITS),
    Verb("forbid", "forbid something to everybody or to one", {"do": "forbid"}, _RULE),
    Verb("permit", "permit it again", {"do": "permit"}, _RULE),
    Verb("lock", "let nobody new in", {"do": "lock"}),
    Verb("unlock", "let people in again", {"do": "unlock"}),
    Verb("lobby", "whether newcomers wait to be let in", {}, _STATE, _either("lobby_on", "lobby_off")),
    Verb("history", "whether newcomers get the chat of before", {}, _STATE, _either("history_on", "history_off")),
    Verb("code", "make a new code; the old one stops working", {"do": "rotate_code"}),
    Verb("verify", "the words that you and somebody compare by voice", {"do": "verify"}, _SOMEBODY),
    Verb("trust", "remember somebody whose key has changed", {"do": "trust"}, _SOMEBODY),
    Verb("control", "ask somebody for control of the screen they share", {"do": "control_request"}, _SOMEBODY),
    Verb("release", "give control back, or ask no more", {"do": "control_release"}, _SOMEBODY),
    Verb("grant", "let somebody who asks control your screen", {"do": "control_grant"}, _GRANT, _grant),
    Verb("refuse", "say no to somebody who asks for control", {"do": "control_deny"}, _SOMEBODY),
    Verb("revoke", "end control of your screen at once", {"do": "control_revoke"}, _PERHAPS_SOMEBODY),
    Verb("point", "point with your mouse over somebody's screen", {"do": "point_with_mouse"}, (*_SOMEBODY, *_STATE)),
    Verb("type", "type text at a screen that you control", {"do": "input", "kind": "text"}, (*_SOMEBODY, _TEXT)),
    Verb("copy", "put text into the clipboard of such a screen", {"do": "copy"}, (*_SOMEBODY, _TEXT)),
    Verb("leave", "leave the meeting", {"do": "leave"}),
    Verb("end", "end the meeting for all", {"do": "end"}),
)
"""What can be said in every face."""


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
