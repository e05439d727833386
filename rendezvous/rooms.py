"""The registry of rooms: who opened them, who knocks, who may send to whom, when they end.

Pure: a request and the time go in, the messages to deliver come out. Numbers of sockets are given by the caller and
never used twice. Knows nothing of WebSockets, addresses or the content of a box.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from itertools import count

from rendezvous.limits import Limits
from rendezvous.messages import (
    Arrived,
    Departed,
    Failed,
    Frame,
    Join,
    Joined,
    Open,
    Opened,
    Rename,
    Renamed,
    Send,
    ServerMessage,
)


class Refusal(Exception):
    """A request that the rules do not allow; nothing has changed."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        """As in `Failed.code`."""

    def message(self) -> Failed:
        """Return what the client is told."""
        return Failed(self.code, str(self))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message for one socket."""

    socket: int
    message: ServerMessage


@dataclass(slots=True, eq=False)
class _Room:
    token: bytes
    owner: str
    born: float
    names: tuple[str, ...]
    members: set[int] = field(default_factory=set)
    joiners: dict[int, float] = field(default_factory=dict)
    """Each with the time of its knock."""
    empty_since: float | None = None
    """Since when no member is there."""


class Rooms:
    """All rooms of one rendezvous. Every member knows every joiner and every joiner every member."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_name: dict[str, _Room] = {}
        self._by_socket: dict[int, _Room] = {}
        self._rooms: dict[_Room, None] = {}

    def open(
        self, socket: int, request: Open, *, now: float, owner: str = "", owner_rooms: int | None = None
    ) -> list[Delivery]:
        """Create a room, or attach to it with its token; attaching changes no names.

        Args:
            socket: The number of the new member.
            request: Names and token; an existing room keeps the names it has.
            now: Seconds, monotonic.
            owner: Whom a new room is counted for.
            owner_rooms: How many living rooms that owner may have; None for any number.

        Raises:
            Refusal: malformed, taken, full or limit.
        """
        self._check_new(socket)
        room = self._attachable(request)
        if room is None:
            if not request.names and not request.allocate:
                raise Refusal("malformed", "A room needs a name.")
            if owner_rooms is not None and sum(each.owner == owner for each in self._rooms) >= owner_rooms:
                raise Refusal("limit", "Too many rooms are open from this address.")
            room = _Room(request.token, owner, now, self._names(request.names, request.allocate))
            self._rooms[room] = None
            self._by_name.update(dict.fromkeys(room.names, room))
        elif len(room.members) >= self._limits.members:
            raise Refusal("full", "The room has no place for a further member.")
        room.members.add(socket)
        room.empty_since = None
        self._by_socket[socket] = room
        return [
            Delivery(socket, Opened(socket, room.names)),
            *(Delivery(socket, Arrived(joiner)) for joiner in room.joiners),
            *(Delivery(joiner, Arrived(socket)) for joiner in room.joiners),
        ]

    def join(self, socket: int, request: Join, *, now: float) -> list[Delivery]:
        """Let a socket knock at a room.

        Raises:
            Refusal: malformed, no-such-meeting or full.
        """
        self._check_new(socket)
        room = self._by_name.get(request.name)
        if room is None:
            raise Refusal("no-such-meeting", "No room has that name.")
        if len(room.joiners) >= self._limits.joiners:
            raise Refusal("full", "Too many are waiting at this room.")
        room.joiners[socket] = now
        self._by_socket[socket] = room
        return [
            Delivery(socket, Joined(socket, tuple(sorted(room.members)))),
            *(Delivery(member, Arrived(socket)) for member in room.members),
        ]

    def send(self, socket: int, request: Send) -> list[Delivery]:
        """Relay a box; a receiver that is gone, or that a joiner may not reach, gets nothing.

        Raises:
            Refusal: malformed, from a socket without a room.
        """
        room = self._room_of(socket)
        reachable = request.to in room.members or (socket in room.members and request.to in room.joiners)
        # The sender cannot know yet that the receiver has left, so this is not its fault.
        if not reachable or request.to == socket:
            return []
        return [Delivery(request.to, Frame(socket, request.box))]

    def rename(self, socket: int, request: Rename) -> list[Delivery]:
        """Give the room these names instead of those it has.

        Raises:
            Refusal: malformed (also from a joiner) or taken.
        """
        room = self._room_of(socket)
        if socket not in room.members:
            raise Refusal("malformed", "Only members rename their room.")
        if not request.names and not request.allocate:
            raise Refusal("malformed", "A room needs a name.")
        # The old names still stand while a nameplate is chosen: a rotated code never gets the number it had.
        names = self._names(request.names, request.allocate, room)
        for name in room.names:
            del self._by_name[name]
        room.names = names
        self._by_name.update(dict.fromkeys(names, room))
        return [
            Delivery(socket, Opened(socket, names)),
            *(Delivery(member, Renamed(names)) for member in room.members if member != socket),
        ]

    def leave(self, socket: int, *, now: float) -> list[Delivery]:
        """Forget a socket that is gone, whether or not it was in a room."""
        room = self._by_socket.pop(socket, None)
        if room is None:
            return []
        if socket in room.members:
            room.members.discard(socket)
            if not room.members:
                room.empty_since = now
            return [Delivery(joiner, Departed(socket)) for joiner in room.joiners]
        del room.joiners[socket]
        return [Delivery(member, Departed(socket)) for member in room.members]

    def expire(self, *, now: float) -> list[Delivery]:
        """End what has lived too long: empty rooms after the grace, rooms of a day, joiners whom nobody lets in.

        Each socket concerned is told by a `Failed` and is in no room any more.
        """
        limits = self._limits
        deliveries: list[Delivery] = []
        for room in list(self._rooms):
            if room.empty_since is not None and now - room.empty_since >= limits.grace_seconds:
                deliveries += self._end(room, Failed("no-such-meeting", "The room has no members any more."))
            elif now - room.born >= limits.room_seconds:
                deliveries += self._end(room, Failed("expired", "The room is too old."))
            else:
                overdue = [joiner for joiner, since in room.joiners.items() if now - since >= limits.joiner_seconds]
                for joiner in overdue:
                    deliveries.append(Delivery(joiner, Failed("idle", "Nobody has let you in.")))
                    deliveries += self.leave(joiner, now=now)
        return deliveries

    def is_member(self, socket: int) -> bool:
        """Whether the socket is in a room, and as a member."""
        room = self._by_socket.get(socket)
        return room is not None and socket in room.members

    def __len__(self) -> int:
        return len(self._rooms)

    def _check_new(self, socket: int) -> None:
        if socket in self._by_socket:
            raise Refusal("malformed", "A socket is in one room at most.")

    def _room_of(self, socket: int) -> _Room:
        try:
            return self._by_socket[socket]
        except KeyError:
            raise Refusal("malformed", "Open or join a room first.") from None

    def _attachable(self, request: Open) -> _Room | None:
        rooms = {self._by_name[name] for name in request.names if name in self._by_name}
        if not rooms:
            return None
        room = rooms.pop()
        if rooms or not hmac.compare_digest(room.token, request.token):
            raise Refusal("taken", "That name belongs to another room.")
        return room

    def _names(self, wanted: tuple[str, ...], allocate: bool, room: _Room | None = None) -> tuple[str, ...]:
        if any(self._by_name.get(name, room) is not room for name in wanted):
            raise Refusal("taken", "That name belongs to another room.")
        names = dict.fromkeys(wanted)
        if allocate:
            plates = (str(number) for number in count(1))
            names[next(plate for plate in plates if plate not in self._by_name and plate not in names)] = None
        return tuple(names)

    def _end(self, room: _Room, reason: Failed) -> list[Delivery]:
        sockets = [*room.members, *room.joiners]
        for socket in sockets:
            del self._by_socket[socket]
        for name in room.names:
            del self._by_name[name]
        del self._rooms[room]
        return [Delivery(socket, reason) for socket in sockets]
