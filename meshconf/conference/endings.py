"""Why a meeting is over for us, as programs and people are told it: an exit code, and a sentence."""

from __future__ import annotations

from meshconf.errors import DeviceError, NetworkError, Refused
from meshconf.protocol.text import clean
from meshconf.types import Ending

_EXIT_CODES: dict[str, int] = {
    Ending.REMOVED: Refused.exit_code,
    Ending.STRANDED: NetworkError.exit_code,
    Ending.DEVICE: DeviceError.exit_code,
    Ending.INTERRUPTED: 130,  # as a shell counts SIGINT
}

_SENTENCES: dict[str, str] = {
    Ending.LEFT: "You left {}.",
    Ending.ENDED: "{} is over: it was ended for all.",
    Ending.REMOVED: "You were removed from {} and cannot come back to it.",
    Ending.ELSEWHERE: "You have joined {} from another computer with the same key; it goes on there.",
    Ending.STRANDED: (
        "You were let in, but nobody in {} can be reached: whoever opened the door may have left at that very moment. "
        "Please join again."
    ),
    Ending.INTERRUPTED: "{} is over: it was stopped on this computer.",
    Ending.DEVICE: "{} is over: a device that it was started with could not be opened.",
}


def exit_code(ending: str) -> int:
    """Of the program that held the meeting; 0 where nothing went wrong, and for endings that we do not know."""
    return _EXIT_CODES.get(ending, 0)


def sentence(ending: str, title: str = "") -> str:
    """Why it is over.

    Args:
        ending: an `Ending`; as an engine may be newer than its face, any other word is shown as it is.
        title: what the meeting is called.
    """
    called = clean(title, 60)
    form = _SENTENCES.get(ending, "{} is over: {why}." if ending else "{} is over.")
    said = form.format(called or "the meeting", why=clean(ending, 60))
    return said if called else said[0].upper() + said[1:]
