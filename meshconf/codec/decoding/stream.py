"""One stream in the decoder process: from encoded bytes to the picture bus, with its numbers on the board."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from meshconf.codec.decoding.board import Row, note
from meshconf.codec.decoding.decoder import PictureDecoder, Undecodable
from meshconf.codec.decoding.lane import Job
from meshconf.codec.decoding.planes import planes
from meshconf.media.encoded import Codec
from meshconf.media.stamp import WRAP
from meshconf.media.stamp import read as read_stamp
from meshconf.pictures.bus import PictureWriter
from meshconf.pictures.i420 import Planes
from meshconf.pictures.source import PictureSource

log = logging.getLogger("meshconf.codec")

FREEZE = 0.2
"""Seconds without a picture after which a moving source counts as frozen."""

_STAMP_EVERY = 0.1  # seconds between two looks at the clock in the picture
_NO_STAMP_EVERY = 1.0  # and while there is none
_OLDEST_STAMP = 60_000  # milliseconds; a clock further off is not ours
_ROOM_EVERY = 1.0  # seconds between two tries to find shared memory
_TELL_EVERY = 0.25  # seconds between two news of another size on the same bus


class Stream:
    """Decodes and publishes; holds the board's row, which `close` lets go.

    Args:
        codec: "VP8" or "H264".
        row: Its row on the board.
        new_bus: Makes a bus of that capacity and that number behind the prefix.
        next_bus: Gives numbers that no other bus of this process has.
    """

    def __init__(
        self, codec: Codec, row: Row, new_bus: Callable[[int, int], PictureWriter], next_bus: Callable[[], int]
    ) -> None:
        self._codec = codec
        self._row = row
        self._make_bus = new_bus
        self._next_bus = next_bus
        self._decoder = PictureDecoder(codec)
        self._source = PictureSource(self._new_bus)
        self._told: tuple[int, int, int] | None = None
        self._told_at = float("-inf")
        self._look_for_stamp = float("-inf")
        self._no_room_until = float("-inf")

    def show(self, job: Job) -> tuple[int, int, int] | None:
        """Decode a frame and put its picture on the bus.

        Returns:
            Number of the bus, width and height, where the engine has to hear of them; else None.

        Raises:
            Undecodable: The stream needs a keyframe.
        """
        started = time.monotonic()
        try:
            picture = self._decoder.decode(job.data)
            if picture is None:
                return None
            parts = planes(picture)
        except (Undecodable, ValueError) as error:
            self._row["errors"] += 1
            # Whatever it has kept of the past would only mislead it.
            self._decoder = PictureDecoder(self._codec)
            raise Undecodable(str(error)) from error
        finally:
            self._row["decode_s"] += time.monotonic() - started
        if time.monotonic() < self._no_room_until:
            return None
        try:
            self._source.write_planes(parts, timestamp=job.timestamp, captured=job.captured)
        except OSError as error:
            # The decoder is as good as before: nothing is asked of the sender.
            log.warning("no shared memory for a picture: %s", error)
            self._no_room_until = time.monotonic() + _ROOM_EVERY
            return None
        return self._note(parts, time.monotonic())

    def close(self, *, unlink: bool = False) -> None:
        """Give everything back.

        Args:
            unlink: Whether the bus loses its name as well, since the engine that should see to it is gone.
        """
        if unlink:
            self._source.unlink()
        self._source.close()
        self._row = None

    def _note(self, parts: Planes, now: float) -> tuple[int, int, int] | None:
        row = self._row
        height, width = parts[0].shape
        gap = now - float(row["last"])
        if row["frames"] and gap > FREEZE:
            row["frozen"] += gap
            note(row, "freezes", "freeze_ms", gap * 1000)
        row["last"], row["width"], row["height"] = now, width, height
        row["frames"] += 1
        if now >= self._look_for_stamp:
            stamped = read_stamp(parts[0])
            delay = (time.time() * 1000 - stamped) % WRAP if stamped is not None else WRAP
            if delay < _OLDEST_STAMP:
                note(row, "delays", "delay_ms", delay)
            self._look_for_stamp = now + (_STAMP_EVERY if delay < _OLDEST_STAMP else _NO_STAMP_EVERY)
        news = (int(row["bus"]), width, height)
        if news == self._told or (self._told and news[0] == self._told[0] and now - self._told_at < _TELL_EVERY):
            return None  # somebody who sends another size with each frame is not worth as many messages
        self._told, self._told_at = news, now
        return news

    def _new_bus(self, capacity: int) -> PictureWriter:
        # Noted first: should this process be killed right after, the engine knows all names that may be there.
        self._row["former_bus"] = self._row["bus"]
        self._row["bus"] = number = self._next_bus()
        try:
            return self._make_bus(number, capacity)
        except OSError:
            self._row["bus"] = self._row["former_bus"]
            raise
