"""Pictures that wait for the pace of one link: each source has its own line, and the sources take turns.

So a camera does not stand behind the whole keyframe of a screen, nor a screen behind a camera that never ends. Within
one source the order stays, since each picture builds on the one before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from meshconf.media.send.packets import Packets

StreamT = TypeVar("StreamT", bound=Hashable)


class Portion(NamedTuple, Generic[StreamT]):
    """Neighbouring packets of one picture, to leave now."""

    stream: StreamT
    packets: Packets
    first: int
    end: int
    """Behind the last."""


class WaitingPictures(Generic[StreamT]):
    """The pictures of one link, all sources."""

    def __init__(self) -> None:
        self._lines: dict[StreamT, _Line] = {}
        """Whose turn is next comes first; who has nothing waiting is not in it."""

    def __bool__(self) -> bool:
        return bool(self._lines)

    def __len__(self) -> int:
        """Pictures that wait, those begun included."""
        return sum(len(line.pictures) for line in self._lines.values())

    def ahead(self, stream: StreamT) -> int:
        """Bytes that leave before another picture of this source would: its own, and as many of each other source.

        Keyframes are not counted: another one, for a picture dropped behind the first, would take their time again.
        """
        own = self._lines[stream].waiting[False] if stream in self._lines else 0
        return own + sum(min(own, line.waiting[False]) for other, line in self._lines.items() if other != stream)

    def add(self, stream: StreamT, packets: Packets) -> None:
        """Let a picture wait behind the others of its source."""
        line = self._lines.setdefault(stream, _Line())
        line.pictures.append(packets)
        line.waiting[packets.frame.keyframe] += packets.octets

    def octets(self, stream: StreamT) -> int:
        """Bytes of this source that wait."""
        return sum(self._lines[stream].waiting.values()) if stream in self._lines else 0

    def has_keyframe(self, stream: StreamT) -> bool:
        """Whether a keyframe of this source waits, or some of it: what was sent before is of little use then."""
        return stream in self._lines and self._lines[stream].waiting[True] > 0

    def drop(self, stream: StreamT) -> int:
        """Drop the pictures of a source, but for one that is on its way already; returns how many."""
        line = self._lines.get(stream)
        if line is None:
            return 0
        dropped = list(line.pictures)[1 if line.begun else 0 :]
        for packets in dropped:
            line.pictures.pop()
            line.waiting[packets.frame.keyframe] -= packets.octets
        if not line.pictures:
            del self._lines[stream]
        return len(dropped)

    def take(self, allowed: int, most: int) -> Portion[StreamT]:
        """The next packets, until `allowed` bytes are reached; then it is the turn of the next source.

        Args:
            allowed: Bytes; the last packet may exceed them.
            most: Packets.

        Raises:
            StopIteration: Nothing waits.
        """
        stream, line = next(iter(self._lines.items()))
        del self._lines[stream]
        packets = line.pictures[0]
        first = end = line.begun
        octets = 0
        while end < len(packets.packets) and octets < allowed and end - first < most:
            octets += len(packets.packets[end])
            end += 1
        line.waiting[packets.frame.keyframe] -= octets
        line.begun = end
        if end == len(packets.packets):
            line.pictures.popleft()
            line.begun = 0
        if line.pictures:
            self._lines[stream] = line
        return Portion(stream, packets, first, end)

    def clear(self) -> None:
        """Drop everything."""
        self._lines.clear()


class _Line:
    def __init__(self) -> None:
        self.pictures: deque[Packets] = deque()
        self.begun = 0
        """Packets of the first picture that have left."""
        self.waiting = {True: 0, False: 0}
        """Bytes of keyframes, and of all others."""
