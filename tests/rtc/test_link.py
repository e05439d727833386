"""Two and more real links over loopback."""

from __future__ import annotations

import time

import pytest

from meshconf.errors import LocalProtocolError, ProtocolError
from meshconf.media.encoded import EncodedFrame
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.channels import ChannelName
from meshconf.rtc.datagrams import SocketOutlet
from meshconf.rtc.feed import Feed
from meshconf.rtc.ice import IceConfig
from meshconf.rtc.link import PeerLink
from meshconf.types import LinkPath, SourceKind
from tests.rtc.support import End, Player, RecordingListener, close, connect, opus_frames, until, vp8_frames

PICTURES = (SourceKind.CAMERA, SourceKind.SCREEN)


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


async def test_sound_and_pictures_arrive() -> None:
    one, other = End(), End()
    await connect(one, other)
    players = {
        SourceKind.MIC: Player(one.feeds[SourceKind.MIC], opus_frames(hertz=440), interval_s=0.02),
        SourceKind.MEDIA: Player(one.feeds[SourceKind.MEDIA], opus_frames(hertz=1_000), interval_s=0.02),
        SourceKind.CAMERA: Player(one.feeds[SourceKind.CAMERA], vp8_frames(luma=200), interval_s=0.033),
        SourceKind.SCREEN: Player(one.feeds[SourceKind.SCREEN], vp8_frames(luma=60, width=320), interval_s=0.033),
    }
    heard, seen = other.listener.sound, other.listener.pictures
    await until(lambda: all(len(heard.get(kind, ())) > 25 for kind in (SourceKind.MIC, SourceKind.MEDIA)))
    await until(lambda: all(len(seen.get(kind, ())) > 5 for kind in PICTURES))
    for player in players.values():
        await player.stop()
    for kind, packets in heard.items():
        sent = players[kind].published
        assert [packet.payload for packet in packets] == [frame.data for frame in sent[: len(packets)]]
        steps = {later.timestamp - sooner.timestamp for sooner, later in zip(packets, packets[1:], strict=False)}
        assert steps == {960}
    for kind, width in ((SourceKind.CAMERA, 160), (SourceKind.SCREEN, 320)):
        sent, pictures = players[kind].published, seen[kind]
        assert [picture.data for picture in pictures] == [frame.data for frame in sent[: len(pictures)]]
        assert {(picture.codec, picture.keyframe, picture.width, picture.height) for picture in pictures} == {
            ("VP8", True, width, 120)
        }
        assert abs(pictures[-1].captured - time.monotonic()) < 5.0
    stats = other.link.stats()
    assert stats.rtt_ms is not None and stats.rtt_ms < 200
    assert stats.down_bps > 10_000 and stats.loss == 0.0
    assert other.link.media.pictures[SourceKind.CAMERA].receiver.counters.frames > 5
    assert one.link.media.outgoing[SourceKind.MIC].counters.packets > 25
    await close(one, other)


async def test_lost_packets_of_both_pictures_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = End(), End()
    await connect(one, other)
    outlet = _outlet_of(one)
    outlet.segments = False
    regular, sent = outlet.send, 0

    def lossy(data: bytes | memoryview) -> None:
        nonlocal sent
        sent += 1
        if sent % 10:
            regular(data)

    monkeypatch.setattr(outlet, "send", lossy)
    players = [Player(one.feeds[kind], vp8_frames(every_key=False), interval_s=0.02) for kind in PICTURES]
    seen = other.listener.pictures
    await until(lambda: all(len(seen.get(kind, ())) > 60 for kind in PICTURES), within_s=20)
    for player, kind in zip(players, PICTURES, strict=True):
        await player.stop()
        # All but the first is a difference to the one before: not one may be missing.
        pictures = [picture.data for picture in seen[kind]]
        assert pictures == [frame.data for frame in player.published[: len(pictures)]]
        assert other.link.media.pictures[kind].receiver.counters.repaired > 2
    await close(one, other)


async def test_a_picture_arrives_without_waiting_for_the_next_one() -> None:
    one, other = End(), End()
    await connect(one, other)
    await until(lambda: one.link.media.running and other.link.media.running)
    frame = next(vp8_frames())
    one.feeds[SourceKind.SCREEN].publish(frame)
    await until(lambda: other.listener.pictures.get(SourceKind.SCREEN), within_s=2)
    assert other.listener.pictures[SourceKind.SCREEN][0].data == frame.data
    await close(one, other)


async def test_closing_one_of_three_links_on_a_feed_leaves_the_others() -> None:
    feeds = {kind: Feed(kind) for kind in SourceKind}
    senders = [End(feeds=feeds) for _ in range(3)]
    viewers = [End() for _ in range(3)]
    for sender, viewer in zip(senders, viewers, strict=True):
        await connect(sender, viewer)
    player = Player(feeds[SourceKind.CAMERA], vp8_frames(), interval_s=0.033)
    seen = [viewer.listener.pictures.setdefault(SourceKind.CAMERA, list[EncodedFrame]()) for viewer in viewers]
    await until(lambda: all(seen))
    await senders[0].link.close()
    before = [len(pictures) for pictures in seen]
    await until(lambda: all(len(pictures) > count + 10 for pictures, count in zip(seen[1:], before[1:], strict=True)))
    assert [sender.link.state for sender in senders] == ["closed", "connected", "connected"]
    await until(lambda: viewers[0].link.state == "closed")
    await player.stop()
    await close(*senders, *viewers)


async def test_a_new_viewer_and_a_request_of_the_peer_ask_for_a_keyframe() -> None:
    one, other = End(), End()
    asked: list[int] = []
    one.feeds[SourceKind.CAMERA].on_keyframe_request = asked.append
    await connect(one, other)
    assert asked == [0]
    one.link.media.show(SourceKind.CAMERA, 1)
    assert asked == [0, 1]
    other.link.media.request_keyframe(SourceKind.CAMERA)
    await until(lambda: len(asked) == 3)
    assert asked == [0, 1, 1]
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


def _outlet_of(end: End) -> SocketOutlet:
    """How it sends."""
    sender = end.link.media._sender
    assert sender is not None and isinstance(sender._outlet, SocketOutlet)
    return sender._outlet
