"""Whether there is a display to put windows on, found out without loading a graphics library."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Mapping

_DISPLAY = re.compile(r"(?P<host>[^:/]*):(?P<number>\d+)(\.\d+)?")
_TIMEOUT = 1.0  # seconds; a local X server answers at once


def missing_display(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Why no window can be shown, as a sentence and its remedy; None if nothing speaks against it.

    May block for a second on a display of another machine.
    """
    if sys.platform in ("win32", "darwin"):
        return None
    name = environ.get("DISPLAY", "")
    if not name:
        fix = "run meshconf inside a desktop session, or log in with ssh -X"
        if environ.get("WAYLAND_DISPLAY"):
            fix = "install XWayland (Debian: sudo apt install xwayland) and set DISPLAY"
        return "There is no display; windows stay off.", fix
    if not _answers(name):
        return f"The display {name} does not answer; windows stay off.", "check DISPLAY and that its X server runs"
    return None


def _answers(name: str) -> bool:
    match = _DISPLAY.fullmatch(name)
    if match is None:
        return True  # a form we do not know (XQuartz has a path): let the library try
    number = int(match["number"])
    if match["host"] in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen, by definition
        # Linux servers listen in the abstract namespace too, which a container without that folder still sees.
        return _connects(socket.AF_UNIX, path) or (sys.platform == "linux" and _connects(socket.AF_UNIX, "\0" + path))
    return _connects(socket.AF_INET, (match["host"], 6000 + number))


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_TIMEOUT)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
