"""Notices that sound leaves and nothing of it arrives, from what one end sends and the other says to have got. Pure."""

from __future__ import annotations

from typing import Literal

PATIENCE = 3.0
"""Seconds without any arrival after which there is more than a hiccup."""

ENOUGH = 75
"""Packets that must have left meanwhile: one and a half seconds of sound."""


class OneWay:
    """One stream over one connection."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Watch.

        Args:
            patience: seconds; see `PATIENCE`.
        """
        self._patience = patience
        self._arrived: int | None = None
        self._sent = 0
        self._since = 0.0
        self._base = 0
        """Packets that had left at `_since`, when something arrived last or sending began."""
        self._lost = False

    def update(self, sent: int, arrived: int | None, now: float) -> Literal["lost", "back"] | None:
        """Take a reading, about twice a second.

        Args:
            sent: packets that have left since the connection began.
            arrived: anything that changes with each arrival; None before the first.
            now: monotonic seconds.

        Returns:
            What there is to say: that nothing arrives any more, or again something does.
        """
        came, left = arrived != self._arrived, sent != self._sent
        self._arrived, self._sent = arrived, sent
        if came or not left:  # who is silent cannot be lost
            self._since, self._base = now, sent
        if came and self._lost:
            self._lost = False
            return "back"
        if not self._lost and now - self._since >= self._patience and sent - self._base >= ENOUGH:
            self._lost = True
            return "lost"
        return None
