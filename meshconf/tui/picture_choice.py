"""Whether the page shows pictures: as the person says, else where there are no windows and plenty of room. Pure."""

from __future__ import annotations

from meshconf.tui.model import MeetingModel
from meshconf.tui.spotlight import has_pictures, has_pictures_of_others

ROOM = (76, 20)
"""Columns and rows from which on there is room for pictures."""
PLENTY = (100, 30)
"""The same where they are shown unasked; from these columns on they stand beside people and chat, else over them."""


class PictureChoice:
    """Remembers what the person said."""

    def __init__(self) -> None:
        self._said: bool | None = None

    def turn(self, model: MeetingModel, size: tuple[int, int]) -> bool:
        """The person wants it the other way; returns whether pictures are wanted now."""
        self._said = not self._wanted(model, size)
        return self._said

    def shows(self, model: MeetingModel, size: tuple[int, int]) -> bool:
        """Whether there are pictures, wanted, and with room."""
        return self._wanted(model, size) and fits(size, ROOM) and has_pictures(model)

    def _wanted(self, model: MeetingModel, size: tuple[int, int]) -> bool:
        if self._said is not None:
            return self._said
        # Whoever is alone looks for the code rather than at themselves.
        return model.windows is False and fits(size, PLENTY) and has_pictures_of_others(model)


def fits(size: tuple[int, int], least: tuple[int, int]) -> bool:
    """Whether a size has at least so many columns and rows."""
    return size[0] >= least[0] and size[1] >= least[1]
