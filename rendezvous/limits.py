"""How much of the rendezvous one stranger may use: the figures, and the count per address.

Pure: time is an argument. Addresses live in memory only, are forgotten once idle, and are never written anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address

from meshconf.token_bucket import TokenBucket

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit of a rendezvous; the defaults suit one on the public internet."""

    sockets: int = 10_000
    """Open sockets in all."""
    sockets_per_address: int = 64
    """Open sockets of one address (of one /64 for IPv6): two full meetings of an office that shares one."""
    connects_per_minute: int = 90
    """New sockets of one address."""
    opens_per_minute: int = 10
    """Opened rooms of one address, attaching to one included."""
    joins_per_minute: int = 30
    """Knocks of one address, and so its guesses at nameplates."""
    rooms_per_address: int = 20
    """Living rooms that one address created."""
    own_members: bool = False
    """Whether members on this machine are our own door, whose messages are not counted: it answers whoever knocks."""
    count_loopback: bool = False
    """Whether 127.0.0.1 and ::1 are counted: they are our own processes, or a proxy that has to count for itself."""

    frames_per_second: float = 20.0
    """Sustained messages of one socket."""
    frame_burst: int = 60
    """Messages that a socket may send at once after a silence."""
    joiner_bytes_per_minute: int = 1024 * 1024
    """Bytes that a joiner, whom nobody has vouched for, may send: 31 offers of 16 kB, and as much again."""
    outbox_bytes: int = 1024 * 1024
    """Bytes that wait for a slow reader before it loses its socket."""

    members: int = 16
    """Members of a room."""
    joiners: int = 32
    """Joiners that wait in a room at one time: as many as a meeting takes, who may all come in the same minute."""
    grace_seconds: float = 120.0
    """How long a room without members is kept for their return."""
    room_seconds: float = 24 * 3600.0
    """How long a room lives at most."""
    joiner_seconds: float = 600.0
    """How long a joiner may wait."""
    hello_seconds: float = 60.0
    """How long a new socket may stay silent."""

    @classmethod
    def for_lan(cls) -> Limits:
        """Return limits for a server inside a member, where a whole office may share one address."""
        return replace(
            cls(),
            sockets=500,
            sockets_per_address=200,
            connects_per_minute=600,
            opens_per_minute=200,
            joins_per_minute=600,
            rooms_per_address=200,
            own_members=True,
            # It lives in a member, and as long as that is in the meeting.
            room_seconds=float("inf"),
            # Doors open to whoever knocks, so those who only stand there may be many, yet not for long.
            joiners=100,
            joiner_seconds=60.0,
        )


class Gate:
    """Counts what each address does; an address is text that `address_key` made."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._accounts: dict[str, _Account] = {}
        self._open = 0

    def connect(self, address: str, *, now: float) -> bool:
        """Whether the address may make one more socket now."""
        return self._is_free(address) or self._account(address, now).connects.spend(now=now)

    def open(self, address: str, *, now: float) -> bool:
        """Whether the address may open one more room now."""
        return self._is_free(address) or self._account(address, now).opens.spend(now=now)

    def join(self, address: str, *, now: float) -> bool:
        """Whether the address may knock once more now."""
        return self._is_free(address) or self._account(address, now).joins.spend(now=now)

    def enter(self, address: str, *, now: float) -> bool:
        """Count one more open socket; False, and not counted, when there are enough."""
        account = self._account(address, now)
        if self._open >= self._limits.sockets:
            return False
        if account.open >= self._limits.sockets_per_address and not self._is_free(address):
            return False
        account.open += 1
        self._open += 1
        return True

    def leave(self, address: str, *, now: float) -> None:
        """Count one open socket less; only after an `enter` that returned True."""
        self._account(address, now).open -= 1
        self._open -= 1

    def rooms_allowed(self, address: str) -> int | None:
        """How many living rooms the address may own; None for any number."""
        return None if self._is_free(address) else self._limits.rooms_per_address

    def forget(self, *, now: float) -> None:
        """Drop every address without a socket whose buckets are full again."""
        idle = [key for key, account in self._accounts.items() if not account.open and now - account.seen > _MINUTE]
        for key in idle:
            del self._accounts[key]

    def __len__(self) -> int:
        return len(self._accounts)

    def _is_free(self, address: str) -> bool:
        return address == LOOPBACK and not self._limits.count_loopback

    def _account(self, address: str, now: float) -> _Account:
        account = self._accounts.get(address)
        if account is None:
            account = self._accounts[address] = _Account(self._limits, now)
        account.seen = now
        return account


class _Account:
    __slots__ = ("connects", "joins", "open", "opens", "seen")

    def __init__(self, limits: Limits, now: float) -> None:
        self.connects = TokenBucket(limits.connects_per_minute / _MINUTE, limits.connects_per_minute, now=now)
        self.opens = TokenBucket(limits.opens_per_minute / _MINUTE, limits.opens_per_minute, now=now)
        self.joins = TokenBucket(limits.joins_per_minute / _MINUTE, limits.joins_per_minute, now=now)
        self.open = 0
        self.seen = now


LOOPBACK = "loopback"
"""The key of every loopback address."""


def address_key(host: str) -> str:
    """Return what an address is counted under: itself, its /64 for IPv6, LOOPBACK for this machine."""
    try:
        address: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback:
        return LOOPBACK
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
