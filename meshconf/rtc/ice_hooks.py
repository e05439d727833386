"""What we do differently inside aioice; installed by `patches.apply()`, runs on the event loop.

Faster and more patient consent checks, a filter on where datagrams come from, addresses on a machine without a network,
and a short wait for STUN and TURN.
"""

from __future__ import annotations

import asyncio
import logging
import random
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from aioice import Candidate, Connection, ice, stun

log = logging.getLogger("meshconf.rtc")

CONSENT_INTERVAL_S = 1.0
CONSENT_RETRANSMISSIONS = 2
CONSENT_TIMEOUT_S = 8.0
"""Silence after which a link is given up; RFC 7675, 5.1 allows 30 s, people do not."""

GATHER_TIMEOUT_S = 1.5
"""Longest wait for STUN and TURN, which otherwise delay every offer by 5 s when they do not answer."""

EARLY_DATAGRAMS = 2_000
"""Datagrams that may wait to be read; aioice's queue has no bound of its own."""

MOST_CANDIDATES = 96
"""Addresses that a peer may have: 64 of its description, and half as many that a NAT shows of it. aioice learns them
from checks without end, and each costs pairs and tasks."""

LAST_STUN_BYTE = b"\x03"
"""Highest first byte of a STUN message where protocols share a port (RFC 7983, 7)."""

LAST_DTLS_BYTE = b"\x3f"
"""Highest first byte of what is not media there."""

_Take = Callable[[Sequence[bytes], float], None]

_LONGEST_CLEAR_TRIP_S = 0.45
_RTT_WEIGHT = 0.25
_round_trips: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()
_diverted: WeakKeyDictionary[Connection, tuple[tuple[Any, ...], _Take]] = WeakKeyDictionary()
_loopback: ContextVar[bool] = ContextVar("loopback", default=False)

_get_host_addresses = ice.get_host_addresses
_get_component_candidates = Connection.get_component_candidates
_datagram_received = ice.StunProtocol.datagram_received


def round_trip_s(connection: Connection) -> float | None:
    """Smoothed round trip of the consent checks, in seconds; None before the first answer."""
    return _round_trips.get(connection)


def is_media(data: bytes) -> bool:
    """Whether a datagram is RTP or RTCP, and neither STUN nor DTLS (RFC 7983, 7)."""
    return data[:1] > LAST_DTLS_BYTE


def divert_media(connection: Connection, remote: tuple[Any, ...], take: _Take) -> None:
    """Have RTP and RTCP from the peer go to `take` at once, past the queue that DTLS reads.

    Args:
        connection: Whose datagrams.
        remote: The address from which most will come; from other candidates of the peer they are taken as well.
        take: Gets one datagram after the other, and the monotonic seconds of its arrival.
    """
    _diverted[connection] = (remote[:2], take)


def release_media(connection: Connection) -> None:
    """Drop RTP and RTCP again; whoever takes them knows the connection, so that neither would ever be freed."""
    _diverted.pop(connection, None)


@contextmanager
def loopback_only() -> Iterator[None]:
    """Inside, connections gather 127.0.0.1 and nothing else."""
    token = _loopback.set(True)
    try:
        yield
    finally:
        _loopback.reset(token)


def get_host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """As in aioice, but a machine without any network still reaches itself."""
    if _loopback.get():
        return ["127.0.0.1"]
    return _get_host_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]


async def get_component_candidates(
    self: Connection,
    component: int,
    addresses: list[str],
    timeout: float = 5,  # noqa: ASYNC109 - the signature is aioice's
) -> list[Candidate]:
    """As in aioice, with a shorter wait."""
    wait: Any = min(timeout, GATHER_TIMEOUT_S)
    return await _get_component_candidates(self, component, addresses, wait)


def datagram_received(self: ice.StunProtocol, data: bytes, addr: tuple[Any, ...]) -> None:
    """Let only the peer send anything but STUN, and let aiortc see no media.

    aioice passes datagrams of any source on to DTLS, where one forged plaintext alert ends a handshake, and one that
    looks like a long media packet the connection. The remote candidates come from sealed descriptions and
    authenticated checks only, so they say who the peer is.
    """
    connection = self.receiver
    if is_media(data):
        diverted = _diverted.get(connection)
        # Where several pairs work, the two sides may have settled on different ones, each sending over its own.
        if diverted is not None and (diverted[0] == addr[:2] or _is_of_peer(connection, addr)):
            diverted[1]([data], time.monotonic())
        return
    if data[:1] > LAST_STUN_BYTE:
        if _is_of_peer(connection, addr) and connection._queue.qsize() < EARLY_DATAGRAMS:
            _datagram_received(self, data, addr)
        return
    try:
        message = stun.parse_message(data)
    except (ValueError, IndexError, struct.error):
        # aioice would hand it on as data; an empty datagram makes aiortc close the connection.
        return
    asks = message.message_class is stun.Class.REQUEST
    if asks and len(connection._remote_candidates) >= MOST_CANDIDATES and not _is_of_peer(connection, addr):
        return
    _datagram_received(self, data, addr)


def _is_of_peer(connection: Connection, addr: tuple[Any, ...]) -> bool:
    return any(c._network_host == addr[0] and c.port == addr[1] for c in connection._remote_candidates)


async def query_consent(self: Connection) -> None:
    """Check that the peer still agrees to receive (RFC 7675), and measure the round trip on the way.

    Checks overlap and are repeated, so that neither a lost packet nor a round trip over half a second counts as a
    failure; only silence does.
    """
    loop = asyncio.get_running_loop()
    heard = loop.time()
    checks: set[asyncio.Task[None]] = set()

    async def check(pair: ice.CandidatePair) -> None:
        nonlocal heard
        sent = loop.time()
        try:
            await pair.protocol.request(
                self.build_request(pair, nominate=False),
                pair.remote_addr,
                integrity_key=str(self.remote_password).encode(),
                retransmissions=CONSENT_RETRANSMISSIONS,
            )
        except stun.TransactionError:
            return
        heard = loop.time()
        _note_round_trip(self, heard - sent)

    try:
        while loop.time() - heard < CONSENT_TIMEOUT_S:
            if self._closing:  # while it was connecting: aioice begins to check all the same
                return
            for pair in self._nominated.values():
                task = asyncio.create_task(check(pair))
                checks.add(task)
                task.add_done_callback(checks.discard)
            # RFC 7675, 5.1: not in step with other links
            await asyncio.sleep(CONSENT_INTERVAL_S * (0.8 + 0.4 * random.random()))
    finally:
        for task in list(checks):
            task.cancel()
    log.info("A peer has not answered for %.0f s", CONSENT_TIMEOUT_S)
    self._query_consent_task = None
    await self.close()


def _note_round_trip(connection: Connection, trip: float) -> None:
    known = _round_trips.get(connection)
    if known is None:
        _round_trips[connection] = trip
    elif trip < _LONGEST_CLEAR_TRIP_S or known >= _LONGEST_CLEAR_TRIP_S:
        # A longer trip on a short path is a request that was lost and repeated, so it says nothing about the path.
        _round_trips[connection] = known + _RTT_WEIGHT * (trip - known)
