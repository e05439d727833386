"""A failure as one event and as one sentence.

What meshconf has to offer for a missing device is an option for whoever starts it, a command in a meeting that runs,
and `meshconf ctl` in a shell: each face puts it into its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from meshconf.conference.events import DeviceFailure, Error
from meshconf.errors import DeviceError, DeviceKind, MeshconfError, Refused, Remedy

Words = Callable[[DeviceKind, str], str]
"""How a face says that a device of a kind is chosen by a name."""

_OFFERS: dict[Remedy, tuple[str, tuple[str, ...]]] = {
    Remedy.CHOOSE_ANOTHER: ("choose another with {}", ("NAME",)),
    Remedy.CHOOSE_LISTED: ("`meshconf devices` lists them; choose one with {}", ("NAME",)),
    Remedy.CHOOSE_DEFAULT: ("choose one with {}, or {}", ("NAME", "default")),
    Remedy.CHOOSE_AREA: (
        "choose a monitor with {}, all of them with 'all', or a part with region:WIDTHxHEIGHT+LEFT+TOP",
        ("NUMBER",),
    ),
    Remedy.SEND_TEST_TONE: ("send a test tone with {}", ("test",)),
    Remedy.SHOW_TEST_PICTURE: ("show a test picture with {}", ("test",)),
    Remedy.SHARE_FILE: ("share a file with {}", ("file:PATH",)),
    Remedy.PLAY_NOWHERE: ("play to nowhere with {}", ("null",)),
}
"""What each remedy is, and the names that it is about."""


def as_option(kind: DeviceKind, name: str) -> str:
    """In the words of the command line that starts or joins."""
    return f"--{kind} {name}"


def as_command(kind: DeviceKind, name: str) -> str:
    """In the words of a meeting that runs."""
    return f"/{kind} {name}" if kind is DeviceKind.SPEAKER else f"/{kind} on {name}"


def in_shell(kind: DeviceKind, name: str) -> str:
    """In the words of a shell beside a meeting that runs."""
    return f"meshconf ctl {as_command(kind, name).removeprefix('/')}"


def fix_of(error: MeshconfError, words: Words = as_option) -> str:
    """What can be done about it; empty where nobody knows."""
    if not isinstance(error, DeviceError):
        return ""
    if error.kind is None or error.remedy is None:
        return error.fix
    offer, names = _OFFERS[error.remedy]
    offered = offer.format(*(words(error.kind, name) for name in names))
    return f"{error.fix}, or {offered}" if error.fix else offered


def sentence_of(error: MeshconfError, words: Words = as_option) -> str:
    """What happened and, where something can be mended, how."""
    happened, fix = str(error), fix_of(error, words)
    if not fix:
        return happened
    return f"{happened if happened.endswith(('.', '!', '?')) else f'{happened}.'} To mend it: {fix}"


def sentence_in_meeting(error: MeshconfError) -> str:
    """As `sentence_of`, for somebody whose meeting runs."""
    return sentence_of(error, as_command)


def sentence_in_shell(event: Mapping[str, Any]) -> str:
    """What an `error` event of a meeting that runs says to somebody who commands it by `meshconf ctl`."""
    if (parts := event.get("failure")) is None:
        return str(event["message"])
    failure = msgspec.convert(parts, DeviceFailure)
    return sentence_of(
        DeviceError(failure.sentence, fix=failure.fix, kind=failure.kind, remedy=failure.remedy), in_shell
    )


def event_of(error: MeshconfError, *, id: int | None = None) -> Error:
    """The event behind an error; `id` is that of the command that failed, if it was one."""
    return Error(
        code=error.code,
        message=sentence_in_meeting(error),
        reason=error.reason if isinstance(error, Refused) else None,
        failure=DeviceFailure(str(error), error.fix, error.kind, error.remedy)
        if isinstance(error, DeviceError)
        else None,
        id=id,
    )
