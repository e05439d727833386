"""A decoder host whose news are noted, and eyes on its buses: for tests with a real decoder process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from meshconf.codec.decoding.host import DecoderHost
from meshconf.media.encoded import EncodedFrame
from meshconf.pictures.bus import PictureReader
from meshconf.pictures.i420 import Picture
from tests.support.waiting import until


class Watched:
    """A host, what it has said, and readers of what it shows."""

    def __init__(self) -> None:
        self.pictures: list[tuple[str, int, int, str]] = []
        self.asked: list[str] = []
        self.host: DecoderHost[str] = DecoderHost(lambda *news: self.pictures.append(news), self.asked.append)
        self._readers: dict[str, PictureReader] = {}

    async def started(self) -> Watched:
        """Start it and wait until its process is ready."""
        self.host.start()
        await eventually(lambda: self.host.ready)
        return self

    def reader(self, stream: str) -> PictureReader | None:
        """A reader of the bus that the stream has now; the same as before while that is the same."""
        name = self.host.bus(stream)
        if name is None:
            return None
        if name not in self._readers:
            self._readers[name] = PictureReader(name)
        return self._readers[name]

    def time_shown(self, stream: str) -> int | None:
        """RTP time of the newest picture of a stream."""
        reader = self.reader(stream)
        info = reader.newest() if reader is not None else None
        return info.timestamp if info is not None else None

    def shown(self, stream: str) -> Picture | None:
        """The newest picture of a stream, if it has not been looked at."""
        reader = self.reader(stream)
        return reader.read() if reader is not None else None

    async def show(self, stream: str, frame: EncodedFrame) -> None:
        """Hand a frame over and wait until its picture is there, and counted, which comes a moment later."""
        self.host.decode(stream, now(frame))
        await eventually(lambda: self.time_shown(stream) == frame.timestamp and self._has_nothing_to_do())

    def _has_nothing_to_do(self) -> bool:
        finished, sent = self.host._progress() or (0, -1)
        return finished == sent

    async def close(self) -> None:
        """End the host and let go of the buses."""
        await self.host.close()
        for reader in self._readers.values():
            reader.close()


def now(frame: EncodedFrame) -> EncodedFrame:
    """The frame as if it had just arrived."""
    return replace(frame, captured=time.monotonic())


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until something is the case; looks often, since some of it is so for a moment only."""
    await until(condition, every_s=0.002)


def names(owner: int | None = None) -> set[str]:
    """Names in shared memory of that process, or of this one."""
    folder = Path("/dev/shm")
    return {path.name for path in folder.glob(f"meshconf-{owner or os.getpid()}-*")} if folder.is_dir() else set()


def alive(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
