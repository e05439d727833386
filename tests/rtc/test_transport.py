"""The media of a link: what is sent arrives, viewers get the rung they ask for, and reports tell of it."""

from __future__ import annotations

import asyncio
import time
from itertools import count

import pytest

from meshconf.media.congestion.arrivals import INTERVAL
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp.rtcp import (
    MAX_SEQUENCES,
    CongestionFeedback,
    GenericNack,
    PictureLossIndication,
    SenderReport,
)
from meshconf.rtc.transport import MediaTransport
from tests.rtc.sides import (
    CAMERA,
    MEDIA,
    MIC,
    SCREEN,
    Side,
    close,
    pair,
    reports_of,
    rtcp_of,
    started,
    stream,
    vp8_frames,
)
from tests.rtc.support import pending_timers, show_all, until
from tests.rtc.wire import is_rtcp, opus_frame, vp8_frame

pytestmark = pytest.mark.usefixtures("without_connections")

# What is sent arrives.


async def test_sound_and_pictures_arrive_both_ways() -> None:
    sides = started()
    for side, far in (sides, sides[::-1]):
        published = await stream(side, CAMERA, vp8_frames(), 20)
        tone = await stream(side, MIC, (opus_frame(number) for number in count()), 20)
        await stream(side, MEDIA, (opus_frame(number) for number in count()), 1)
        await until(lambda far=far: len(far.sink.pictures) == 20 and len(far.sink.sound) == 21)  # type: ignore[misc]
        assert far.sink.data(CAMERA) == published
        assert [packet.payload for kind, packet in far.sink.sound if kind is MIC] == tone
        await until(lambda side=side, far=far: far.media.octets_received == side.media.octets_sent)  # type: ignore[misc]
        assert side.media.octets_sent == sum(map(len, side.wire.sent))
    close(*sides)


async def test_lost_packets_of_both_pictures_are_sent_again() -> None:
    one, other = started()
    numbers = count()
    one.wire.lose = lambda data: not is_rtcp(data) and next(numbers) % 7 == 3
    cameras, screens = await asyncio.gather(
        stream(one, CAMERA, vp8_frames(2_200), 60, interval_s=0.006),
        stream(one, SCREEN, vp8_frames(1_500), 60, interval_s=0.006),
    )
    await until(lambda: len(other.sink.pictures) >= 119)
    # Of the very last picture the end may be lost, of which nobody knows.
    assert other.sink.data(CAMERA)[:59] == cameras[:59]
    assert other.sink.data(SCREEN)[:59] == screens[:59]
    assert reports_of(other, GenericNack)
    assert {nack.sender_ssrc for nack in reports_of(other, GenericNack)} <= {f.ssrc for f in other.feeds.values()}
    assert one.media.outgoing[CAMERA].counters.repeated > 5
    close(one, other)


async def test_pictures_wait_to_be_shown_and_sound_does_not() -> None:
    one, other = pair(shown=False)
    for side in (one, other):
        side.media.start(side)  # type: ignore[arg-type]
    assert (CAMERA, 0) not in one.asked
    await stream(one, CAMERA, vp8_frames(), 3)
    tone = await stream(one, MIC, (opus_frame(number) for number in count()), 2)
    await until(lambda: [packet.payload for _, packet in other.sink.sound] == tone)
    assert other.sink.pictures == []
    one.media.show(CAMERA, 0)
    assert one.asked[-1] == (CAMERA, 0)
    published = await stream(one, CAMERA, vp8_frames(), 3)
    await until(lambda: other.sink.data(CAMERA) == published)
    close(one, other)


async def test_a_picture_arrives_without_waiting_for_the_next_one() -> None:
    one, other = started()
    frame = vp8_frame(5_000, keyframe=True)
    one.feeds[SCREEN].publish(frame)
    await until(lambda: other.sink.pictures, within_s=2)
    assert other.sink.data(SCREEN) == [frame.data]
    close(one, other)


async def test_what_nobody_here_wants_is_thrown_away_but_counted_for_the_sender() -> None:
    one, other = started()
    other.media.discard(frozenset({CAMERA, MEDIA}))
    await stream(one, CAMERA, vp8_frames(), 10)
    await stream(one, MEDIA, (opus_frame(number) for number in count()), 10)
    await stream(one, MIC, (opus_frame(number) for number in count()), 3)
    await until(lambda: len(other.sink.sound) == 3)
    assert other.sink.pictures == [] and {kind for kind, _ in other.sink.sound} == {MIC}
    camera = one.feeds[CAMERA].ssrc
    await until(
        lambda: any(s.ssrc == camera for report in reports_of(other, CongestionFeedback) for s in report.streams)
    )
    await until(lambda: other.media.octets_received > 30_000)
    close(one, other)


async def test_what_is_shown_again_begins_anew_and_the_pause_is_not_repaired() -> None:
    one, other = started()
    pictures = vp8_frames()
    await stream(one, CAMERA, pictures, 3)
    await until(lambda: len(other.sink.pictures) == 3)
    other.media.discard(frozenset({CAMERA}))
    await stream(one, CAMERA, pictures, 30)
    other.media.discard(frozenset())
    await stream(one, CAMERA, pictures, 5)
    await until(lambda: reports_of(other, PictureLossIndication))
    # A few packets before the first: the beginning of a keyframe may have been lost just now.
    assert sum(len(nack.sequences) for nack in reports_of(other, GenericNack)) < 20
    assert other.media.pictures[CAMERA].receiver.counters.frames == 3
    close(one, other)


# Keyframes and rungs.


async def test_a_new_viewer_asks_for_a_keyframe_of_its_rung() -> None:
    one, other = pair()
    one.media.show(CAMERA, 2)
    one.media.show(SCREEN, None)
    one.asked.clear()
    one.media.start(one)  # type: ignore[arg-type]
    assert one.asked == [(CAMERA, 2)]
    close(one, other)


async def test_a_request_of_the_peer_asks_for_a_keyframe_of_what_it_gets() -> None:
    one, other = started()
    one.media.show(CAMERA, 1)
    one.asked.clear()
    other.media.request_keyframe(CAMERA)
    await until(lambda: one.asked)
    assert one.asked == [(CAMERA, 1)]
    one.media.show(CAMERA, None)
    other.media.request_keyframe(CAMERA)
    other.media.request_keyframe(MIC)
    other.media.request_keyframe(SCREEN)
    await until(lambda: len(one.asked) == 2)
    assert one.asked[1] == (SCREEN, 0), "of what is not sent, none is asked for"
    close(one, other)


async def test_a_viewer_who_misses_the_first_keyframe_asks_for_another() -> None:
    one, other = started()
    one.asked.clear()
    one.wire.lose = lambda data: True
    frames = vp8_frames(30_000)
    await stream(one, CAMERA, frames, 1)
    await until(lambda: len(one.wire.sent) >= 26)
    one.wire.lose = lambda data: False
    number = 0
    while not one.asked:
        number += 1
        assert number < 300
        one.feeds[CAMERA].publish(vp8_frame(500, timestamp=number * 3_000))
        await asyncio.sleep(0.01)
    assert set(one.asked) == {(CAMERA, 0)}
    last = vp8_frame(5_000, keyframe=True, timestamp=900_000)
    one.feeds[CAMERA].publish(last)
    await until(lambda: other.sink.data(CAMERA) == [last.data])
    close(one, other)


async def test_a_rung_is_shown_from_its_keyframe_on() -> None:
    one, other = started()
    published: dict[int, list[bytes]] = {0: [], 1: []}
    for number in range(30):
        if number == 10:
            one.asked.clear()
            one.media.show(CAMERA, 1)
            assert one.asked == [(CAMERA, 1)]
        for rung in (0, 1):
            frame = vp8_frame(2_000, keyframe=number in (0, 20), timestamp=number * 3_000, rung=rung)
            one.feeds[CAMERA].publish(frame)
            published[rung].append(frame.data)
        await asyncio.sleep(0.001)
    await until(lambda: len(other.sink.pictures) == 31)
    # At the switch both are keyframes of one moment.
    assert other.sink.data(CAMERA) == published[0][:21] + published[1][20:]
    assert other.media.pictures[CAMERA].receiver.counters.nacks_sent == 0
    close(one, other)


# Reports.


async def test_reports_of_what_arrived_tell_the_sender_its_round_trip() -> None:
    one, other = started()
    await stream(one, CAMERA, vp8_frames(), 30)
    await until(lambda: one.media.estimator.rtt_s > 0)
    assert one.media.estimator.rtt_s < 0.2
    assert other.media.estimator.rtt_s == 0, "who sends nothing"
    close(one, other)


async def test_who_only_watches_takes_the_round_trip_of_ice() -> None:
    one, other = started()
    usual = other.media.pictures[CAMERA].receiver._losses.rtt
    rtcp_of(other)._turn()
    assert other.media.pictures[CAMERA].receiver._losses.rtt == usual, "nothing is known yet"
    other.round_trip = 0.3
    rtcp_of(other)._turn()
    assert {stream.receiver._losses.rtt for stream in other.media.pictures.values()} == {0.3}
    close(one, other)


async def test_all_that_arrived_is_told_in_one_turn_however_much_it_is() -> None:
    one, other = started()
    now = time.monotonic()
    for feed in one.feeds.values():
        for number in range(400):
            other.media._receiver.arrivals.arrived(feed.ssrc, number, now)
    other.media._receiver.arrivals._reported = now - 2 * INTERVAL
    rtcp_of(other)._turn()
    told = [stream for report in reports_of(other, CongestionFeedback) for stream in report.streams]
    assert {stream.ssrc for stream in told} == {feed.ssrc for feed in one.feeds.values()}
    assert sum(len(stream.offsets) for stream in told) == 4 * 400
    assert max(len(data) for data in other.wire.sent) <= 1_200
    close(one, other)


async def test_a_sender_report_tells_when_what_was_sent_last_was_captured() -> None:
    one, other = started()
    captured = time.monotonic() - 0.25
    one.feeds[MIC].publish(EncodedFrame("opus", b"x", True, 960, captured=captured))
    rtcp_of(one)._send_reports()
    (report,) = reports_of(one, SenderReport)
    assert report.ssrc == one.feeds[MIC].ssrc
    assert report.rtp_timestamp == one.media.outgoing[MIC].last_timestamp & 0xFFFFFFFF
    assert (report.packets, report.octets) == (1, 1)
    unix = report.ntp / 2**32 - 2_208_988_800
    assert time.time() - unix == pytest.approx(time.monotonic() - captured, abs=0.1)
    await until(lambda: other.media.reports)
    assert other.media.reports == {MIC: report}
    close(one, other)


async def test_a_source_that_is_off_makes_no_report_and_time_may_pass_2036(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = started()
    rtcp_of(one)._send_reports()
    one.feeds[MEDIA].publish(EncodedFrame("opus", b"x", True, 960, captured=time.monotonic() - 3))
    rtcp_of(one)._send_reports()
    assert reports_of(one, SenderReport) == []
    monkeypatch.setattr(time, "time", lambda: 2_085_978_496.0 + 7)  # NTP's next era
    one.feeds[MEDIA].publish(EncodedFrame("opus", b"x", True, 1_920))
    rtcp_of(one)._send_reports()
    (report,) = reports_of(one, SenderReport)
    assert 6 << 32 < report.ntp < 8 << 32
    close(one, other)


async def test_a_long_list_of_missing_packets_goes_in_reports_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = started()
    camera = other.media.pictures[CAMERA]
    missing = [number * 20 & 0xFFFF for number in range(3_000, 3_400)]  # so far apart that none shares four bytes
    monkeypatch.setattr(camera.receiver, "nacks", lambda: missing)
    other.media._receiver._attend(camera, time.monotonic())
    nacks = reports_of(other, GenericNack)
    assert [number for nack in nacks for number in nack.sequences] == missing
    assert max(len(nack.sequences) for nack in nacks) == MAX_SEQUENCES
    assert max(len(data) for data in other.wire.sent) <= 1_200
    close(one, other)


# Life.


async def test_nothing_happens_before_a_way_is_known_and_starting_twice_changes_nothing() -> None:
    one, other = pair()
    one.connected = False
    one.media.start(one)  # type: ignore[arg-type]
    assert not one.media.running and one.take is None
    assert one.media.submit(CAMERA, None)  # type: ignore[arg-type]
    one.media.request_keyframe(CAMERA)
    one.receive(b"\x80" * 50)
    one.connected = True
    one.media.start(one)  # type: ignore[arg-type]
    sender = one.media._sender
    one.media.start(one)  # type: ignore[arg-type]
    assert one.media._sender is sender is not None
    assert len(one.feeds[MIC]._viewers) == 1
    close(one, other)


async def test_closing_leaves_no_timer_no_viewer_and_no_way() -> None:
    one, other = started()
    one.wire.lose = lambda data: len(data) % 2 == 0
    await stream(one, CAMERA, vp8_frames(9_000), 30)
    close(one, other)
    close(one, other)
    for side in (one, other):
        assert _timers(side) == [] and side.take is None and side.wire.closed
        assert all(feed._viewers == () for feed in side.feeds.values())
        sent = len(side.wire.sent)
        side.feeds[CAMERA].publish(vp8_frame(100, keyframe=True))
        side.receive(one.wire.sent[0])
        side.media.request_keyframe(CAMERA)
        side.media.show(CAMERA, 1)
        assert len(side.wire.sent) == sent and _timers(side) == []
    await asyncio.sleep(0)
    assert pending_timers() == []


async def test_a_source_on_three_links_goes_on_when_one_of_them_closes() -> None:
    sides = [pair() for _ in range(3)]
    feeds = sides[0][0].feeds
    for here, far in sides:
        here.feeds = feeds
        here.media = MediaTransport(feeds, here.sink, LinkEstimator.probe)
        show_all(here.media)
        far.sections = here.announced()
        for side in (here, far):
            side.media.start(side)  # type: ignore[arg-type]
    frames = vp8_frames()
    await stream(sides[0][0], CAMERA, frames, 5)
    sides[0][0].media.close()
    published = await stream(sides[1][0], CAMERA, frames, 10)
    for _, far in sides[1:]:
        await until(lambda far=far: len(far.sink.pictures) == 15)  # type: ignore[misc]
        assert far.sink.data(CAMERA)[5:] == published
    assert len(sides[0][1].sink.pictures) <= 5
    close(*(side for both in sides for side in both))


def _timers(side: Side) -> list[asyncio.TimerHandle]:
    return [*side.media._receiver._timers.values(), *rtcp_of(side)._timers.values()]
