"""Two and more real links over loopback."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from aiortc.sdp import SessionDescription
from numpy.typing import NDArray

from meshconf.errors import LocalProtocolError, ProtocolError
from meshconf.rtc import internals
from meshconf.rtc import link as link_module
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.channels import ChannelName
from meshconf.rtc.description import M_LINES
from meshconf.rtc.feed import PacketFeed
from meshconf.rtc.ice import IceConfig
from meshconf.rtc.link import PeerLink
from meshconf.types import SAMPLE_RATE, LinkPath, SourceKind
from tests.rtc.support import (
    LOOPBACK,
    End,
    Player,
    RecordingListener,
    close,
    connect,
    opus_packets,
    until,
    vp8_packets,
)


async def test_two_links_connect_within_two_seconds_and_agree_on_the_exporter() -> None:
    one, other = End(), End()
    began = time.monotonic()
    await connect(one, other)
    assert time.monotonic() - began < 2.0
    keys = one.link.exporter("EXPORTER-meshconf", 32)
    assert keys == other.link.exporter("EXPORTER-meshconf", 32)
    assert len(keys) == 32
    assert keys != one.link.exporter("EXPORTER-other", 32)
    assert one.link.path() is other.link.path() is LinkPath.LAN
    await close(one, other)
    assert one.listener.states == ["connecting", "connected", "closed"]
    assert one.link.path() is None


async def test_all_three_channels_carry_messages_both_ways() -> None:
    one, other = End(), End()
    await connect(one, other)
    sent: list[tuple[ChannelName, bytes]] = [("ctl", b"c" * 16_384), ("rt", b"r" * 1_200), ("bulk", b"b" * 65_536)]
    for end, far in ((one, other), (other, one)):
        for channel, data in sent:
            await until(lambda end=end, channel=channel, data=data: end.link.send(channel, data))  # type: ignore[misc]
        await until(lambda far=far: len(far.listener.messages) == 3)  # type: ignore[misc]
        assert sorted(far.listener.messages) == sorted(sent)
    await close(one, other)


async def test_a_message_over_its_limit_is_our_mistake_and_a_full_buffer_refuses() -> None:
    one, other = End(), End()
    assert not one.link.send("ctl", b"too early")
    await connect(one, other)
    with pytest.raises(LocalProtocolError):
        one.link.send("rt", bytes(1_201))
    accepted = 0
    while one.link.send("ctl", bytes(16_000)):
        accepted += 1
    assert accepted == 16
    assert not one.link.send("bulk", b"control goes first")
    await until(lambda: len(other.listener.messages) == accepted)
    await close(one, other)


async def test_an_exception_in_a_listener_does_not_close_the_link() -> None:
    class Malicious(RecordingListener):
        def link_message(self, link: PeerLink, channel: ChannelName, data: bytes) -> None:
            super().link_message(link, channel, data)
            raise RuntimeError("boom")

        def link_open(self, link: PeerLink) -> None:
            super().link_open(link)
            raise RuntimeError("boom")

    one, other = End(), End(listener=Malicious())
    await connect(one, other)
    assert one.link.send("ctl", b"first")
    await until(lambda: other.listener.messages)
    assert one.link.send("ctl", b"second")
    await until(lambda: len(other.listener.messages) == 2)
    assert other.link.state == "connected"
    await close(one, other)


async def test_an_oversized_message_from_the_peer_ends_the_link() -> None:
    one, other = End(), End()
    await connect(one, other)
    one.link._channels._channels["rt"].send(bytes(5_000))
    await until(lambda: other.listener.states[-1] == "closed")
    assert other.listener.messages == []
    await until(lambda: one.listener.states[-1] == "closed")
    await close(one, other)


async def test_sound_and_pictures_arrive_decoded() -> None:
    one, other = End(), End()
    await connect(one, other)
    players = [
        Player(one.feeds[SourceKind.MIC], opus_packets(hertz=440), interval_s=0.02),
        Player(one.feeds[SourceKind.MEDIA], opus_packets(hertz=1_000), interval_s=0.02),
        Player(one.feeds[SourceKind.CAMERA], vp8_packets(luma=200), interval_s=0.033),
        Player(one.feeds[SourceKind.SCREEN], vp8_packets(luma=60, width=320), interval_s=0.033),
    ]
    heard, seen = other.listener.sound, other.listener.pictures
    await until(lambda: all(len(heard.get(kind, ())) > 25 for kind in (SourceKind.MIC, SourceKind.MEDIA)))
    await until(lambda: all(len(seen.get(kind, ())) > 5 for kind in (SourceKind.CAMERA, SourceKind.SCREEN)))
    assert abs(_pitch(heard[SourceKind.MIC]) - 440) < 10
    assert abs(_pitch(heard[SourceKind.MEDIA]) - 1_000) < 10
    for kind, luma, width in ((SourceKind.CAMERA, 200, 160), (SourceKind.SCREEN, 60, 320)):
        picture = seen[kind][-1]
        assert (picture.format.name, picture.width, picture.height) == ("yuv420p", width, 120)
        assert abs(float(picture.to_ndarray()[:120].mean()) - luma) < 8
    stats = await other.link.stats()
    assert stats.rtt_ms is not None and stats.rtt_ms < 200
    assert stats.down_bps > 10_000 and stats.loss == 0.0
    assert stats.incoming[SourceKind.CAMERA].frames > 5
    assert (await one.link.stats()).outgoing[SourceKind.MIC].packets > 25
    for player in players:
        await player.stop()
    await close(one, other)


async def test_lost_packets_of_both_pictures_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = End(), End()
    await connect(one, other)
    wire = next(iter(internals.ice_of(one.link._connection)._nominated.values())).protocol
    regular, sent = wire.send_data, 0

    async def lossy(data: bytes, addr: tuple[str, int]) -> None:
        nonlocal sent
        sent += 1
        if sent % 10:
            await regular(data, addr)

    monkeypatch.setattr(wire, "send_data", lossy)
    kinds = (SourceKind.CAMERA, SourceKind.SCREEN)
    players = [Player(one.feeds[kind], vp8_packets(), interval_s=0.02) for kind in kinds]
    seen = other.listener.pictures
    await until(lambda: all(len(seen.get(kind, ())) > 60 for kind in kinds))
    for kind in kinds:
        stamps = [picture.pts for picture in seen[kind] if picture.pts is not None]
        assert stamps == sorted(stamps)
        assert max(later - sooner for sooner, later in zip(stamps[1:], stamps[2:], strict=False)) < 45_000
    for player in players:
        await player.stop()
    await close(one, other)


async def test_a_picture_arrives_without_waiting_for_the_next_one() -> None:
    one, other = End(), End()
    await connect(one, other)
    feed = one.feeds[SourceKind.SCREEN]
    await until(lambda: feed.viewers == 1)
    packet = next(vp8_packets())
    feed.publish(packet, True)
    await until(lambda: other.listener.pictures.get(SourceKind.SCREEN), within_s=2)
    await close(one, other)


async def test_closing_one_of_three_links_on_a_feed_leaves_the_others() -> None:
    feeds = {kind: PacketFeed(kind) for kind in SourceKind}
    senders = [End(feeds=feeds) for _ in range(3)]
    viewers = [End() for _ in range(3)]
    for sender, viewer in zip(senders, viewers, strict=True):
        await connect(sender, viewer)
    player = Player(feeds[SourceKind.CAMERA], vp8_packets(), interval_s=0.033)
    seen = [viewer.listener.pictures.setdefault(SourceKind.CAMERA, []) for viewer in viewers]
    await until(lambda: all(seen) and feeds[SourceKind.CAMERA].viewers == 3)
    await senders[0].link.close()
    assert feeds[SourceKind.CAMERA].viewers == 2
    before = [len(pictures) for pictures in seen]
    await until(lambda: all(len(pictures) > count + 10 for pictures, count in zip(seen[1:], before[1:], strict=True)))
    assert [sender.link.state for sender in senders] == ["closed", "connected", "connected"]
    await until(lambda: viewers[0].link.state == "closed")
    await player.stop()
    await close(*senders, *viewers)


async def lose_the_picture(viewer: End, source: SourceKind) -> None:
    """Send the PLI (RFC 4585, 6.3.1) that aiortc sends when it cannot decode a picture."""
    connection, place = viewer.link._connection, M_LINES.index(source)
    section = SessionDescription.parse(connection.remoteDescription.sdp).media[place]
    await connection.getTransceivers()[place].receiver._send_rtcp_pli(section.ssrc[0].ssrc)


async def test_a_new_viewer_and_a_request_of_the_peer_ask_for_a_keyframe() -> None:
    one, other = End(), End()
    asked: list[float] = []
    one.feeds[SourceKind.CAMERA].on_keyframe_request = lambda: asked.append(time.monotonic())
    await connect(one, other)
    await until(lambda: len(asked) == 1)
    await lose_the_picture(other, SourceKind.CAMERA)
    await until(lambda: len(asked) == 2)
    assert asked[1] - asked[0] >= 0.29
    await close(one, other)


async def test_a_wrong_fingerprint_never_opens_the_link() -> None:
    one, other = End(), End()
    offer = await one.link.offer()
    answer = await other.link.answer(offer, Certificate.generate().fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await until(lambda: other.link.state in ("failed", "closed"))
    with pytest.raises(LocalProtocolError):
        other.link.exporter("EXPORTER-meshconf", 32)
    await close(one, other)
    assert one.listener.opened == other.listener.opened == 0


async def test_the_fingerprint_in_the_description_is_of_no_account() -> None:
    one, other = End(), End()
    offer = await one.link.offer()
    lies = offer.replace(one.certificate.fingerprint, Certificate.generate().fingerprint)
    assert lies != offer
    answer = await other.link.answer(lies, one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await until(lambda: one.listener.opened and other.listener.opened)
    await close(one, other)


async def test_a_link_closed_by_the_peer_closes_here_too() -> None:
    one, other = End(), End()
    await connect(one, other)
    await one.link.close()
    await until(lambda: other.link.state == "closed")
    assert other.listener.states[-1] == "closed"
    await close(one, other)
    assert other.listener.states.count("closed") == 1


async def test_closing_has_a_deadline_and_may_be_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = End(), End()
    await connect(one, other)

    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(link_module, "CLOSE_TIMEOUT_S", 0.2)
    regular = one.link._connection.close
    monkeypatch.setattr(one.link._connection, "close", never)
    began = time.monotonic()
    await asyncio.gather(one.link.close(), one.link.close())
    assert time.monotonic() - began < 1.0
    assert one.link.state == "closed"
    await regular()
    await close(other)


async def test_a_link_can_be_closed_before_and_while_it_connects() -> None:
    unused, one, other = End(), End(), End()
    await unused.link.close()
    answer = await other.link.answer(await one.link.offer(), one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await asyncio.gather(one.link.close(), other.link.close())
    assert {end.link.state for end in (unused, one, other)} == {"closed"}
    with pytest.raises(LocalProtocolError):
        await unused.link.offer()
    await close(unused, one, other)


async def test_a_link_is_negotiated_once_only() -> None:
    one, other = End(), End()
    with pytest.raises(LocalProtocolError):
        await one.link.accept("", "")
    await connect(one, other)
    with pytest.raises(LocalProtocolError):
        await one.link.offer()
    await close(one, other)


async def test_a_hostile_offer_is_the_peers_mistake() -> None:
    one = End()
    with pytest.raises(ProtocolError):
        await one.link.answer("v=0\r\n", one.certificate.fingerprint)
    await close(one)


async def test_the_link_shows_the_certificate_that_it_was_given() -> None:
    end = End()
    assert f"a=fingerprint:sha-256 {end.certificate.fingerprint}" in await end.link.offer()
    await close(end)


async def test_addresses_are_gathered_fast_and_without_servers() -> None:
    end = End()
    link = PeerLink(certificate=end.certificate, ice=IceConfig(), feeds={}, listener=RecordingListener())
    began = time.monotonic()
    offer = await link.offer()
    assert time.monotonic() - began < 0.5
    assert "a=candidate" in offer
    await link.close()
    await close(end)


async def test_closing_ends_every_decoder_thread_and_task() -> None:
    one, other = End(), End()
    await connect(one, other)
    receivers = [t.receiver for t in one.link._connection.getTransceivers()]
    threads = [internals.private(r, type(r), "decoder_thread") for r in receivers]
    assert all(thread.is_alive() for thread in threads)
    await close(one, other)
    assert not any(thread.is_alive() for thread in threads)
    assert not one.link._tasks and LOOPBACK.loopback


def _pitch(blocks: list[NDArray[np.int16]]) -> float:
    samples = np.concatenate(blocks[5:25]).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * SAMPLE_RATE / len(samples))
