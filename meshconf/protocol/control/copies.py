"""What one end copies, on its way to the other: the newest text, no faster than links and receivers take. Pure.

People copy now and then; programs that keep a clipboard busy may do so without end.
"""

from __future__ import annotations

from meshconf.token_bucket import TokenBucket

RATE = 4.0
"""Small texts a second in the long run: well below what the receiver takes; see `grant.COPY_WEIGHT`."""
BURST = 8.0
BYTES = 4096.0
"""Bytes that weigh as much as one more text: 16 kB a second, a quarter of what a peer takes of us on ctl."""


class Copies:
    """The sending end of one grant."""

    def __init__(self, *, now: float) -> None:
        self._bucket = TokenBucket(RATE, BURST, now=now)
        self._text = ""
        """What waits."""

    def put(self, text: str) -> None:
        """This was copied; what waits gives way to it."""
        self._text = text

    def clear(self) -> None:
        """What waits is not to be sent."""
        self._text = ""

    def take(self, *, now: float) -> str:
        """What is to be sent now; empty if there is nothing."""
        if not self._text or not self._bucket.spend(_weight(self._text), now=now):
            return ""
        text, self._text = self._text, ""
        return text

    def next_timer(self, *, now: float) -> float | None:
        """When there is something to send."""
        return self._bucket.ready(_weight(self._text), now=now) if self._text else None


def _weight(text: str) -> float:
    return 1 + len(text.encode("utf-8", "replace")) / BYTES
