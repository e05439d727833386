"""A rendezvous that writes down all that an operator could see, and lies when told to. For tests of trust.

A lie is a function from one relayed box to what is delivered in its place; stock lies are at the end of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from rendezvous.messages import ClientMessage, Frame
from rendezvous.rooms import Delivery
from rendezvous.server import RendezvousServer


@dataclass(frozen=True, slots=True)
class Relayed:
    """One box on its way between two sockets."""

    sender: int
    to: int
    box: bytes


Lie = Callable[[Relayed], Iterable[Relayed]]


class HostileRendezvous(RendezvousServer):
    """Serves like the real one and limits nobody on this machine; honest as long as `lie` is None."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, lie: Lie | None = None) -> None:
        super().__init__(host, port)
        self.lie = lie
        self.relayed: list[Relayed] = []
        """Every box as its sender gave it, in order, before any lie."""
        self.requests: list[tuple[int, ClientMessage]] = []
        """Every message of every client, with the socket that it came from."""

    @property
    def seen(self) -> bytes:
        """All bytes of all boxes: what must not hold a word of the meeting."""
        return b"\n".join(each.box for each in self.relayed)

    def handle(self, socket: int, message: ClientMessage) -> None:
        self.requests.append((socket, message))
        super().handle(socket, message)

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            if not isinstance(delivery.message, Frame):
                super().deliver([delivery])
                continue
            honest = Relayed(delivery.message.sender, delivery.socket, delivery.message.box)
            self.relayed.append(honest)
            for told in [honest] if self.lie is None else self.lie(honest):
                self.inject(told)

    def inject(self, told: Relayed) -> None:
        """Deliver a box that nobody may have sent."""
        super().deliver([Delivery(told.to, Frame(told.sender, told.box))])


def drop() -> Lie:
    """Deliver nothing."""
    return lambda honest: []


def replay(times: int = 2) -> Lie:
    """Deliver each box several times."""
    return lambda honest: [honest] * times


def replay_first() -> Lie:
    """Deliver, in the place of each box, the first that this sender sent to this receiver."""
    first: dict[tuple[int, int], Relayed] = {}
    return lambda honest: [first.setdefault((honest.sender, honest.to), honest)]


def flip(bit: int = -1, *, nth: int | None = None) -> Lie:
    """Flip one bit (counted from the first of the box, or from its end) of each box, or only of the nth (from 0)."""
    count = 0

    def lie(honest: Relayed) -> list[Relayed]:
        nonlocal count
        count += 1
        if not honest.box or (nth is not None and count - 1 != nth):
            return [honest]
        damaged = bytearray(honest.box)
        where = bit % (8 * len(damaged))
        damaged[where // 8] ^= 0x80 >> where % 8
        return [replace(honest, box=bytes(damaged))]

    return lie


def swap() -> Lie:
    """Deliver boxes in pairs, the later one first; pairs are made for each sender and receiver apart."""
    held: dict[tuple[int, int], Relayed] = {}

    def lie(honest: Relayed) -> list[Relayed]:
        earlier = held.pop((honest.sender, honest.to), None)
        if earlier is None:
            held[honest.sender, honest.to] = honest
            return []
        return [honest, earlier]

    return lie


def misattribute() -> Lie:
    """Claim the last other socket that was heard of as the sender of each box."""
    known: list[int] = []

    def lie(honest: Relayed) -> list[Relayed]:
        if honest.sender not in known:
            known.append(honest.sender)
        others = [socket for socket in known if socket not in (honest.sender, honest.to)]
        return [replace(honest, sender=others[-1])] if others else [honest]

    return lie


def reflect() -> Lie:
    """Send each box back to its sender as if the receiver had sent it, beside delivering it."""
    return lambda honest: [honest, Relayed(honest.to, honest.sender, honest.box)]


def add(box: bytes) -> Lie:
    """Deliver a box of our own making after each honest one."""
    return lambda honest: [honest, replace(honest, box=box)]
