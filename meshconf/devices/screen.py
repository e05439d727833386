"""The screen through mss (X11, Windows, macOS). One thread owns the connection to the display.

Wayland lets no program look at the screen unasked; that ends in a sentence here.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.fit import fit
from meshconf.devices.handover import Handover
from meshconf.devices.worker import Metronome, Worker
from meshconf.errors import DeviceError

if TYPE_CHECKING:
    import mss


@dataclass(frozen=True)
class Monitor:
    """One monitor of the display."""

    number: int
    """As in `--screen NUMBER`; 1 is the first."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""


def require_display() -> None:
    """Check that there is a screen that may be looked at.

    Raises:
        DeviceError: no display, or Wayland.
    """
    if sys.platform != "linux":
        return
    if os.environ.get("XDG_SESSION_TYPE") == "wayland":
        raise DeviceError(
            "Wayland does not let meshconf look at the screen.",
            fix="log out and choose a session 'on Xorg', or share a file with --screen file:PATH",
        )
    if not os.environ.get("DISPLAY"):
        raise DeviceError(
            "There is no screen here: DISPLAY is not set.",
            fix="run meshconf inside a desktop session, or share a file with --screen file:PATH",
        )


def monitors() -> list[Monitor]:
    """All monitors; takes some milliseconds.

    Raises:
        DeviceError: as `require_display`, or the display does not answer.
    """
    with _connect() as display:
        return [Monitor(n, m["width"], m["height"]) for n, m in enumerate(display.monitors) if n > 0]


class Screen:
    """One shared monitor; a `VideoSource`."""

    def __init__(self, name: str, width: int, height: int, fps: int) -> None:
        """Start capturing; takes some milliseconds, so call it in a thread.

        Args:
            name: `default` (the first monitor), a monitor's number, or `all`.
            width: pixels of the pictures to give, even.
            height: pixels, even.
            fps: pictures a second.

        Raises:
            DeviceError: no display, Wayland, or no such monitor.
        """
        self._pictures: Handover[av.VideoFrame] = Handover(1)
        self._worker = Worker("the screen", _Grabber(name, width, height, fps, self._pictures), self._pictures.fail)

    async def read(self) -> av.VideoFrame:
        """The next picture; see `VideoSource.read`."""
        return await self._pictures.get()

    def close(self) -> None:
        """Stop looking; see `VideoSource.close`."""
        self._pictures.fail(SourceEnded("The screen is no longer shared."))
        self._worker.close()


class _Grabber:
    def __init__(self, name: str, width: int, height: int, fps: int, pictures: Handover[av.VideoFrame]) -> None:
        self._name = name
        self._size = width, height
        self._pictures = pictures
        self._metronome = Metronome(1 / fps)
        self._display: mss.MSS | None = None

    def open(self) -> None:
        self._display = _connect()
        self._number = _number(self._name, len(self._display.monitors) - 1)

    def step(self, stopping: threading.Event) -> None:
        if stopping.wait(self._metronome.delay()):
            return
        assert self._display is not None
        captured = time.monotonic()
        try:
            shot = self._display.grab(self._display.monitors[self._number])
        except Exception as error:  # mss hands on whatever its back-end raises
            raise DeviceLost(f"The screen cannot be seen any more: {error}.", fix="share it again") from error
        pixels = np.frombuffer(shot.bgra, dtype=np.uint8).reshape(shot.height, shot.width, 4)
        self._pictures.put(fit(av.VideoFrame.from_ndarray(pixels, format="bgra"), *self._size, captured))

    def release(self) -> None:
        if self._display is not None:
            self._display.close()


def _connect() -> mss.MSS:
    require_display()
    import mss

    try:
        return mss.MSS(with_cursor=True)
    except Exception as error:  # mss hands on whatever its back-end raises
        raise DeviceError(
            f"The display {os.environ.get('DISPLAY', '')} does not answer.",
            fix="run meshconf inside a desktop session; over ssh, use ssh -X",
        ) from error


def _number(name: str, count: int) -> int:
    if name == "all":
        return 0
    number = 1 if name == "default" else int(name) if name.isdecimal() and len(name) <= 3 else -1
    if not 1 <= number <= count:
        raise DeviceError(
            f"There is no screen {name!r}; this display has {count}.", fix="choose one with --screen NUMBER, or 'all'"
        )
    return number
