"""In which quality a picture is shown: what windows and faces want of it, and what its sender is asked for. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Quality(NamedTuple):
    """A picture as somebody shows it."""

    height: int
    """Pixels."""
    fps: int
    """Pictures a second."""

    def joined(self, other: Quality) -> Quality:
        """What serves both."""
        return Quality(max(self.height, other.height), max(self.fps, other.fps))


NOTHING = Quality(0, 0)
"""Of a picture that nobody sees."""
