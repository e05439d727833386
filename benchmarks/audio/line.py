"""A line that loses and delays, seeded: what it does at a moment is the same for everybody who sends on it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

TRANSIT_S = 0.02
"""Seconds that every datagram takes at least."""

BURST_S = 0.06
"""Mean length of the moments in which everything is lost, where losses come in bursts."""

SLOT_S = 0.02
"""The line changes its mind this often."""


@dataclass(frozen=True)
class Conditions:
    """What a line does."""

    loss: float = 0.0
    """Share of all datagrams."""
    bursts: bool = False
    """Whether all that is sent within a moment is lost (Gilbert's model over time), or each datagram on its own."""
    jitter_s: float = 0.0
    """Delay beyond `TRANSIT_S`, evenly spread; nothing overtakes."""

    def __str__(self) -> str:
        return f"{self.jitter_s * 1000:.0f} ms, {self.loss:.0%}{' in bursts' if self.bursts else ''}"


class Line:
    """One direction of it."""

    def __init__(self, conditions: Conditions, seconds: float, seed: int) -> None:
        """Throw the dice for so many seconds."""
        weather, self._dice = Random(seed), Random(seed + 1)
        slots = int(seconds / SLOT_S) + 1
        self._loss = 0.0 if conditions.bursts else conditions.loss
        self._silent = _bursts(conditions.loss if conditions.bursts else 0.0, slots, weather)
        self._delays = [TRANSIT_S + conditions.jitter_s * weather.random() for _ in range(slots)]
        self._last = 0.0

    def carry(self, sent: float) -> float | None:
        """When a datagram arrives that is sent at this time; None if never. Times are to grow."""
        slot = int(sent / SLOT_S + 1e-6)
        if self._silent[slot] or self._dice.random() < self._loss:
            return None
        self._last = max(self._last, sent + self._delays[slot])
        return self._last


def _bursts(share: float, slots: int, dice: Random) -> list[bool]:
    leave = SLOT_S / BURST_S
    silent, silences = False, []
    for _ in range(slots):
        silent = dice.random() >= leave if silent else dice.random() < leave * share / (1 - share)
        silences.append(silent)
    return silences
