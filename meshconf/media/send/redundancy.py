"""Packets of sound that are sent twice or thrice where the network loses some: a voice cannot wait for a repair.

The copy is the same packet, one or two packets later: as long as play-out waits for it.
"""

from __future__ import annotations

_DISTANCES = ((0.08, (1, 2)), (0.01, (1,)))
"""From which share of losses on, and how many packets later. Each copy costs as much as the voice itself."""

_MEMORY = 0.998
"""What is left of a loss after a packet: half after 7 s. Whoever plays a voice keeps room for copies as long."""


class Redundancy:
    """How many copies one link needs."""

    def __init__(self) -> None:
        self._loss = 0.0

    def copies(self, loss: float) -> tuple[int, ...]:
        """How many packets back the packets lie that go out once more; to be asked for each packet.

        Args:
            loss: share of packets lost lately, 0 to 1.
        """
        self._loss = max(loss, self._loss * _MEMORY)
        return next((distances for least, distances in _DISTANCES if self._loss > least), ())
