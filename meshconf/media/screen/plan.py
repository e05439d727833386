"""When a screen is encoded, which blocks of it, and how finely. Pure.

What changed is sent at once, as finely as the link carries it; where the link is slow, fewer pictures are sent rather
than coarser ones. What stands still is sent again until it is sharp, also beside something that moves on. A picture
that is complete is repeated for next to nothing, so that a viewer who lost its last packets notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from math import inf

import numpy as np

from meshconf.media.screen.changes import Blocks, Changes, Plane
from meshconf.media.screen.sizes import COARSEST, QUANTIZERS, SHARP, Sizes, finest

_UTILISATION = 0.9
"""Share of the bitrate that is used: what is left pays for the packets' headers."""

_FIRST_S = 0.30
"""How long the first picture after stillness may be on its way: that is how long one waits for a page."""
_QUIET_S = 0.25
"""Stillness before it."""
_MOTION_FPS = 20
"""So many pictures of a motion are to fit through the link in a second, if the coarsest quantizer lets them."""
_FINEST_MOTION = 20
"""No finer while it moves: nobody sees it, and both ends save time."""
_REFINING_S = 0.25
"""How long a sharper picture may be on its way."""
_SETTLED_S = 0.12
"""Blocks that did not change for so long are sharpened."""
_AHEAD_S = 0.03
"""A picture is encoded when what is left of those before it leaves the link within this."""
_ON_TIME = 0.8
"""A picture may come so much earlier than its frame rate says: captures do not keep time exactly."""
_SMALL_S = 0.02
"""What takes no longer on its way is sharp at once, also while it moves: letters that are being typed."""
_LONGEST_DEBT_S = 4.0
"""More is not waited for, should the bitrate fall: what the link did not carry has been dropped by then."""

_REPEATS_S = (0.1, 0.2, 0.4, 1.0, 2.0)
"""Waits before a complete picture is repeated; the last one from then on."""

_UNSENT = QUANTIZERS.index(COARSEST) + 1
"""In place of the quantizer of a block that was never sent."""


class Purpose(Enum):
    """Why a picture is encoded."""

    FIRST = auto()
    """Something changed after stillness."""
    MOTION = auto()
    """It goes on changing."""
    REFINEMENT = auto()
    """It stands, and becomes sharper."""
    REPEAT = auto()
    """It is complete: for viewers who lost the end of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """How to encode the picture that was looked at last."""

    purpose: Purpose
    quantizer: int
    """Of VP8, 0 to 63."""
    blocks: Blocks
    """Those to encode; the others stay as viewers have them."""
    detail: float
    """How much there is to see in them."""
    before: int | None = None
    """For a refinement: the quantizer that these blocks have at the viewers, the coarsest of them."""


class ScreenPlan:
    """Plans the pictures of one screen in one size."""

    def __init__(self, width: int, height: int, fps: int) -> None:
        """Plan for pictures of this size, at most so many a second."""
        self._changes = Changes(width, height)
        shape = self._changes.shape
        self._interval = _ON_TIME / fps
        self._unsent: Blocks = np.zeros(shape, np.bool_)
        """Changed since they were encoded last."""
        self._fineness = np.full(shape, _UNSENT, np.uint8)
        """For each block which of the quantizers it was encoded with."""
        self._moved = np.full(shape, -inf)
        self._sizes = {purpose: Sizes() for purpose in Purpose}
        self._asked_at = 0.0
        self._encoded_at = -inf
        self._changed_at = -inf
        self._motion_since = -inf
        self._debt = 0.0  # bytes that the link has not carried yet, by its bitrate
        self._repeats = 0
        self._refined_last = False
        self.wake = inf
        """When to ask `next` again, though no other picture comes: monotonic seconds."""

    def look(self, planes: Sequence[Plane], now: float) -> None:
        """Take the picture that is on the screen now: luma and both chroma planes, of the plan's size."""
        changed = self._changes.look(planes)
        if changed.any():
            self._unsent |= changed
            self._moved[changed] = now
            if now - self._changed_at > _QUIET_S:
                self._motion_since = now
            self._changed_at = now

    def next(self, bitrate_bps: int, now: float, *, keyframe: bool = False) -> Shot | None:
        """How to encode that picture now; None if it is not its time.

        Args:
            bitrate_bps: what the link carries for it.
            now: monotonic seconds.
            keyframe: whether all of it has to be encoded.
        """
        rate = bitrate_bps / 8 * _UTILISATION
        self._debt = min(max(0.0, self._debt - max(0.0, now - self._asked_at) * rate), rate * _LONGEST_DEBT_S)
        self._asked_at = now
        free_at = max(now + self._debt / rate - _AHEAD_S, self._encoded_at + self._interval)
        blurred = self._fineness > 0
        if free_at > now:
            self.wake = free_at
            return None
        settled = blurred & ~self._unsent & (self._moved <= now - _SETTLED_S)
        if keyframe:
            return self._changed(np.ones_like(blurred), rate, now)
        if self._unsent.any() and not (settled.any() and not self._refined_last and self._moves_on(now)):
            return self._changed(self._unsent.copy(), rate, now)
        if settled.any():
            return self._refinement(settled, rate)
        if blurred.any():
            self.wake = float(self._moved[blurred].max()) + _SETTLED_S
            return None
        self.wake = self._encoded_at + _REPEATS_S[min(self._repeats, len(_REPEATS_S) - 1)]
        if self.wake > now:
            return None
        return Shot(Purpose.REPEAT, COARSEST, np.zeros_like(blurred), 0.0)

    def encoded(self, shot: Shot, octets: int, now: float) -> None:
        """A shot was encoded.

        Args:
            shot: it.
            octets: its bytes.
            now: monotonic seconds.
        """
        self._debt += octets
        self._encoded_at = now
        self._sizes[shot.purpose].learn(octets, shot.detail, shot.quantizer, shot.before)
        self._refined_last = shot.purpose is Purpose.REFINEMENT
        self._repeats = self._repeats + 1 if shot.purpose is Purpose.REPEAT else 0
        if shot.purpose is not Purpose.REPEAT:
            self._fineness[shot.blocks] = QUANTIZERS.index(shot.quantizer)
            self._unsent &= ~shot.blocks
        self.wake = now

    def dropped(self, now: float) -> None:
        """A shot was not encoded, for the encoder refused; it is tried again after a picture's time."""
        self._encoded_at = now
        self.wake = now + self._interval

    def _moves_on(self, now: float) -> bool:
        return now - self._changed_at <= _QUIET_S < now - self._motion_since

    def _changed(self, blocks: Blocks, rate: float, now: float) -> Shot:
        first = not self._moves_on(now)
        purpose = Purpose.FIRST if first else Purpose.MOTION
        detail, sizes = float(self._changes.detail[blocks].sum()), self._sizes[purpose]
        affordable = rate * (_FIRST_S if first else 1 / _MOTION_FPS) - self._debt
        limit = SHARP if first or sizes.guess(detail, SHARP) < rate * _SMALL_S else _FINEST_MOTION
        quantizer = finest(affordable, lambda one: sizes.guess(detail, one), limit=limit)
        return Shot(purpose, quantizer, blocks, detail)

    def _refinement(self, blocks: Blocks, rate: float) -> Shot:
        worst = int(self._fineness[blocks].max())
        detail, sizes = float(self._changes.detail[blocks].sum()), self._sizes[Purpose.REFINEMENT]
        before = QUANTIZERS[min(worst, len(QUANTIZERS) - 1)]
        quantizer = finest(rate * _REFINING_S - self._debt, lambda one: sizes.guess(detail, one, before))
        # One step at least, or a slow link would never get there.
        step = min(QUANTIZERS.index(quantizer), max(0, worst - 1))
        return Shot(Purpose.REFINEMENT, QUANTIZERS[step], blocks, detail, before)
