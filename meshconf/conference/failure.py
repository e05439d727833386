"""A failure as one event and as one sentence, the same for every face.

What mends a missing device is written for whoever starts the program; in a meeting that runs, its commands are named.
"""

from __future__ import annotations

import re

from meshconf.conference.events import Error
from meshconf.errors import DeviceError, MeshconfError, Refused

_SOURCE = re.compile(r"--(camera|mic|screen) (?=\S)")
_SPEAKER = re.compile(r"--speaker [^\s,]+")
_COMMAND = re.compile(r"(?<!\S)/(camera|mic|screen) on ")


def sentence_of(error: MeshconfError) -> str:
    """What happened and, where something can be mended, how."""
    if not isinstance(error, DeviceError) or not error.fix:
        return str(error)
    happened = str(error)
    return f"{happened if happened.endswith(('.', '!', '?')) else f'{happened}.'} To mend it: {error.fix}"


def sentence_in_meeting(error: MeshconfError) -> str:
    """As `sentence_of`, for somebody whose meeting runs: no option of the start is of use there."""
    sentence = sentence_of(error)
    if not isinstance(error, DeviceError):
        return sentence
    return _SPEAKER.sub(r"\g<0> when you start or join", _SOURCE.sub(r"/\1 on ", sentence))


def for_shells(sentence: str) -> str:
    """A sentence of a meeting that runs for somebody who commands it by `meshconf ctl`."""
    return _COMMAND.sub(r"meshconf ctl \1 on ", sentence)


def event_of(error: MeshconfError, *, id: int | None = None) -> Error:
    """The event behind an error; `id` is that of the command that failed, if it was one."""
    reason = error.reason if isinstance(error, Refused) else None
    return Error(code=error.code, message=sentence_in_meeting(error), reason=reason, id=id)
