"""How the person at this terminal leaves: at once, after somebody else is host, or with the meeting's end for all."""

from __future__ import annotations

from collections.abc import Callable

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.desk import Desk
from meshconf.tui.model import MeetingModel
from meshconf.types import Role

PATIENCE_S = 3.0
"""How long a clean leave may take before the page closes without the engine's word."""


class Departure:
    """The one departure from a meeting.

    Args:
        desk: Takes the commands.
        model: Who is host.
        overdue: Called when a departure begins; closes the page after `PATIENCE_S`.
    """

    def __init__(self, desk: Desk, model: MeetingModel, overdue: Callable[[], object]) -> None:
        self._desk = desk
        self._model = model
        self._overdue = overdue
        self.begun = False
        """Whether we are on the way out."""
        self._handing_over = False
        """Whether we leave as soon as somebody else is host."""

    async def depart(self, how: str) -> None:
        """`leave` or `end`."""
        if not self.begun:
            self.begun = True
            self._overdue()
            await self._desk.send({"do": how})

    async def hand_over(self, command: CommandFields) -> None:
        """Make somebody else host, then leave."""
        self._handing_over = True
        await self._desk.send(command)

    def refused(self) -> None:
        """The engine refused something: who meant to hand over stays."""
        self._handing_over = False

    async def follow(self) -> None:
        """Leave, where we waited for another host and there is one."""
        if self._handing_over and self._model.role is not Role.HOST:
            self._handing_over = False
            await self.depart("leave")
