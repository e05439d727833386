"""The words of `meshconf ctl` as commands of the control API. Pure: the engine checks the values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from meshconf.errors import UsageError
from meshconf.types import SourceKind

Command = dict[str, Any]

_PLAIN: dict[str, Command] = {
    "mute": {"do": "source", "source": "mic", "on": False},
    "unmute": {"do": "source", "source": "mic", "on": True},
    "rotate-code": {"do": "rotate_code"},
    "end": {"do": "end"},
    "leave": {"do": "leave"},
}
_FORMS = {
    "chat": "chat TEXT...",
    "source": "source mic|camera|screen|media on|off [SRC]",
    **{kind.value: f"{kind.value} on|off [SRC]" for kind in SourceKind},
    "volume": "volume PEER DB",
    "status": "status",
    **{word: word for word in _PLAIN},
}


def read_words(words: Sequence[str]) -> Command:
    """The command that the words mean; a peer may be given by name, which is for the caller to resolve.

    Raises:
        UsageError: they mean none; the sentence shows the right form.
    """
    verb, rest = words[0], list(words[1:])
    if verb.lstrip().startswith("{"):
        return _read_json(" ".join(words))
    if verb not in _FORMS:
        near = get_close_matches(verb, _FORMS, 1)
        hint = f"did you mean `{_FORMS[near[0]]}`?" if near else f"known are {', '.join(_FORMS)}"
        raise UsageError(f"there is no command {verb!r}; {hint}")
    match verb, rest:
        case "chat", [_, *_]:
            return {"do": "chat", "text": " ".join(rest)}
        case "source", [kind, *switch] if kind in tuple(SourceKind):
            return _switch(kind, switch, "source")
        case "mic" | "camera" | "screen" | "media", switch:
            return _switch(verb, switch, verb)
        case "volume", [peer, gain]:
            return {"do": "volume", "peer": peer, "gain_db": _decibels(gain)}
        case word, [] if word in _PLAIN:
            return dict(_PLAIN[word])
    raise _wrong_form(verb)


def _switch(kind: str, words: Sequence[str], verb: str) -> Command:
    match words:
        case ["on" | "off" as state]:
            return {"do": "source", "source": kind, "on": state == "on"}
        case ["on", spec]:
            return {"do": "source", "source": kind, "on": True, "from": spec}
    raise _wrong_form(verb)


def _decibels(text: str) -> float:
    try:
        return float(text.lower().removesuffix("db"))
    except ValueError:
        raise _wrong_form("volume") from None


def _read_json(text: str) -> Command:
    try:
        command = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"that is not one JSON object: {error}") from error
    assert isinstance(command, dict), "text that begins with a brace and is JSON is an object"
    return command


def _wrong_form(verb: str) -> UsageError:
    return UsageError(f"the form is: meshconf ctl {_FORMS[verb]}")
