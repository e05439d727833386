"""Whether this machine can be controlled; if not, a sentence with what to do about it."""

from __future__ import annotations

import importlib.util
import os
import sys

from meshconf.devices.screen_permission import require_display
from meshconf.errors import DeviceError


def require_control(environ: dict[str, str] | None = None) -> None:
    """Check that somebody could act here; takes no time, and opens nothing.

    Args:
        environ: the environment; that of this process if None.

    Raises:
        DeviceError: no display, Wayland, macOS without permission, or a library is missing.
    """
    environ = dict(os.environ) if environ is None else environ
    if sys.platform == "linux":
        if environ.get("XDG_SESSION_TYPE") == "wayland":
            raise DeviceError(
                "Wayland does not let meshconf use mouse and keyboard, so nobody can control this machine.",
                fix="log out and choose a session 'on Xorg'",
            )
        if not environ.get("DISPLAY"):
            raise DeviceError(
                "There is no display here, so nobody can control this machine; it can control others.",
                fix="run meshconf inside a desktop session",
            )
        return
    require_display()
    if importlib.util.find_spec("pynput") is None:
        raise DeviceError("Nobody can control this machine: pynput is missing.", fix="pip install 'meshconf[control]'")
