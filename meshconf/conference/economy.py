"""What this computer can afford: when it is short of time, pictures are encoded cheaper before sound suffers.

The first step down is told in one sentence, and so is the end of it. The judgement is `media/overuse.py`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from meshconf.conference.publishing.pictures import PicturePublisher
from meshconf.media.overuse import OveruseDetector, Step
from meshconf.media.rungs import Rung
from meshconf.types import SourceKind

CHEAPER_CODEC = 1
"""From this level on, pictures are encoded with the codec that costs least."""

LOWEST = 3
"""The last level: the smallest rung only."""

_BUSY = "This computer is busy: your pictures are sent with less detail, so that voices stay clear."

SETTLING = 5.0
"""Seconds after a start, or since somebody is being connected, in which lag and late sound are not judged: that is hard
work, and soon over."""


class Economy:
    """How far encoding has been stepped down.

    Args:
        notice: Takes a sentence for the person.
    """

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice
        self._detector = OveruseDetector()
        self._seen: dict[SourceKind, tuple[float, float]] = {}
        self._judges_from = time.monotonic() + SETTLING
        self._late = 0
        self.level = 0
        """0: everything; higher: less, up to `LOWEST`."""

    @property
    def cpu_short(self) -> bool:
        """Whether encoders should cost as little as possible."""
        return self.level >= CHEAPER_CODEC

    def allowed(self, rungs: Sequence[Rung]) -> Rung:
        """The largest rung that may be encoded."""
        return rungs[min(max(0, self.level - CHEAPER_CODEC), len(rungs) - 1)]

    def connecting(self) -> None:
        """Somebody is being connected."""
        self._judges_from = time.monotonic() + SETTLING

    def lagged(self, seconds: float) -> None:
        """The event loop came so late to a timer."""
        if time.monotonic() > self._judges_from:
            self._detector.loop_lag(seconds)

    def turn(self, publishers: Mapping[SourceKind, PicturePublisher], late_blocks: int) -> None:
        """Judge.

        Args:
            publishers: Our sources of pictures.
            late_blocks: Blocks of sound that were mixed too late, since the meeting began.
        """
        now = time.monotonic()
        working = False
        for kind, publisher in publishers.items():
            busy, span = publisher.encoding_s, publisher.captured_s
            before = self._seen.get(kind, (0.0, 0.0))
            self._seen[kind] = (busy, span)
            if span > before[1]:
                working = True
                self._detector.encode(busy - before[0], span - before[1])
        if now > self._judges_from:
            self._detector.late_sound(late_blocks - self._late)
        self._late = late_blocks
        step = self._detector.verdict(now)
        if step is Step.DOWN and working and self.level < LOWEST:
            self.level += 1
            if self.level == CHEAPER_CODEC:
                self._notice(_BUSY)
        elif step is Step.UP and self.level > 0:
            self.level -= 1
            if self.level == 0:
                self._notice("Your pictures are sent in full again.")
