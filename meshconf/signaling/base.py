"""What every way of signaling offers: a place in a room, boxes to its other sockets, and news about them.

Pure types; nothing here knows what a box holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody new whom we may write to: a joiner if we are a member, a further member if we are a joiner."""

    socket: int
    """The newcomer's number in this room."""


@dataclass(frozen=True, slots=True)
class Departed:
    """A socket that we heard of has left; its number is never used again."""

    socket: int
    """The number that is gone."""


@dataclass(frozen=True, slots=True)
class Received:
    """A box has come; only opening it proves where from."""

    sender: int
    """The number that the relay claims as its sender."""
    box: bytes
    """Sealed bytes of another peer."""


News = Arrived | Departed | Received


class RoomSocket(Protocol):
    """Our place in one room of one relay; members may write to everybody there, joiners to members."""

    @property
    def own(self) -> int:
        """Our number in this room."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which the room is found now; for a joiner the one it used."""

    @property
    def members(self) -> frozenset[int]:
        """For a joiner the members present now; empty for a member, who is told of joiners only."""

    async def send(self, to: int, box: bytes) -> None:
        """Send a box to one socket of the room; lost without a word when that socket is gone.

        Raises:
            SignalingLost: The relay is gone.
            LocalProtocolError: The box is larger than a relay carries.
        """

    async def rename(self, names: Sequence[str], *, allocate: bool = False) -> None:
        """Give the room these names instead of its own, for members only; `names` holds the outcome.

        Raises:
            Refused: A name is taken; the room keeps what it had.
            SignalingLost: The relay is gone or does not answer.
        """

    async def receive(self) -> News:
        """Wait for the next news; one reader at a time.

        Raises:
            SignalingLost: The relay is gone and all news before that have been read.
        """

    async def close(self) -> None:
        """Leave the room; may be called twice."""

    async def __aenter__(self) -> Self:
        """Return the socket itself."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
