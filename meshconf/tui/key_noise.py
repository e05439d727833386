"""Tells the engine that keys are pressed, for the microphone that hears them to be lowered. Runs on the event loop."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable

from meshconf.errors import MeshconfError
from meshconf.tui.engine import Engine

EVERY_S = 0.05
"""Between two such words: a microphone stays low for three times as long."""


class KeyNoise:
    """Speaks of the keys at one page.

    Args:
        engine: The meeting.
        clock: Monotonic seconds.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._clock = clock
        self._told = -math.inf

    async def pressed(self) -> None:
        """A key was pressed that writes something."""
        now = self._clock()
        if now - self._told < EVERY_S:
            return
        self._told = now
        # That the engine is gone, whoever reads its events tells.
        with contextlib.suppress(MeshconfError, OSError):
            await self._engine.send({"do": "typing"})
