"""What a viewer says once a second of what it sees, and what follows from many such seconds. Pure.

All contenders speak in the shape of meshconf's own `stats` event, so that one reader serves them and nobody is measured
by another yardstick. Fields that a contender cannot know are None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

FREEZE_MS = 200.0
"""A gap between two pictures that is longer than this is a freeze."""


@dataclass(frozen=True, slots=True)
class Second:
    """One second of one sender at one viewer."""

    at: float
    """When it ended, Unix time."""
    fps: float = 0.0
    """Pictures decoded."""
    height: int = 0
    down_bps: float = 0.0
    """All that came over this link."""
    frozen_ms: float | None = None
    """Milliseconds of it within gaps longer than `FREEZE_MS`."""
    freezes_ms: tuple[float, ...] | None = None
    """Lengths of the gaps longer than `FREEZE_MS` that ended in it."""
    delays_ms: tuple[float, ...] = ()
    """From the camera to decoded: of every picture, or of up to ten a second."""
    concealed: float | None = None
    """Share of the sound that did not come and was made up, or left out."""


def second_of(link: dict[str, Any], at: float) -> Second:
    """Read one entry of `links` of a `stats` event.

    Args:
        link: the entry.
        at: when it was said, Unix time.
    """
    camera = _source(link, "camera")
    sound = _source(link, "mic")
    freezes = camera.get("freezes_ms")
    return Second(
        at=at,
        fps=camera.get("fps") or 0.0,
        height=camera.get("height") or 0,
        down_bps=link.get("down_bps") or 0.0,
        frozen_ms=camera.get("frozen_ms"),
        freezes_ms=None if freezes is None else tuple(freezes),
        delays_ms=tuple(camera.get("delays_ms") or ()),
        concealed=sound.get("concealed"),
    )


def _source(link: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((source for source in link["sources"] if source["source"] == kind), {})


@dataclass(slots=True)
class FreezeMeter:
    """Finds the gaps between pictures; for programs that see every picture."""

    last: float | None = None
    """When the last picture came, in seconds."""
    _counted: float = 0.0
    _frozen: float = 0.0
    _ended: list[float] = field(default_factory=list)

    def picture(self, now: float) -> None:
        """A picture came; `now` in seconds of any clock."""
        if self.last is not None and (gap := (now - self.last) * 1000) > FREEZE_MS:
            self._ended.append(round(gap, 1))
            self._count(now)
        self.last = now

    def take(self, now: float) -> tuple[float, list[float]]:
        """Milliseconds frozen since the last call, and the lengths in milliseconds of the gaps that ended."""
        if self.last is not None and (now - self.last) * 1000 > FREEZE_MS:
            self._count(now)
        frozen, ended = self._frozen, self._ended
        self._frozen, self._ended = 0.0, []
        return round(frozen, 1), ended

    def _count(self, now: float) -> None:
        assert self.last is not None
        self._frozen += (now - max(self.last, self._counted)) * 1000
        self._counted = now


def shown(seconds: Sequence[Second], fps: float) -> float:
    """Share of the pictures that were shown, 0 to 1, when `fps` were taken."""
    return min(1.0, mean(second.fps for second in seconds) / fps)


def frozen_share(seconds: Sequence[Second]) -> float | None:
    """Share of the time within freezes; None where nobody knows."""
    known = [second.frozen_ms for second in seconds if second.frozen_ms is not None]
    return min(1.0, mean(known) / 1000) if known else None


def freezes(seconds: Sequence[Second]) -> list[float]:
    """Lengths of the freezes in milliseconds; the last of them may go on."""
    found: list[float] = []
    running = 0.0
    for second in seconds:
        # A gap is told with its whole length in the second in which it ends.
        found += second.freezes_ms or ()
        running = 0.0 if second.fps else running + (second.frozen_ms or 0.0)
    if running > FREEZE_MS:
        found.append(running)
    return found


def delays(seconds: Iterable[Second]) -> list[float]:
    """All delays that are known."""
    return [delay for second in seconds for delay in second.delays_ms]


def concealed(seconds: Sequence[Second]) -> float | None:
    """Mean share of sound that did not come; None where nobody knows."""
    known = [second.concealed for second in seconds if second.concealed is not None]
    return mean(known) if known else None


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean; 0 of nothing."""
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lies: the nearest rank.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("a percentile of nothing")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
