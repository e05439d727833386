"""Tells the engine when the key to talk is down and when it is let go of."""

from __future__ import annotations

from collections.abc import Callable

from meshconf.tui.desk import Desk
from meshconf.tui.held_key import BELIEVED_S, HeldKey


class TalkKey:
    """The key to talk of one meeting page."""

    def __init__(self, desk: Desk, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._clock = clock
        self._key = HeldKey()

    @property
    def down(self) -> bool:
        """Whether it counts as held; somebody must look again and again meanwhile."""
        return self._key.down

    async def press(self) -> None:
        """The key came, or came again."""
        if self._key.pressed(self._clock()):
            await self._desk.send({"do": "ptt", "state": "down", "hold_s": BELIEVED_S})

    async def look(self) -> None:
        """Look whether it was let go of."""
        if self._key.lapsed(self._clock()):
            await self._desk.send({"do": "ptt", "state": "up"})
