"""Three requests of the X Keyboard Extension that python-xlib lacks (XKB protocol, section 16.3).

After them a key that is held is pressed again and again without being released in between, events name the group, and
one tells of another keyboard or layout.
"""

from __future__ import annotations

from typing import Any

from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.protocol import rq  # type: ignore[import-untyped]

_EXTENSION = "XKEYBOARD"
_DETECTABLE_AUTOREPEAT = 1
_CORE_KEYBOARD = 0x100
_NEW_KEYBOARD, _MAP = 1, 2  # bits of events
_WHOLE_MAP = 0xFF


class _UseExtension(rq.ReplyRequest):  # type: ignore[misc]
    _request = rq.Struct(
        rq.Card8("opcode"), rq.Opcode(0), rq.RequestLength(), rq.Card16("major_version"), rq.Card16("minor_version")
    )
    _reply = rq.Struct(rq.ReplyCode(), rq.Bool("supported"), rq.Card16("sequence_number"), rq.ReplyLength(), rq.Pad(24))


class _SelectEvents(rq.Request):  # type: ignore[misc]
    _request = rq.Struct(
        rq.Card8("opcode"),
        rq.Opcode(1),
        rq.RequestLength(),
        rq.Card16("device"),
        rq.Card16("affected"),
        rq.Card16("clear"),
        rq.Card16("all"),
        rq.Card16("affected_map"),
        rq.Card16("map"),
    )


class _PerClientFlags(rq.ReplyRequest):  # type: ignore[misc]
    _request = rq.Struct(
        rq.Card8("opcode"),
        rq.Opcode(21),
        rq.RequestLength(),
        rq.Card16("device"),
        rq.Pad(2),
        rq.Card32("change"),
        rq.Card32("value"),
        rq.Card32("controls_to_change"),
        rq.Card32("automatic_controls"),
        rq.Card32("automatic_values"),
    )
    _reply = rq.Struct(
        rq.ReplyCode(),
        rq.Card8("device"),
        rq.Card16("sequence_number"),
        rq.ReplyLength(),
        rq.Card32("supported"),
        rq.Card32("value"),
        rq.Pad(16),
    )


def prepare(display: Display) -> int | None:
    """Have keys reported that way.

    Returns:
        The type of the event after which keys may mean something else; None where the server has no such extension.
    """
    extension: Any = display.query_extension(_EXTENSION)
    if extension is None or not extension.present:
        return None
    opcode = extension.major_opcode
    if not _UseExtension(display=display.display, opcode=opcode, major_version=1, minor_version=0).supported:
        return None
    _PerClientFlags(
        display=display.display,
        opcode=opcode,
        device=_CORE_KEYBOARD,
        change=_DETECTABLE_AUTOREPEAT,
        value=_DETECTABLE_AUTOREPEAT,
        controls_to_change=0,
        automatic_controls=0,
        automatic_values=0,
    )
    _SelectEvents(
        display=display.display,
        opcode=opcode,
        device=_CORE_KEYBOARD,
        affected=_NEW_KEYBOARD | _MAP,
        clear=0,
        all=_NEW_KEYBOARD | _MAP,
        affected_map=_WHOLE_MAP,
        map=_WHOLE_MAP,
    )
    return int(extension.first_event)
