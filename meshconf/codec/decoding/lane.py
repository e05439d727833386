"""What waits to be decoded: bounded for each stream, never older than a newer keyframe, and fair between streams. Pure.

Engine and decoder process use the same: the one for what the socket does not take, the other for what it has read.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

MAX_FRAMES = 24
"""Frames of one stream that may wait: what comes at once after a hole of 400 ms at 60 frames/s has been mended."""

MAX_BYTES = 4 * 1024 * 1024
"""Bytes of one stream that may wait."""

MAX_AGE = 0.5
"""Seconds that a frame may wait before its stream counts as behind."""

ASK_EVERY, ASK_SELDOM = 0.3, 4.0
"""Seconds between two requests for a keyframe; the second once a stream is too expensive again and again."""

_CALM = 10.0  # seconds without being behind after which a stream is as good as new


class Job(NamedTuple):
    """One encoded picture that waits."""

    data: bytes
    keyframe: bool
    timestamp: int
    captured: float
    arrived: float
    """Monotonic seconds at which it began to wait."""


class Lane:
    """The waiting frames of one stream. It begins, and begins again after each loss, with a keyframe."""

    def __init__(self) -> None:
        self.dropped = 0
        """Frames that were never given to a decoder."""
        self._jobs: deque[Job] = deque()
        self._bytes = 0
        self._needs_keyframe = True
        self._asked = float("-inf")
        self._pause = ASK_EVERY
        self._behind = float("-inf")

    def __len__(self) -> int:
        return len(self._jobs)

    def push(self, job: Job, now: float) -> bool:
        """Let a frame wait; a keyframe takes the place of all before it.

        Returns:
            Whether to ask the sender for a keyframe.
        """
        if job.keyframe and len(job.data) <= MAX_BYTES:
            self._clear()
            self._needs_keyframe = False
        elif not self._needs_keyframe and self._is_behind(job, now):
            self._clear()
            self._needs_keyframe = True
            # Whoever is behind again and again is too expensive: it gets its share of the time in longer steps.
            self._pause = min(2 * self._pause, ASK_SELDOM) if now - self._behind < _CALM else ASK_EVERY
            self._behind = now
        if self._needs_keyframe:
            self.dropped += 1
            return self._ask(now)
        self._jobs.append(job)
        self._bytes += len(job.data)
        return False

    def pop(self) -> Job:
        """The next frame to decode; there must be one."""
        job = self._jobs.popleft()
        self._bytes -= len(job.data)
        return job

    def lose(self, now: float) -> bool:
        """The decoder failed: what follows the frame that it failed on is of no use.

        Returns:
            Whether to ask the sender for a keyframe.
        """
        if self._jobs and self._jobs[0].keyframe:
            return False
        self._clear()
        self._needs_keyframe = True
        return self._ask(now)

    def _is_behind(self, job: Job, now: float) -> bool:
        full = len(self._jobs) >= MAX_FRAMES or self._bytes + len(job.data) > MAX_BYTES
        return full or (bool(self._jobs) and now - self._jobs[0].arrived > MAX_AGE)

    def _ask(self, now: float) -> bool:
        if now - self._asked < self._pause:
            return False
        self._asked = now
        return True

    def _clear(self) -> None:
        self.dropped += len(self._jobs)
        self._jobs.clear()
        self._bytes = 0


@dataclass(slots=True)
class _Share:
    lane: Lane
    spent: float = 0.0


class Rota:
    """Whose turn it is: the stream that has cost least so far, of those that have something waiting.

    A stream that comes back after a rest does not catch up on what it did not use (start-time fair queueing, Goyal et
    al. 1996).
    """

    def __init__(self) -> None:
        self._shares: dict[int, _Share] = {}
        self._waiting: set[int] = set()
        self._floor = 0.0

    @property
    def waiting(self) -> int:
        """Frames of all streams."""
        return sum(len(self._shares[stream].lane) for stream in self._waiting)

    def add(self, stream: int) -> None:
        """A new stream."""
        self._shares[stream] = _Share(Lane(), self._floor)

    def remove(self, stream: int) -> None:
        """A stream ended; what waited is gone."""
        self._shares.pop(stream, None)
        self._waiting.discard(stream)

    def lane(self, stream: int) -> Lane | None:
        """What waits of a stream; None without such a stream."""
        share = self._shares.get(stream)
        return share.lane if share is not None else None

    def push(self, stream: int, job: Job, now: float) -> bool:
        """As `Lane.push`; without such a stream the frame is dropped."""
        share = self._shares.get(stream)
        if share is None:
            return False
        ask = share.lane.push(job, now)
        if share.lane:
            if stream not in self._waiting:
                self._waiting.add(stream)
                share.spent = max(share.spent, self._floor)
        else:
            self._waiting.discard(stream)
        return ask

    def pop(self) -> tuple[int, Job] | None:
        """The next frame of the stream whose turn it is; None when nothing waits."""
        if not self._waiting:
            return None
        stream = min(self._waiting, key=lambda waiting: self._shares[waiting].spent)
        share = self._shares[stream]
        self._floor = max(self._floor, share.spent)
        job = share.lane.pop()
        if not share.lane:
            self._waiting.discard(stream)
        return stream, job

    def lose(self, stream: int, now: float) -> bool:
        """As `Lane.lose`."""
        share = self._shares.get(stream)
        if share is None:
            return False
        ask = share.lane.lose(now)
        if not share.lane:
            self._waiting.discard(stream)
        return ask

    def charge(self, stream: int, cost: float) -> None:
        """What the stream's last frame cost, in seconds, bytes or whatever is shared."""
        share = self._shares.get(stream)
        if share is not None:
            share.spent += cost
