"""Packets put in order: those before a hole become pictures, those behind it wait, and a whole keyframe there is found.

Bounded: what does not fit is the caller's sign to start anew.
"""

from __future__ import annotations

from meshconf.media.receive.counters import Counters
from meshconf.media.receive.fragments import Fragment
from meshconf.media.receive.pictures import Picture, PictureBuilder

PACKETS = 2048
BYTES = 6_000_000
SECONDS = 4.0
"""What is held at most; with the play-out's share no more than 8 MB. Holes live for a second, so that only a picture
that does not end can reach the last."""

_FOLLOWED = 4
"""Keyframes followed at a time; senders send none more often than each 300 ms, and holes live for one second."""


class FrameBuffer:
    """The packets of one source on their way to pictures."""

    def __init__(self, counters: Counters) -> None:
        self.next = 0
        """The number of the packet without which nothing goes on."""
        self.keyframe: int | None = None
        """The number of the first packet of the newest whole keyframe behind the hole."""
        self.keyframe_since = 0.0
        """When it became whole."""
        self._builder = PictureBuilder(counters)
        self._counters = counters
        self._waiting: dict[int, Fragment] = {}
        self._waiting_bytes = 0
        self._followed: dict[int, int] = {}  # first packet of a keyframe behind the hole: first that is missing of it

    @property
    def needs_keyframe(self) -> bool:
        """Whether nothing but a keyframe can be shown."""
        return self._builder.needs_keyframe

    @property
    def whole(self) -> bool:
        """Whether there is something to `take`."""
        return bool(self._builder.whole)

    @property
    def packets(self) -> int:
        """Packets held."""
        return len(self._waiting) + self._builder.packets

    @property
    def bytes(self) -> int:
        """Bytes held."""
        return self._waiting_bytes + self._builder.bytes

    def insert(self, sequence: int, fragment: Fragment, now: float) -> bool:
        """Take a packet that has not been here before.

        Returns:
            False when more is held than the bounds allow.
        """
        builder = self._builder
        if sequence == self.next:
            self.next += 1
            builder.feed(fragment)
            if self._waiting:
                self._drain()
        elif sequence > self.next:
            self._waiting[sequence] = fragment
            self._waiting_bytes += len(fragment.data)
            if fragment.keyframe:
                self._follow(sequence)
            for first, reached in list(self._followed.items()):
                if reached == sequence:
                    self._advance(first, now)
        else:
            self._counters.discarded += 1
        if builder.packets:
            if now > builder.begun + SECONDS:
                return False
        elif not self._waiting:
            return True
        return self.packets <= PACKETS and self.bytes <= BYTES

    def take(self) -> list[Picture]:
        """The pictures that have become whole, in order; each is given once."""
        pictures, self._builder.whole = self._builder.whole, []
        return pictures

    def skip(self, to: int, *, anew: bool = False) -> None:
        """Wait for nothing below the packet `to`; what is held of it is dropped, and a keyframe is needed.

        Args:
            to: not below `next`.
            anew: whether the sender starts anew there, with timestamps of its own.
        """
        passed = [sequence for sequence in self._waiting if sequence < to]
        for sequence in passed:
            self._waiting_bytes -= len(self._waiting.pop(sequence).data)
        self._counters.discarded += len(passed)
        self._builder.drop(anew=anew)
        self.next = to
        self._drain()

    def jump(self) -> None:
        """Go on with the whole keyframe behind the hole."""
        if self.keyframe is not None:
            self.skip(self.keyframe)

    def arriving_since(self) -> float | None:
        """When the first packet of the newest keyframe came that is not whole; None if no keyframe is on its way."""
        if self._followed:
            return self._waiting[max(self._followed)].arrived
        return self._builder.begun if self._builder.keyframe else None

    def _drain(self) -> None:
        while (fragment := self._waiting.pop(self.next, None)) is not None:
            self._waiting_bytes -= len(fragment.data)
            self.next += 1
            self._builder.feed(fragment)
        for first in [first for first in self._followed if first < self.next]:
            del self._followed[first]
        if self.keyframe is not None and self.keyframe < self.next:
            self.keyframe = None

    def _follow(self, first: int) -> None:
        if len(self._followed) >= _FOLLOWED:
            del self._followed[min(self._followed)]
        self._followed[first] = first

    def _advance(self, first: int, now: float) -> None:
        timestamp = self._waiting[first].timestamp
        reached = self._followed[first]
        while (fragment := self._waiting.get(reached)) is not None:
            reached += 1
            # Ended by its marker or, where that lies, by the next picture.
            if fragment.marker or fragment.timestamp != timestamp:
                del self._followed[first]
                if self.keyframe is None or first > self.keyframe:
                    self.keyframe, self.keyframe_since = first, now
                return
        self._followed[first] = reached
