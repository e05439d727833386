"""Notices what people take long to notice by themselves: they talk while muted, or their microphone gives silence.

Pure: blocks of sound and their time come in; each warning comes once, and again only after what mended it.
"""

from __future__ import annotations

import math

from meshconf.media.level import SpeakingDetector, level_db
from meshconf.media.samples import Samples

TALKED = 0.8
"""Seconds of speech while muted before it is worth a word: a cough is shorter."""

REMIND = 30.0
"""Seconds between two such words."""

DEAD = 4.0
"""Seconds of digital silence after which a microphone that is open is probably switched off somewhere else."""

_ALIVE = 3
"""Peak, of 32768, above which a microphone is alive: the noise of the quietest room is more than that."""


class TalkingWhileMuted:
    """Watches the microphone of somebody who is muted and wants to be told."""

    def __init__(self) -> None:
        self._detector = SpeakingDetector()
        self._began: float | None = None
        self._told = -math.inf

    def hear(self, block: Samples, now: float) -> bool:
        """Take a block that was not sent; returns whether to say that somebody talks into a muted microphone."""
        if not self._detector.update(level_db(block), now):
            self._began = None
            return False
        self._began = now if self._began is None else self._began
        if now - self._began < TALKED or now - self._told < REMIND:
            return False
        self._told = now
        return True


class DeadMicrophone:
    """Watches a microphone that is on the air."""

    def __init__(self) -> None:
        self._silent_since: float | None = None
        self._told = False

    def hear(self, block: Samples, now: float) -> bool:
        """Take a block as the device gave it; returns whether to say that there is nothing in it, and never was."""
        if int(block.max(initial=0)) > _ALIVE or int(block.min(initial=0)) < -_ALIVE:
            self._silent_since, self._told = None, False
            return False
        self._silent_since = now if self._silent_since is None else self._silent_since
        if self._told or now - self._silent_since < DEAD:
            return False
        self._told = True
        return True

    def pause(self) -> None:
        """The microphone is not listened to for a while."""
        self._silent_since = None
