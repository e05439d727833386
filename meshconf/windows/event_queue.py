"""Keeps Xlib from taking events that belong to Qt, which OpenCV's wheel for Linux lets happen.

The wheel brings an old libX11-xcb but uses the system's libX11, in which a private structure has grown since. So Qt's
`XSetEventQueueOwner` writes beside its mark, and Xlib reads and drops the events of Qt. A window that misses its
MapNotify is never painted: 3 to 6 of 100 new windows stayed white on a busy machine. Besides, each is told once more
that it is on the display (`x11.display`), which alone mended all of 312; what else Qt may miss, nobody tells again.
"""

from __future__ import annotations

import ctypes
import logging
import sys

log = logging.getLogger("meshconf.windows")

_LIBRARY = "libX11-xcb.so.1"  # part of every Debian, Fedora and Arch desktop; fits the libX11 beside it


def keep_events_for_qt() -> bool:
    """Let Qt find the system's libX11-xcb before the wheel's; call it before the first window.

    Returns:
        Whether that was possible; without it windows work too, but now and then Qt misses something.
    """
    if sys.platform != "linux":
        return True
    try:
        # Global symbols are found before those of the libraries that Qt's plugin brings along.
        ctypes.CDLL(_LIBRARY, mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        log.warning("new windows may stay white: %s", error)
        return False
    return True
