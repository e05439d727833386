"""How many packets are lost, and whether sending less would help.

Loss without a queue has two causes: a link that loses at random whatever is sent, and one that drops what is too much
(a policer, a buffer too short to be seen as delay). They are told apart by trying: send a little less for a moment. If
loss stays, it is the link's own and is tolerated from then on; if it goes, the rate was too high. Packets lost in a row
count once in this, since radio links lose them so, and chance would decide.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import NamedTuple

WINDOW = 1.0
"""Seconds over which loss is taken."""

MARGIN = 0.03
"""Loss above the tolerated that is worth a trial."""

MIN_BURSTS = 4
"""Losses in the window before anything is made of them."""

LASTING = 0.6
"""Seconds that the loss has to last before it is tried whether less helps: then it is known what still comes out."""

MAX_TOLERATED = 0.3
"""Share of loss up to which a link is believed to lose at random."""

TRIAL_BURSTS = 8
"""Losses that a trial would see if nothing changed: then it has said something."""

GONE = 1 / 3
"""Share of the losses below which they count as gone: fewer than half would too often be chance."""

TRIAL_MIN = 0.4
"""Seconds that a trial lasts at least."""

TRIAL_MAX = 2.0
"""Seconds that a trial lasts at most."""

SETTLING = 0.25
"""Seconds, besides the round trip, that encoder and pacer take to send less."""

RISE = 0.1
"""Loss above the tolerated that is tried at once, however short ago the last trial was."""

RETRY = 10.0
"""Seconds after a trial that changed nothing before the next; doubled each time, up to `RETRY_MAX`."""

RETRY_MAX = 80.0

_FORGETTING = 0.1
"""Share of the difference, per second, by which the tolerated loss follows a loss that has become less."""


class Verdict(Enum):
    """What a report has brought to light."""

    NOTHING = "nothing"
    TRY_LESS = "try less"
    """Too much is lost: a little less is to be sent, until one of the other two comes."""
    RANDOM = "random"
    """Loss has stayed: send as before."""
    CONGESTED = "congested"
    """Loss has gone: stay with less."""


class Loss:
    """The losses of one link."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, _Count]] = deque()
        self._window = _Count(0, 0, 0)
        self._trial: _Trial | None = None
        self._retry_at = float("-inf")
        self._retry = RETRY
        self._updated: float | None = None
        self._above_since: float | None = None
        self._queued_until = float("-inf")
        self.tolerated = 0.0
        """Share of packets that the link loses whatever is sent."""
        self.unforced = 0.0
        """Share of the packets lost in the last second, as far as no queue of ours was too long in it."""

    @property
    def ratio(self) -> float:
        """Share of the packets lost in the last second."""
        return self._window.ratio

    @property
    def trying(self) -> bool:
        """Whether a trial is under way."""
        return self._trial is not None

    @property
    def suspected(self) -> bool:
        """Whether sending less may help: it is being tried, or more is lost than the link is known to lose anyway."""
        return self.trying or self.ratio > self.tolerated + RISE

    def update(self, came: int, lost: int, bursts: int, *, queued: bool, round_trip: float, now: float) -> Verdict:
        """Take what a report told.

        Args:
            came: packets that came.
            lost: packets found lost, less those that came after all.
            bursts: the same, those in a row counted as one.
            queued: packets wait in a queue: then loss belongs to it, and shorter queues will mend both.
            round_trip: seconds that a change of the rate takes to show.
            now: seconds.
        """
        count = _Count(came, lost, bursts)
        self._reports.append((now, count))
        self._window = self._window.plus(count)
        while now - self._reports[0][0] > WINDOW:
            self._window = self._window.minus(self._reports.popleft()[1])
        elapsed = 0.0 if self._updated is None else min(1.0, now - self._updated)
        self._updated = now
        if queued:
            self._trial, self._queued_until = None, now + WINDOW
        self.unforced = self.ratio if now >= self._queued_until + WINDOW else 0.0  # what was lost is found out later
        if self._trial is not None:
            return self._judge(self._trial, count, now)
        if self.ratio < self.tolerated:
            self.tolerated += (self.ratio - self.tolerated) * _FORGETTING * elapsed
        if not self._suspicious(now):
            self._above_since = None
        elif self._above_since is None:
            self._above_since = now
        elif now - self._above_since >= LASTING:
            self._above_since = None
            self._trial = _Trial(self._window, now + round_trip + SETTLING)
            return Verdict.TRY_LESS
        return Verdict.NOTHING

    def abandon(self, now: float) -> None:
        """The link turned out to carry more meanwhile: a loss that goes now says nothing; idempotent."""
        if self._trial is not None:
            self._trial, self._retry_at = None, now + WINDOW

    def _suspicious(self, now: float) -> bool:
        unusual = self._window.bursts >= MIN_BURSTS and self.ratio > self.tolerated + MARGIN
        rested = now >= self._retry_at or self.ratio > self.tolerated + RISE
        return unusual and rested and now >= self._queued_until

    def _judge(self, trial: _Trial, count: _Count, now: float) -> Verdict:
        verdict = trial.update(count, now)
        if verdict is Verdict.NOTHING:
            return verdict
        self._trial = None
        if verdict is Verdict.RANDOM:
            self.tolerated = min(MAX_TOLERATED, max(self.tolerated, trial.before.ratio, trial.during.ratio))
            self._retry_at, self._retry = now + self._retry, min(RETRY_MAX, 2 * self._retry)
        else:
            self._retry_at, self._retry = now + WINDOW, RETRY
        return verdict


class _Count(NamedTuple):
    came: int
    lost: int
    bursts: int

    def plus(self, other: _Count) -> _Count:
        return _Count(self.came + other.came, self.lost + other.lost, self.bursts + other.bursts)

    def minus(self, other: _Count) -> _Count:
        return _Count(self.came - other.came, self.lost - other.lost, self.bursts - other.bursts)

    @property
    def total(self) -> int:
        return self.came + self.lost

    @property
    def ratio(self) -> float:
        return min(1.0, max(0.0, self.lost / self.total)) if self.total > 0 else 0.0

    @property
    def frequency(self) -> float:
        """Losses per packet, those in a row counted as one."""
        return self.bursts / self.total if self.total > 0 else 0.0


class _Trial:
    def __init__(self, before: _Count, begin: float) -> None:
        self.before = before
        self.during = _Count(0, 0, 0)
        self._begin = begin

    def update(self, count: _Count, now: float) -> Verdict:
        # What was sent before the rate fell says nothing.
        if now < self._begin:
            return Verdict.NOTHING
        self.during = self.during.plus(count)
        told = self.during.total * self.before.frequency >= TRIAL_BURSTS and now >= self._begin + TRIAL_MIN
        if not told and now < self._begin + TRIAL_MAX:
            return Verdict.NOTHING
        stayed = self.during.frequency >= GONE * self.before.frequency
        return Verdict.RANDOM if stayed and self.during.ratio <= MAX_TOLERATED else Verdict.CONGESTED
