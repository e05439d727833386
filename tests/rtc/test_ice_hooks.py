"""Our ways inside aioice: consent, the filter on sources, and addresses."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aioice import Candidate, Connection, ice, stun
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.rtc import ice_hooks, patches
from meshconf.rtc.internals import ice_of
from tests.rtc.support import End, close, connect, until

ALERT = bytes.fromhex("15 fefd 0000 000000000000 0002 02 28")
"""A plaintext DTLS record: fatal alert, handshake failure."""

MEDIA = bytes.fromhex("8061 0001 00000000 00001000 00")
"""What looks like RTP."""


@pytest.fixture(autouse=True, scope="module")
def hooks() -> None:
    patches.apply()


class _Wire(asyncio.DatagramTransport):
    """Takes what is sent and loses it."""

    def sendto(self, data: object, addr: object = None) -> None:
        pass


async def _endpoint() -> tuple[Connection, ice.StunProtocol]:
    connection = Connection(ice_controlling=True)
    protocol = ice.StunProtocol(connection)
    protocol.transport = _Wire()
    protocol.local_candidate = _candidate("127.0.0.1", 4_000)
    return connection, protocol


def _candidate(host: str, port: int) -> Candidate:
    return Candidate(foundation="1", component=1, transport="udp", priority=1, host=host, port=port, type="host")


async def test_only_the_peers_own_addresses_reach_dtls() -> None:
    connection, protocol = await _endpoint()
    connection._remote_candidates.append(_candidate("10.0.0.1", 5_000))
    for stranger in (("10.0.0.1", 5_001), ("10.0.0.2", 5_000)):
        protocol.datagram_received(ALERT, stranger)
        protocol.datagram_received(b"", stranger)
        protocol.datagram_received(b"\x00\x01junk", stranger)
    assert connection._queue.qsize() == 0
    protocol.datagram_received(ALERT, ("10.0.0.1", 5_000))
    assert connection._queue.qsize() == 1


async def test_media_go_past_the_queue_and_only_from_addresses_of_the_peer() -> None:
    connection, protocol = await _endpoint()
    connection._remote_candidates += [_candidate("10.0.0.1", 5_000), _candidate("10.0.0.1", 6_000)]
    taken: list[bytes] = []
    ice_hooks.divert_media(connection, ("10.0.0.1", 5_000), lambda datagrams, arrived: taken.extend(datagrams))
    for stranger in (("10.0.0.1", 5_001), ("10.0.0.2", 5_000)):
        protocol.datagram_received(MEDIA, stranger)
    assert taken == []
    protocol.datagram_received(MEDIA, ("10.0.0.1", 6_000))
    assert taken.pop() == MEDIA, "the other side may have settled on another pair"
    protocol.datagram_received(MEDIA, ("10.0.0.1", 5_000))
    protocol.datagram_received(MEDIA + b"6", ("10.0.0.1", 5_000, 0, 0))  # as IPv6 gives it
    assert taken == [MEDIA, MEDIA + b"6"]
    protocol.datagram_received(ALERT, ("10.0.0.1", 5_000))
    assert len(taken) == 2 and connection._queue.qsize() == 1, "DTLS is not media"
    ice_hooks.release_media(connection)
    ice_hooks.release_media(connection)
    protocol.datagram_received(MEDIA, ("10.0.0.1", 5_000))
    assert len(taken) == 2


@pytest.mark.parametrize("data", [MEDIA, b"\x80" + bytes(1_800), b"\xbf", b"\x40\x00"])
async def test_aiortc_never_sees_media(data: bytes) -> None:
    """It would close the connection over one of more than 1500 bytes, seal or no seal."""
    connection, protocol = await _endpoint()
    connection._remote_candidates.append(_candidate("10.0.0.1", 5_000))
    protocol.datagram_received(data, ("10.0.0.1", 5_000))
    assert connection._queue.qsize() == 0


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 75), junk=st.binary(max_size=8), length=st.integers(0, 90))
def test_mangled_checks_of_anybody_are_dropped_without_an_error(at: int, junk: bytes, length: int) -> None:
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes.update({"USERNAME": "here:there", "PRIORITY": 1, "ICE-CONTROLLED": 2})
    request.add_message_integrity(b"key")
    whole = bytes(request)

    async def receive() -> None:
        connection, protocol = await _endpoint()
        connection._remote_candidates.append(_candidate("10.0.0.1", 5_000))
        for source in (("10.0.0.1", 5_000), ("10.9.9.9", 7)):
            # The first byte stays, since only that makes it a check at all.
            protocol.datagram_received((whole[: 1 + at] + junk + whole[1 + at + len(junk) :])[:length], source)
        assert connection._queue.qsize() == 0

    asyncio.run(receive())


async def test_a_flood_before_anybody_reads_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice_hooks, "EARLY_DATAGRAMS", 5)
    connection, protocol = await _endpoint()
    connection._remote_candidates.append(_candidate("10.0.0.1", 5_000))
    for _ in range(20):
        protocol.datagram_received(ALERT, ("10.0.0.1", 5_000))
    assert connection._queue.qsize() == 5


async def test_checks_of_a_stranger_still_reach_ice(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, protocol = await _endpoint()
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(connection, "request_received", lambda message, addr, protocol: heard.append(addr))
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    protocol.datagram_received(bytes(request), ("10.9.9.9", 7))
    assert heard == [("10.9.9.9", 7)]


async def test_a_peer_has_no_more_addresses_than_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, protocol = await _endpoint()
    heard: list[tuple[str, int]] = []

    def learn(message: stun.Message, addr: tuple[str, int], protocol: ice.StunProtocol) -> None:
        heard.append(addr)
        connection._remote_candidates.append(_candidate(*addr))

    monkeypatch.setattr(connection, "request_received", learn)
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    for port in range(1, 3 * ice_hooks.MOST_CANDIDATES):
        protocol.datagram_received(bytes(request), ("10.9.9.9", port))
    assert heard == [("10.9.9.9", port + 1) for port in range(ice_hooks.MOST_CANDIDATES)]
    protocol.datagram_received(bytes(request), heard[0])
    assert len(heard) == ice_hooks.MOST_CANDIDATES + 1, "known ones go on"
    answered: list[tuple[str, int]] = []
    transaction = stun.Transaction(request, ("10.0.0.9", 3_478), protocol)
    monkeypatch.setattr(transaction, "response_received", lambda message, addr: answered.append(addr))
    protocol.transactions[request.transaction_id] = transaction
    answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=request.transaction_id)
    protocol.datagram_received(bytes(answer), ("10.0.0.9", 3_478))
    assert answered == [("10.0.0.9", 3_478)], "servers still answer"


async def test_forged_alerts_do_not_end_a_handshake() -> None:
    one, other = End(), End()
    offer = await one.link.offer()
    answer = await other.link.answer(offer, one.certificate.fingerprint)
    ports = [c.port for end in (one, other) for c in ice_of(end.link._connection).local_candidates]
    assert ports
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:

        async def forge() -> None:
            while True:
                for port in ports:
                    stranger.sendto(ALERT, ("127.0.0.1", port))
                await asyncio.sleep(0.002)

        forger = asyncio.create_task(forge())
        await one.link.accept(answer, other.certificate.fingerprint)
        await until(lambda: one.listener.opened and other.listener.opened)
        forger.cancel()
    await close(one, other)


async def test_a_silent_peer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice_hooks, "CONSENT_TIMEOUT_S", 0.5)
    monkeypatch.setattr(ice_hooks, "CONSENT_INTERVAL_S", 0.1)
    one, other = End(), End()
    await connect(one, other)
    monkeypatch.setattr(ice_of(other.link._connection), "request_received", lambda *_: None)
    await until(lambda: one.link.state == "closed")
    assert one.listener.states[-1] == "closed"
    await close(one, other)


async def test_consent_measures_the_round_trip_and_keeps_a_link_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice_hooks, "CONSENT_TIMEOUT_S", 0.4)
    monkeypatch.setattr(ice_hooks, "CONSENT_INTERVAL_S", 0.05)
    one, other = End(), End()
    await connect(one, other)
    checks: list[object] = []
    protocol = next(iter(ice_of(one.link._connection)._nominated.values())).protocol
    regular = protocol.send_stun

    def counted(message: stun.Message, addr: tuple[str, int]) -> None:
        checks.append(message)
        regular(message, addr)

    monkeypatch.setattr(protocol, "send_stun", counted)
    await until(lambda: len(checks) > 20)
    trip = ice_hooks.round_trip_s(ice_of(one.link._connection))
    assert trip is not None and trip < 0.2
    assert one.link.state == other.link.state == "connected"
    await close(one, other)


async def test_a_repeated_check_does_not_spoil_the_round_trip_of_a_short_road() -> None:
    connection, _ = await _endpoint()
    for trip in (0.02, 0.02, 0.56):
        ice_hooks._note_round_trip(connection, trip)
    assert ice_hooks.round_trip_s(connection) == pytest.approx(0.02)
    long_road, _ = await _endpoint()
    for trip in (0.6, 0.8):
        ice_hooks._note_round_trip(long_road, trip)
    assert ice_hooks.round_trip_s(long_road) == pytest.approx(0.65)


def test_a_machine_without_a_network_reaches_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice_hooks, "_get_host_addresses", lambda *_: [])
    assert ice.get_host_addresses(True, True) == ["127.0.0.1"]
    monkeypatch.setattr(ice_hooks, "_get_host_addresses", lambda *_: ["10.0.0.1"])
    assert ice.get_host_addresses(True, True) == ["10.0.0.1"]
    with ice_hooks.loopback_only():
        assert ice.get_host_addresses(True, True) == ["127.0.0.1"]


async def test_a_server_that_does_not_answer_delays_gathering_only_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice_hooks, "GATHER_TIMEOUT_S", 0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        connection = Connection(ice_controlling=True, stun_server=mute.getsockname())
        loop = asyncio.get_running_loop()
        began = loop.time()
        with ice_hooks.loopback_only():
            await connection.gather_candidates()
        assert loop.time() - began < 1.0
        assert [candidate.type for candidate in connection.local_candidates] == ["host"]
        await connection.close()
