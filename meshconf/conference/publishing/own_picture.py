"""Where one source of ours is seen by ourselves: drawn by the thread that encodes it, given back by the event loop."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from meshconf.codec.decoding.planes import planes
from meshconf.pictures.source import PictureSource

if TYPE_CHECKING:
    import av

log = logging.getLogger("meshconf.conference")


class OwnPicture:
    """The picture bus of one source of ours."""

    def __init__(self) -> None:
        self._pictures: PictureSource | None = PictureSource()
        self._using = threading.Lock()
        self._complained = False

    @property
    def name(self) -> str | None:
        """Name of the bus with the newest picture; None before the first, and once it is closed."""
        pictures = self._pictures
        return None if pictures is None else pictures.name

    def write(self, frame: av.VideoFrame) -> None:
        """Show a picture; copies it, and converts it where it is no I420. What cannot be shown is logged once."""
        with self._using:
            if self._pictures is None:
                return
            try:
                self._pictures.write_planes(planes(frame))
            except (OSError, ValueError) as error:
                if not self._complained:
                    log.warning("our own picture is not shown: %s", error)
                self._complained = True
            else:
                self._complained = False

    def close(self) -> None:
        """Give the memory back; waits for a picture that is being written, which takes milliseconds."""
        with self._using:
            if self._pictures is not None:
                self._pictures.close()
                self._pictures = None
