"""How long a stream stays out after the decoder died of it: at first not at all, then longer each time. Pure.

One crash may be chance, or the fault of a bug that the next keyframe avoids; but somebody who crashes the decoder on
purpose must not stop the pictures of all others once a second.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

FIRST_PENALTY, GROWTH, LONGEST = 2.0, 4.0, 300.0
"""Seconds out after the second death, the factor for each further one, and the most."""

FORGIVEN = 600.0
"""Seconds after which a death does not count any more."""

_MOST = 512  # streams that are remembered; a mesh has fewer

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class _Record:
    last: float
    penalty: float = -1.0
    """Seconds of the one before; below zero before the first death."""


class Quarantine(Generic[Key]):
    """Which streams are out; what is known of a stream stays when it is closed and opened again."""

    def __init__(self) -> None:
        self._records: dict[Key, _Record] = {}

    def strike(self, key: Key, now: float) -> float:
        """The decoder died while it worked on that stream.

        Returns:
            Seconds that the stream stays out.
        """
        record = self._records.pop(key, None)
        if record is None or now - record.last > FORGIVEN:
            record = _Record(now)
        if record.penalty < 0:
            record.penalty = 0.0
        else:
            record.penalty = min(max(record.penalty * GROWTH, FIRST_PENALTY), LONGEST)
        record.last = now
        self._records[key] = record
        if len(self._records) > _MOST:
            del self._records[next(iter(self._records))]  # the one that was longest ago
        return record.penalty

    def holds(self, key: Key, now: float) -> bool:
        """Whether the stream is out."""
        record = self._records.get(key)
        return record is not None and now < record.last + record.penalty
