"""Whether this system lets us look at the screen; if not, a sentence with what to do about it."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys

import numpy as np
import numpy.typing as npt

from meshconf.errors import DeviceError, DeviceKind, Remedy


def require_display() -> None:
    """Check that there is a screen that may be looked at.

    Raises:
        DeviceError: no display, Wayland, or macOS without permission.
    """
    if sys.platform == "darwin":
        if not _permitted_by_macos():
            raise _forbidden_by_macos()
    elif sys.platform == "linux":
        # A nested X server inside Wayland, such as Xvfb, sets DISPLAY alone or clears the session's kind.
        if os.environ.get("XDG_SESSION_TYPE") == "wayland":
            raise DeviceError(
                "Wayland does not let meshconf look at the screen.",
                fix="log out and choose a session 'on Xorg'",
                kind=DeviceKind.SCREEN,
                remedy=Remedy.SHARE_FILE,
            )
        if not os.environ.get("DISPLAY"):
            raise DeviceError(
                "There is no screen here: DISPLAY is not set.",
                fix="run meshconf inside a desktop session",
                kind=DeviceKind.SCREEN,
                remedy=Remedy.SHARE_FILE,
            )


def require_pixels(pixels: npt.NDArray[np.uint8]) -> None:
    """Check the first capture: macOS gives a black one to whom it does not trust.

    Args:
        pixels: (height, width, 4), blue, green and red first.

    Raises:
        DeviceError: it is black on macOS.
    """
    if sys.platform == "darwin" and not pixels[..., :3].any():
        raise _forbidden_by_macos()


def _permitted_by_macos() -> bool:
    """Whether the system says so; older ones do not say."""
    library = ctypes.util.find_library("CoreGraphics")
    if library is None:
        return True
    ask = getattr(ctypes.CDLL(library), "CGPreflightScreenCaptureAccess", None)
    if ask is None:
        return True
    ask.restype = ctypes.c_bool
    return bool(ask())


def _forbidden_by_macos() -> DeviceError:
    return DeviceError(
        "macOS does not let this terminal look at the screen.",
        fix="allow it in System Settings, Privacy & Security, Screen Recording, and start the terminal again",
    )
