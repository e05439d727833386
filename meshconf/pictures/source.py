"""The pictures of one source, whatever their size: when one outgrows the bus, a larger bus takes over.

Readers have to be told the new name; they keep the old pictures until they follow. One thread.
"""

from __future__ import annotations

from collections.abc import Callable

from meshconf.pictures.bus import MAX_BYTES, PictureWriter
from meshconf.pictures.i420 import Picture, Planes, check_picture, planes_of


class PictureSource:
    """Writes one source's pictures.

    Args:
        new_bus: Makes a bus of a capacity in bytes; raises as `PictureWriter` does.
    """

    def __init__(self, new_bus: Callable[[int], PictureWriter] = PictureWriter) -> None:
        self._new_bus = new_bus
        self._bus: PictureWriter | None = None

    @property
    def name(self) -> str | None:
        """Name of the bus with the newest picture; None before the first."""
        return self._bus.name if self._bus is not None else None

    def write(self, picture: Picture) -> bool:
        """Publish a picture, as `PictureWriter.write` does.

        Returns:
            Whether it is on a bus that was not there before.

        Raises:
            ValueError: It is no I420 picture, or larger than any bus.
            OSError: No shared memory is left.
        """
        check_picture(picture)
        return self.write_planes(planes_of(picture))

    def write_planes(self, planes: Planes, *, timestamp: int = 0, captured: float = 0.0) -> bool:
        """Publish a picture, as `PictureWriter.write_planes` does; returns and raises what `write` does."""
        height, width = planes[0].shape
        size = width * height * 3 // 2
        if size > MAX_BYTES:
            raise ValueError(f"a picture of {size} bytes does not fit on any bus")
        before = self._bus
        if before is not None and size <= before.capacity:
            before.write_planes(planes, timestamp=timestamp, captured=captured)
            return False
        # At least twice the room of the one before: however pictures grow, there are few buses.
        bus = self._new_bus(size if before is None else min(max(size, 2 * before.capacity), MAX_BYTES))
        try:
            bus.write_planes(planes, timestamp=timestamp, captured=captured)
        except ValueError:
            bus.unlink()
            bus.close()
            raise
        self._bus = bus
        if before is not None:
            before.close()
        return True

    def unlink(self) -> None:
        """Take the name away, also where somebody else should: for a process whose owner is gone."""
        if self._bus is not None:
            self._bus.unlink()

    def close(self) -> None:
        """Give the memory back; the name goes as `PictureWriter.close` says."""
        if self._bus is not None:
            self._bus.close()
            self._bus = None
