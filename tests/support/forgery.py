"""What no honest program makes: branches of a room's log at its author's will, bytes that are no messages, escapes."""

from __future__ import annotations

import msgspec

from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.room.acts import Act, Deed, Entry, Proposal
from meshconf.protocol.room.history import History, Node
from meshconf.protocol.room.making import claim, found, order, propose
from meshconf.types import PeerId


class Branch:
    """A log that grows as its author wishes.

    Args:
        author: orders all that comes, and asks for it.
        log: how it begins.
    """

    def __init__(self, author: Identity, log: list[Entry]) -> None:
        self._author = author
        self._history = History(log[0], verify)
        self._number = 10**9
        self.head: Node = self._history.root
        self.log: list[Entry] = log[:1]
        """All of it."""
        for entry in log[1:]:
            self._add(entry)

    @classmethod
    def founded(cls, author: Identity, title: str) -> Branch:
        """A room of one's own."""
        return cls(author, [found(author.peer_id, author.public, title, author.sign)])

    def claim(self) -> None:
        """Make the author host, whom nobody voted for."""
        wish = self.wish(Act(Deed.SUCCEED, peer=self._author.peer_id))
        self._add(claim(self.head, self._author.peer_id, wish, (), self._author.sign))

    def order(self, act: Act) -> None:
        """As host do something."""
        self._add(order(self.head, self._author.peer_id, self.wish(act), self._author.sign))

    def forge_order(self, host: PeerId, proposal: Proposal) -> Entry:
        """What somebody else would have ordered next, signed with the wrong key."""
        return order(self.head, host, proposal, self._author.sign)

    def wish(self, act: Act, author: str | None = None) -> Proposal:
        """An act signed with the author's key, whoever is named as its author."""
        self._number += 1
        who = PeerId(author or self._author.peer_id)
        return propose(self._history.room, who, self._number, act, self._author.sign)

    def _add(self, entry: Entry) -> None:
        self.head = self._history.add(entry)
        self.log.append(entry)


_NESTED = b"\x91" * 16_000 + b"\xc0"
_HUGE = b"\x81\xa1n\xcf" + b"\xff" * 8

GARBAGE: dict[str, bytes] = {
    "noise": bytes(range(256)) * 64,
    "deep": _NESTED,
    "deep-field": msgspec.msgpack.encode({"t": "chat"})[:-5] + b"\xa4chat\xa4line" + _NESTED[:-20],
    "no-map": msgspec.msgpack.encode([1, 2, 3]),
    "unknown-kind": msgspec.msgpack.encode({"t": "sudo"}),
    "wrong-types": msgspec.msgpack.encode({"t": "entries", "entries": {"a": [None]}, "more": "yes"}),
    "huge-number": msgspec.msgpack.encode({"t": "heard-up-to", "at": 2**63}),
    "huge-map": b"\xdf\xff\xff\xff\xff" + bytes(100),
    "huge-number-of-nothing": _HUGE,
    "long-name": msgspec.msgpack.encode({"t": "not-done", "author": "x" * 12_000, "number": -1}),
}
"""Sixteen kilobytes at the most, and no message among them."""

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m\r\x08\u202egnp.exe\u2028\x00end"
"""Clears the screen, renames the window, colours, goes back, writes from right to left."""
