"""Whether the processor keeps up: when to encode less, and when more may be tried again.

Sound comes first. A block of sound that came late, or an event loop that lagged, counts at once; encoding that takes
too long has to last a little. What was stepped up and had to be taken back waits longer each time (as WebRTC's
OveruseFrameDetector does), so that quality does not swing.
"""

from __future__ import annotations

from enum import Enum

PERIOD = 0.5
"""Seconds that are judged together; a decision looks at two of them."""

HIGH_USAGE = 0.85
"""Share of the time between pictures that encoding may take."""

LOW_USAGE = 0.55
"""Share below which more may be tried."""

LAG = 0.04
"""Seconds that the event loop may be late: two blocks of sound, which loudspeakers have in hand."""

LONG_LAG = 0.1
"""Seconds of lag that count twice."""

LOW_LAG = 0.02
"""Seconds of lag below which more may be tried."""

ENOUGH = 2
"""Points of two periods that make it too much: each with too long encoding, lag, late block of sound is one."""

SETTLING = 2.0
"""Seconds in which a step shows; where sound suffers, `PERIOD`."""

FIRST_WAIT = 10.0
"""Seconds of calm before a step up; doubled after each that had to be taken back, up to `MAX_WAIT`."""

MAX_WAIT = 240.0

PROOF = 30.0
"""Seconds that a step up has to last to count as right; twice that forgets earlier failures."""


class Step(Enum):
    """What the encoders are to do."""

    DOWN = "down"
    STEADY = "steady"
    UP = "up"


class OveruseDetector:
    """The processor, as far as it can be seen from inside."""

    def __init__(self) -> None:
        self._busy = 0.0
        self._span = 0.0
        self._lag = 0.0
        self._lag_points = 0
        self._late = 0
        self._judged: float | None = None
        self._points_before = 0
        self._calm_since: float | None = None
        self._settled_at = float("-inf")
        self._stepped_up_at: float | None = None
        self._wait = FIRST_WAIT
        self.usage = 0.0
        """Share of the time between pictures that encoding took, in the period judged last."""

    def encode(self, duration_s: float, interval_s: float) -> None:
        """Note one turn of the encoders: how long all rungs of a picture took, and the time until the next."""
        self._busy += max(0.0, duration_s)
        self._span += max(0.0, interval_s)

    def loop_lag(self, seconds: float) -> None:
        """Note how late the event loop came to a timer."""
        self._lag = max(self._lag, seconds)
        self._lag_points += (seconds > LAG) + (seconds > LONG_LAG)

    def late_sound(self, blocks: int) -> None:
        """Note blocks of sound that were sent or mixed too late."""
        self._late += blocks

    def verdict(self, now: float) -> Step:
        """What is to be done; to be asked every `PERIOD`, more often does no harm. Each step is told once."""
        if self._judged is None:
            self._judged = now
        if now - self._judged < PERIOD:
            return Step.STEADY
        self._judged = now
        self.usage = self._busy / self._span if self._span > 0 else 0.0
        sound = self._late + self._lag_points
        points = sound + (self.usage > HIGH_USAGE)
        calm = points == 0 and self.usage < LOW_USAGE and self._lag < LOW_LAG
        step = self._decide(points, sound >= ENOUGH, calm, now)
        self._points_before = 0 if step is Step.DOWN else points
        self._busy = self._span = self._lag = 0.0
        self._lag_points = self._late = 0
        return step

    def _decide(self, points: int, sound_suffers: bool, calm: bool, now: float) -> Step:
        if not calm:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        if now < self._settled_at and not sound_suffers:
            return Step.STEADY
        risen = None if self._stepped_up_at is None else now - self._stepped_up_at
        if points + self._points_before >= ENOUGH:
            self._calm_since, self._stepped_up_at = None, None
            self._settled_at = now + SETTLING
            if risen is not None and risen < PROOF:
                self._wait = min(MAX_WAIT, 2 * self._wait)
            return Step.DOWN
        if risen is not None and risen > 2 * PROOF:
            self._wait = FIRST_WAIT
        if self._calm_since is not None and now - self._calm_since >= self._wait:
            self._calm_since = None
            self._settled_at = now + SETTLING
            self._stepped_up_at = now
            return Step.UP
        return Step.STEADY
