"""Whether a block of sound is a pause, in which a change of speed goes unheard."""

from __future__ import annotations

QUIET_DB = -55.0
"""dBFS below which anything is a pause."""

LOUD_DB = -35.0
"""dBFS above which nothing is one, however noisy the room."""

ABOVE_FLOOR_DB = 6.0
"""How far a pause may stand above the noise of its room."""

_RISE_DB = 0.05
"""How fast the estimated noise follows a louder room, for each block."""


class QuietDetector:
    """Knows the noise of one speaker's room by the softest that was heard lately."""

    def __init__(self) -> None:
        self._floor_db = QUIET_DB

    def update(self, db: float) -> None:
        """Take the level of a block that was played."""
        self._floor_db = min(db, self._floor_db + _RISE_DB)

    def is_quiet(self, db: float) -> bool:
        """Whether a block of this level is a pause."""
        return db < max(QUIET_DB, min(self._floor_db + ABOVE_FLOOR_DB, LOUD_DB))
