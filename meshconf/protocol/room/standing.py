"""Where one member stands: its key, the entries that it knows, the head that it follows, its neighbours, its news.

Shared by the parts of `authority.Room`; only the room itself moves the head.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from meshconf.protocol.room.acts import Act, Entry, Proposal
from meshconf.protocol.room.events import RoomEvent
from meshconf.protocol.room.history import History, Node, Verify
from meshconf.protocol.room.making import Sign, propose
from meshconf.protocol.room.neighbours import Neighbours
from meshconf.protocol.room.state import RoomState
from meshconf.types import PeerId

Append = Callable[[Entry, float], None]
"""`append(entry, now)`: an entry that we ordered goes into the log and to everybody."""


class Standing:
    """What the parts of a room have in common."""

    def __init__(self, own: PeerId, history: History, sign: Sign, verify: Verify) -> None:
        self.own = own
        self.history = history
        self.head = history.followed = history.best()
        self.sign = sign
        self.verify = verify
        self.neighbours = Neighbours()
        self.events: deque[RoomEvent] = deque()
        self._number = 0

    @property
    def state(self) -> RoomState:
        """The room as it is for us."""
        return self.head.state

    def move(self, head: Node) -> None:
        """Follow the log up to here from now on."""
        self.head = self.history.followed = head

    @property
    def is_host(self) -> bool:
        """Whether we are the host."""
        return self.state.host == self.own

    def signed(self, act: Act) -> Proposal:
        """An act of ours under a number that we never used."""
        self._number = max(self._number, self.state.numbers.get(self.own, 0)) + 1
        return propose(self.history.room, self.own, self._number, act, self.sign)
