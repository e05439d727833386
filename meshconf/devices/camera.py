"""A camera through OpenCV's capture. One thread opens, reads and releases it, so that its light goes out at once.

OpenCV is imported by the first camera. It is used for cameras only, never for files or streams.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import av

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.fit import fit
from meshconf.devices.handover import Handover
from meshconf.devices.worker import Worker
from meshconf.errors import DeviceError, DeviceKind, Remedy

_TRIES = 15
"""Failed reads in a row after which a camera counts as lost; the first pictures of many cameras fail."""

_V4L = Path("/sys/class/video4linux")


def cameras() -> list[tuple[int, str]]:
    """Index and name of each camera, as far as the system tells without opening it (Linux; elsewhere empty)."""
    found: list[tuple[int, str]] = []
    for node in sorted(_V4L.glob("video[0-9]*"), key=lambda node: int(node.name[5:])):
        try:
            name = (node / "name").read_text().strip()
            # A webcam has a second node for metadata, which gives no pictures.
            secondary = (node / "index").read_text().strip() != "0"
        except OSError:
            continue
        if not secondary:
            found.append((int(node.name[5:]), name))
    return found


class Camera:
    """One open camera; a `VideoSource`."""

    def __init__(self, name: str, width: int, height: int, fps: int) -> None:
        """Open it; takes up to seconds, so call it in a thread.

        Args:
            name: `default`, an index, `/dev/videoN`, a camera's name or a part of it.
            width: pixels of the pictures to give, even; the camera is asked for the same.
            height: pixels, even.
            fps: pictures a second to ask the camera for.

        Raises:
            DeviceError: there is no such camera, or it is in use.
        """
        index = _find(name)
        self._pictures: Handover[av.VideoFrame] = Handover(2)
        self._worker = Worker("the camera", _Capture(index, width, height, fps, self._pictures), self._pictures.fail)

    async def read(self) -> av.VideoFrame:
        """The next picture; see `VideoSource.read`."""
        return await self._pictures.get()

    def close(self) -> None:
        """Switch the camera off; see `VideoSource.close`."""
        self._pictures.fail(SourceEnded("The camera was switched off."))
        self._worker.close()


class _Capture:
    def __init__(self, index: int, width: int, height: int, fps: int, pictures: Handover[av.VideoFrame]) -> None:
        self._index = index
        self._size = width, height
        self._fps = fps
        self._pictures = pictures
        self._capture: Any = None
        self._failures = 0

    def open(self) -> None:
        import cv2

        self._capture = capture = cv2.VideoCapture(self._index)
        if not capture.isOpened():
            raise DeviceError(
                "The camera does not open: another program uses it, or this user may not.",
                fix="close the other program; on Linux: sudo usermod -aG video $USER, then log in again",
            )
        # Uncompressed pictures of 720p and more do not fit USB 2 at full rate.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def step(self, stopping: threading.Event) -> None:
        whole, picture = self._capture.read()
        captured = time.monotonic()
        if not whole:
            self._failures += 1
            if self._failures >= _TRIES:
                raise _missing("The camera gives no pictures any more.", DeviceLost)
            stopping.wait(0.02)
            return
        self._failures = 0
        self._pictures.put(fit(av.VideoFrame.from_ndarray(picture, format="bgr24"), *self._size, captured))

    def release(self) -> None:
        if self._capture is not None:
            self._capture.release()


def _find(name: str) -> int:
    known = cameras()
    number = name.removeprefix("/dev/video")
    if number.isdigit() and len(number) <= 3:
        index = int(number)
        if sys.platform == "linux" and not Path(f"/dev/video{index}").exists():
            raise _missing(f"There is no camera {index}.")
        return index
    if name == "default":
        if known:
            return known[0][0]
        if sys.platform == "linux":
            raise _missing("This machine has no camera.")
        return 0
    for index, title in known:
        if name.casefold() in title.casefold():
            return index
    raise DeviceError(f"There is no camera named {name!r}.", kind=DeviceKind.CAMERA, remedy=Remedy.CHOOSE_LISTED)


def _missing(sentence: str, error: type[DeviceError] = DeviceError) -> DeviceError:
    return error(sentence, fix="plug in a camera", kind=DeviceKind.CAMERA, remedy=Remedy.CHOOSE_ANOTHER)
