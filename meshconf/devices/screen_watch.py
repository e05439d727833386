"""Tells when a screen may have changed, so that one that stands still is not even looked at.

X11 tells by its DAMAGE extension, and of the pointer when asked. Elsewhere one has to look: often while something
moves, rarely while nothing does.
"""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
import time
from typing import Any, Protocol

from meshconf.devices.base import DeviceLost
from meshconf.devices.worker import Metronome

_POINTER_S = 1 / 15
"""X11: how often the pointer is asked for its place."""
_AT_LEAST_S = 2.0
"""How often one looks in any case: other shapes of the pointer are not told, nor are other monitors."""

_ACTIVE_S = 1.0
"""Elsewhere: so long after a change one looks as often as pictures may come."""
_IDLE_S = 1 / 8
"""And so often later; then the first picture of a motion comes so late."""

log = logging.getLogger("meshconf.devices")


class Watch(Protocol):
    """Knows when to look."""

    def wait(self, stopping: threading.Event) -> None:
        """Return when it is time to look, or when `stopping` is set."""
        ...

    def looked(self, *, changed: bool) -> None:
        """Whether something had changed."""
        ...

    def close(self) -> None:
        """Let go of the display."""
        ...


def watch(fps: int) -> Watch:
    """The best watch that works here, for at most so many pictures a second."""
    if sys.platform == "linux":
        try:
            return DamageWatch(os.environ["DISPLAY"], fps)
        except Exception as error:  # python-xlib hands on whatever goes wrong
            log.info("changes of the screen are looked for, since X11 does not tell them: %s", error)
    return PollingWatch(fps)


class PollingWatch:
    """Looks, for want of somebody who tells."""

    def __init__(self, fps: int) -> None:
        self._metronome = Metronome(1 / fps)
        self._changed = time.monotonic()

    def wait(self, stopping: threading.Event) -> None:
        """As `Watch.wait`."""
        idle = time.monotonic() - self._changed > _ACTIVE_S
        stopping.wait(_IDLE_S if idle else self._metronome.delay())

    def looked(self, *, changed: bool) -> None:
        """As `Watch.looked`."""
        if changed:
            self._changed = time.monotonic()

    def close(self) -> None:
        """As `Watch.close`."""


class DamageWatch:
    """Is told by X11; a connection of its own, since that of mss cannot wait."""

    def __init__(self, display: str, fps: int) -> None:
        """Connect.

        Args:
            display: such as `:0`.
            fps: most pictures a second.

        Raises:
            Exception: whatever python-xlib raises where there is no display, or no DAMAGE.
        """
        from Xlib.display import Display  # type: ignore[import-untyped]
        from Xlib.ext import damage  # type: ignore[import-untyped]

        # Types of python-xlib's extensions are made while it runs.
        self._display: Any = Display(display)
        try:
            self._display.damage_query_version()
            self._root = self._display.screen().root
            self._damage = self._root.damage_create(damage.DamageReportNonEmpty)
            self._notify = self._display.extension_event.DamageNotify
            self._pointer = self._where()
        except BaseException:
            self._display.close()
            raise
        self._metronome = Metronome(1 / fps)
        self._looked = 0.0

    def wait(self, stopping: threading.Event) -> None:
        """As `Watch.wait`.

        Raises:
            DeviceLost: the display is gone.
        """
        stopping.wait(self._metronome.delay())
        try:
            while not stopping.is_set() and not self._stirred():
                select.select([self._display.fileno()], [], [], _POINTER_S)
            # Before the look, so that what changes during it is told.
            self._display.damage_subtract(self._damage)
            self._display.flush()
        except Exception as error:  # as above
            raise DeviceLost(f"The screen cannot be seen any more: {error}.", fix="share it again") from error
        self._looked = time.monotonic()

    def looked(self, *, changed: bool) -> None:
        """As `Watch.looked`."""

    def close(self) -> None:
        """As `Watch.close`."""
        self._display.close()

    def _stirred(self) -> bool:
        """Whether anything was drawn, the pointer has moved, or nobody has looked for long."""
        stirred = time.monotonic() - self._looked > _AT_LEAST_S
        while self._display.pending_events():
            stirred |= self._display.next_event().type == self._notify
        if not stirred and (place := self._where()) != self._pointer:
            self._pointer = place
            stirred = True
        return stirred

    def _where(self) -> tuple[int, int]:
        pointer = self._root.query_pointer()
        return pointer.root_x, pointer.root_y
