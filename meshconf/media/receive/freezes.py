"""How long a picture stood still although its source moved."""

from __future__ import annotations

from meshconf.media.encoded import EncodedFrame

SHORTEST_S = 0.2
"""A shorter gap is not seen as a freeze."""

_INTERVALS = 3.0
_CLOCK_RATE = 90_000
_LONGEST_INTERVAL_S = 1.0
_SMOOTHING = 1 / 8


class Freezes:
    """The gaps between the pictures of one source, as they leave for the decoder."""

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None
        self._usual = 0.0  # seconds from picture to picture at the sender

    def gap(self, frame: EncodedFrame, now: float, *, skipped: bool) -> float:
        """A picture leaves now.

        Args:
            frame: the picture.
            now: monotonic seconds.
            skipped: whether pictures between the last one and this were left out.

        Returns:
            Seconds frozen before it: the whole gap, or 0 where there was no freeze. A source that stands still or is
            paused makes none, since the timestamps of neighbours tell of it.
        """
        last, self._last = self._last, (now, frame.timestamp)
        if last is None:
            return 0.0
        interval = (frame.timestamp - last[1]) / _CLOCK_RATE
        if skipped:
            expected = min(interval, self._usual) if self._usual else interval
        else:
            expected = interval
            if interval < _LONGEST_INTERVAL_S:
                self._usual += (interval - self._usual) * (_SMOOTHING if self._usual else 1.0)
        gap = now - last[0]
        return gap if gap > max(SHORTEST_S, _INTERVALS * expected) else 0.0
