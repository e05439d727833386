"""What people type as commands of the control API: one table for `meshconf ctl` and for the /commands of the chat."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from meshconf.conference import slots
from meshconf.conference.verb_grammar import CommandFields, Place, Verb
from meshconf.types import SourceKind


def _play(values: CommandFields) -> CommandFields:
    place = values.pop("from")
    if place == "off":
        return {**values, "on": False}
    return {**values, "on": True, "from": _whole(place)}


def _play_once(values: CommandFields) -> CommandFields:
    return {**values, "from": _whole(values["from"])}


def _whole(place: str) -> str:
    """A file named from the root, since the engine stands in another folder; an address as it is."""
    return place if "://" in place else f"file:{os.path.abspath(os.path.expanduser(place.removeprefix('file:')))}"


def _seek(values: CommandFields) -> CommandFields:
    time = values.pop("to_s")
    sign, seconds = time[0] if time[0] in "+-" else "", 0.0
    for part in time.lstrip("+-").split(":"):
        seconds = seconds * 60 + float(part)
    return {**values, "by_s": -seconds if sign == "-" else seconds} if sign else {**values, "to_s": seconds}


def _share_sound(values: CommandFields) -> CommandFields:
    program = values.pop("program", None)
    if not values["on"]:
        return values
    return {**values, "from": "system" if program is None else f"system:{program}"}


def _grant(values: CommandFields) -> CommandFields:
    minutes = values.pop("minutes", "15")
    values["clipboard"] = "clipboard" in values
    return {**values, "minutes": 0 if minutes == "until-ended" else int(minutes)}


def _either(on: str, off: str) -> Callable[[CommandFields], CommandFields]:
    return lambda values: {"do": on if values["on"] else off}


_SOMEBODY = (Place("peer", slots.PERSON),)
_PERHAPS_SOMEBODY = (Place("peer", slots.PERSON, optional=True),)
_RULE = (Place("kind", slots.MEDIUM), Place("peer", slots.PERSON, optional=True))
_SWITCH = (Place("on", slots.SWITCH, optional=True), Place("from", slots.DEVICE, optional=True))
_STATE = (Place("on", slots.SWITCH),)
_TURN = (Place("on", slots.SWITCH, optional=True),)
_GRANT = (
    Place("peer", slots.PERSON),
    Place("minutes", slots.MINUTES, optional=True),
    Place("clipboard", slots.CLIPBOARD, optional=True),
)
_TEXT = Place("text", slots.TEXT)
_WAITS = (Place("peer", slots.WAITING),)


def _source(kind: SourceKind) -> dict[str, Any]:
    return {"do": "source", "source": kind.value}


VERBS: tuple[Verb, ...] = (
    Verb("msg", "write to one person alone", {"do": "chat"}, (Place("to", slots.PERSON), Place("text", slots.TEXT))),
    Verb("mute", "nothing of your microphone leaves this machine", {"do": "mute"}),
    Verb("unmute", "be heard again", {"do": "unmute"}),
    Verb("mic", "your microphone on or off, with the device", _source(SourceKind.MIC), _SWITCH),
    Verb("camera", "your camera on or off", _source(SourceKind.CAMERA), _SWITCH),
    Verb("screen", "your screen on or off", _source(SourceKind.SCREEN), _SWITCH),
    Verb("freeze", "others go on seeing your screen as it is now, or live again", {"do": "freeze"}, _TURN),
    Verb("blank", "others see black in place of your screen, or the screen again", {"do": "blank"}, _TURN),
    Verb(
        "file",
        "play the sound of a file or stream to all",
        _source(SourceKind.MEDIA),
        (Place("from", slots.FILE),),
        _play,
    ),
    Verb("layout", "how pictures share windows", {"do": "layout"}, (Place("layout", slots.LAYOUT),)),
    Verb("ptt", "talk by a key: begin, end, key down, key up", {"do": "ptt"}, (Place("state", slots.KEY),)),
    Verb("while-muted", "what a muted microphone does", {"do": "while_muted"}, (Place("mic", slots.MUTED_MIC),)),
    Verb(
        "system",
        "share what other programs play, or one of them",
        _source(SourceKind.MEDIA),
        (Place("on", slots.SWITCH), Place("program", slots.TEXT, optional=True)),
        _share_sound,
    ),
    Verb("music", "whether your microphone goes out as music, in stereo and as it is", {"do": "music"}, _STATE),
    Verb("speaker", "hear the others through another speaker", {"do": "speaker"}, (Place("to", slots.DEVICE),)),
    Verb(
        "volume",
        "how loud you hear somebody",
        {"do": "volume"},
        (Place("peer", slots.PERSON), Place("gain_db", slots.DECIBELS)),
    ),
    Verb("volume-all", "how loud you hear all", {"do": "volume"}, (Place("gain_db", slots.DECIBELS),)),
    Verb("deafen", "hear somebody no more, or nobody", {"do": "deafen", "on": True}, _PERHAPS_SOMEBODY),
    Verb("undeafen", "hear somebody again, or all", {"do": "deafen", "on": False}, _PERHAPS_SOMEBODY),
    Verb("hand", "your hand up, to say that you want to speak, or down", {"do": "hand"}, (Place("up", slots.HAND),)),
    Verb("lower-hand", "take somebody's hand down", {"do": "hand", "up": False}, _SOMEBODY),
    Verb(
        "play",
        "play a sound file or stream to everybody once",
        {"do": "play"},
        (Place("from", slots.PATH),),
        _play_once,
    ),
    Verb("pause", "hold what plays", {"do": "pause"}),
    Verb("resume", "play on", {"do": "resume"}),
    Verb("stop", "play no more", {"do": "stop"}),
    Verb("seek", "go to 1:30, or +10 or -10 seconds", {"do": "seek"}, (Place("to_s", slots.TIME),), _seek),
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
    Verb("new-code", "make a new code and link; the old ones stop working", {"do": "rotate_code"}),
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
