"""The owner's own mouse and keyboard on an X display: raw events of XInput 2 (XI2 protocol, XI_RawKeyPress and others).

They come from the devices, whatever window has the focus or a grab, and tell which are ours.
"""

from __future__ import annotations

import struct
import time

from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.ext import xinput  # type: ignore[import-untyped]

from meshconf.devices.input.own import Expected, Kind

_KINDS: dict[int, Kind] = {13: "key down", 14: "key up", 15: "button down", 16: "button up", 17: "motion"}
_HEAD = struct.Struct("<HIIH")
"""Device, time, detail, source device: the beginning of a raw event, after its type."""
_MASTERS = (1, 2)
"""XIMasterPointer, XIMasterKeyboard."""
_VERSION = (2, 2)
"""From here on raw events come also while somebody has a grab."""


class X11Watch:
    """Sees every event of every input device.

    Args:
        expected: which of them are ours.

    Raises:
        Exception: whatever python-xlib raises where there is no display, or no XInput 2.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._display = Display()
        opcode = self._display.display.get_extension_major(xinput.extname)
        major, minor = _VERSION
        xinput.XIQueryVersion(display=self._display.display, opcode=opcode, major_version=major, minor_version=minor)
        devices = self._display.xinput_query_device(xinput.AllDevices).devices
        self._injecting = {device.deviceid for device in devices if "XTEST" in device.name}
        """Through these we inject, and maybe others."""
        self._masters = {device.deviceid for device in devices if device.use in _MASTERS}
        mask = sum(1 << kind for kind in _KINDS)
        self._display.screen().root.xinput_select_events([(xinput.AllDevices, mask)])
        self._display.sync()

    def fileno(self) -> int:
        """What to wait for."""
        number: int = self._display.fileno()
        return number

    def owners(self) -> list[tuple[Kind, int]]:
        """What the owner did since the last call: what, and which keycode or button."""
        found = []
        now = time.monotonic()
        while self._display.pending_events():
            event = self._display.next_event()
            kind = _KINDS.get(getattr(event, "evtype", 0))
            if kind is None or not isinstance(event.data, bytes) or len(event.data) < _HEAD.size:
                continue
            device, _, detail, _ = _HEAD.unpack_from(event.data)
            if device in self._masters:  # said once more, by the device that has the pointer or the focus
                continue
            ours = device in self._injecting and self._expected.take(kind, 0 if kind == "motion" else detail, now=now)
            if not ours:
                found.append((kind, detail))
        return found

    def close(self) -> None:
        """Look no more."""
        self._display.close()
