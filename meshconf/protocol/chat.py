"""What is said to everybody: each line signed by its author, in its author's order, none lost while a link is renewed.

Pure. A line is named by its author and its time, which never stands still: so a line that comes twice, out of turn
or from before is told from news, and who passes it on to a newcomer can neither change nor invent it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec

from meshconf.errors import ProtocolError
from meshconf.protocol.fields import Id, Message, Signature, Stamp
from meshconf.types import PeerId

LIMIT = 4000
"""Characters of a line."""
KEPT = 500
"""Lines that are kept for those who come later, or come back."""
AGAIN = 100_000
"""Bytes of our own lines that we repeat to somebody who missed them."""
AGAIN_LINES = 100
"""And so many lines: half of the messages that a peer may send at once."""
TOLD = 200_000
"""Bytes of the past that a newcomer is told; with other messages it stays under what a peer may send at once."""
PARCEL = 12_000
"""Bytes of lines in one message."""
AHEAD_MS = 24 * 3_600_000
"""Milliseconds by which others can push the times of our lines ahead of our clock."""

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=LIMIT)]


class Line(msgspec.Struct, frozen=True):
    """Something said to everybody."""

    author: Id
    at: Stamp
    """Milliseconds since 1970 by the author's clock; each line of an author has a later one."""
    text: Text
    signature: Signature

    def signed_part(self, room: str) -> bytes:
        """The bytes that the author signs."""
        return b"meshconf line v1" + msgspec.msgpack.encode((room, self.author, self.at, self.text))


class Chat(Message, frozen=True, tag="chat"):
    """Author to everybody: a line."""

    line: Line


class Whisper(Message, frozen=True, tag="whisper"):
    """A line for the recipient alone; the connection says whose it is."""

    text: Text


class HeardUpTo(Message, frozen=True, tag="heard-up-to"):
    """Once a link stands: the last of your lines that I have; repeat what came later."""

    at: Stamp


class AskPast(Message, frozen=True, tag="ask-past"):
    """Newcomer to host: what was said before I came, if the room lets newcomers know?"""


class Past(Message, frozen=True, tag="past"):
    """Host to newcomer: lines of before, oldest first; further parcels may follow."""

    lines: Annotated[list[Line], msgspec.Meta(max_length=KEPT)]


ChatMessage = Chat | Whisper | HeardUpTo | AskPast | Past
"""Every message about what is said."""


class Conversation:
    """The lines that we know.

    Args:
        own: our id.
        room: the room's id, part of what is signed.
        sign: our signature.
        verify: `verify(public, signature, message)`.
        public: the key of a member of the room; None for who is none.
    """

    def __init__(
        self,
        own: PeerId,
        room: str,
        *,
        sign: Callable[[bytes], bytes],
        verify: Callable[[bytes, bytes, bytes], bool],
        public: Callable[[PeerId], bytes | None],
    ) -> None:
        self._own = own
        self._room = room
        self._sign = sign
        self._verify = verify
        self._public = public
        self._lines: dict[tuple[str, int], Line] = {}
        self._first: dict[str, int] = {}
        """The first line of each author that came as news: what is older can only be past."""
        self._last: dict[str, int] = {}

    def say(self, text: str, *, now_ms: int) -> Line:
        """Our own next line."""
        at = max(now_ms, self._last.get(self._own, 0) + 1)
        line = Line(author=self._own, at=at, text=text, signature=bytes(64))
        line = msgspec.structs.replace(line, signature=self._sign(line.signed_part(self._room)))
        self._news(line)
        return line

    def take(self, peer: PeerId, line: Line) -> bool:
        """A line came from its author; whether it is news.

        Raises:
            ProtocolError: it is not the sender's own, or not signed.
        """
        if line.author != peer:
            raise ProtocolError("a line that somebody else said")
        if line.at <= self._last.get(line.author, -1):
            return False
        self._check(line)
        self._news(line)
        return True

    def take_past(self, lines: Iterable[Line]) -> list[Line]:
        """Lines of before, from the host; returns those that we did not know, in order.

        Raises:
            ProtocolError: one of them is not what its author signed.
        """
        fresh: list[Line] = []
        for line in lines:
            if (line.author, line.at) in self._lines or line.at >= self._first.get(line.author, 2**60):
                continue
            if self._public(PeerId(line.author)) is None:
                continue  # said by somebody who is not in the room's log any more: nobody can vouch for it
            self._check(line)
            fresh.append(line)
        for line in fresh:
            self._keep(line)
        return fresh

    def heard_up_to(self, author: PeerId) -> HeardUpTo:
        """What we have of an author."""
        return HeardUpTo(at=max(0, self._last.get(author, 0)))

    def heard_of_us(self, at: int, *, now_ms: int) -> None:
        """Somebody has a line of ours of then, perhaps from a visit before this one when our clock was ahead.

        Our next line is a later one, or it would be taken for an old one.
        """
        self._last[self._own] = max(self._last.get(self._own, 0), min(at, now_ms + AHEAD_MS))

    def missed(self, at: int) -> list[Line]:
        """Our own lines after that time, the newest of them."""
        ours = (line for line in self._lines.values() if line.author == self._own and line.at > at)
        return _newest(ours, AGAIN)[-AGAIN_LINES:]

    def past(self) -> list[Past]:
        """What we know, as far as it can be told at once, in messages of a size that travels."""
        parcels: list[Past] = []
        lines: list[Line] = []
        size = 0
        vouched = (line for line in self._lines.values() if self._public(PeerId(line.author)) is not None)
        for line in _newest(vouched, TOLD):
            weight = _weight(line)
            if lines and size + weight > PARCEL:
                parcels.append(Past(lines=lines))
                lines, size = [], 0
            lines.append(line)
            size += weight
        return [*parcels, Past(lines=lines)] if lines else []

    def _check(self, line: Line) -> None:
        public = self._public(PeerId(line.author))
        if public is None or not self._verify(public, line.signature, line.signed_part(self._room)):
            raise ProtocolError("a line that its author did not sign")

    def _news(self, line: Line) -> None:
        self._first.setdefault(line.author, line.at)
        self._last[line.author] = line.at
        self._keep(line)

    def _keep(self, line: Line) -> None:
        self._lines[line.author, line.at] = line
        if len(self._lines) > KEPT:
            # The oldest of whoever has most: a flood, or a clock that is ahead, pushes out nobody else's lines.
            said = Counter(author for author, _ in self._lines)
            del self._lines[min(self._lines, key=lambda key: (-said[key[0]], key[1]))]


def _weight(line: Line) -> int:
    return len(line.text.encode()) + 150


def _newest(lines: Iterable[Line], limit: int) -> list[Line]:
    """The newest of these that fit into so many bytes, oldest first."""
    chosen: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.at, line.author), reverse=True):
        limit -= _weight(line)
        if limit < 0:
            break
        chosen.append(line)
    return chosen[::-1]
