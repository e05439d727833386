"""Feeds without any network: what their viewers are handed, on one clock, and who asks for keyframes."""

from __future__ import annotations

import logging
import threading

import pytest

from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import vp8
from meshconf.media.rtp.packet import HEADER, parse
from meshconf.media.send.packets import Packets
from meshconf.rtc import feed as feed_module
from meshconf.rtc.feed import Feed
from meshconf.types import SourceKind
from tests.rtc.wire import opus_frame, vp8_frame


class RecordingViewer:
    """A link that keeps what it is given; `satisfied` is what it answers."""

    def __init__(self, *, satisfied: bool = True) -> None:
        self.satisfied = satisfied
        self.taken: list[tuple[SourceKind, Packets]] = []

    def submit(self, kind: SourceKind, packets: Packets) -> bool:
        self.taken.append((kind, packets))
        return self.satisfied

    @property
    def times(self) -> list[int]:
        """The times on the wire."""
        return [packets.timestamp for _, packets in self.taken]


def _watched(kind: SourceKind, *viewers: RecordingViewer) -> tuple[Feed, list[int]]:
    """A feed with viewers, and where its requests for keyframes are noted."""
    feed, asked = Feed(kind), list[int]()
    feed.on_keyframe_request = asked.append
    for viewer in viewers:
        feed.attach(viewer)
    return feed, asked


def test_all_viewers_are_handed_the_same_packets() -> None:
    viewers = [RecordingViewer() for _ in range(3)]
    feed, asked = _watched(SourceKind.CAMERA, *viewers)
    feed.publish(vp8_frame(3_000, keyframe=True))
    first, *others = (viewer.taken for viewer in viewers)
    assert [kind for kind, _ in first] == [SourceKind.CAMERA]
    assert all(taken[0][1] is first[0][1] for taken in others), "made into packets once"
    read = parse(first[0][1].packets[0])
    assert read is not None and read.ssrc == feed.ssrc != feed.rtx_ssrc
    assert asked == []


def test_who_has_gone_is_handed_nothing_more() -> None:
    gone, stays = RecordingViewer(), RecordingViewer()
    feed, _ = _watched(SourceKind.MIC, gone, stays)
    feed.publish(opus_frame(0))
    feed.detach(gone)
    feed.detach(gone)
    feed.publish(opus_frame(1))
    assert (len(gone.taken), len(stays.taken)) == (1, 2)


def test_a_viewer_may_go_while_it_is_handed_a_frame() -> None:
    class Leaving(RecordingViewer):
        def submit(self, kind: SourceKind, packets: Packets) -> bool:
            feed.detach(self)
            return super().submit(kind, packets)

    leaving, stays = Leaving(), RecordingViewer()
    feed, _ = _watched(SourceKind.MIC, leaving, stays)
    feed.publish(opus_frame(0))
    feed.publish(opus_frame(1))
    assert (len(leaving.taken), len(stays.taken)) == (1, 2)


def test_one_request_is_made_for_all_viewers_who_need_a_keyframe() -> None:
    viewers = [RecordingViewer(satisfied=number == 0) for number in range(4)]
    feed, asked = _watched(SourceKind.SCREEN, *viewers)
    feed.publish(vp8_frame(100, rung=2))
    assert asked == [2]
    assert [len(viewer.taken) for viewer in viewers] == [1, 1, 1, 1], "one dissatisfied viewer keeps it from nobody"


def test_sound_needs_no_keyframe_and_a_source_that_cannot_make_one_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed, asked = _watched(SourceKind.MIC)
    feed.request_keyframe(0)
    assert asked == []

    def broken(rung: int) -> None:
        raise RuntimeError(rung)

    viewer = RecordingViewer(satisfied=False)
    feed, _ = _watched(SourceKind.CAMERA, viewer)
    feed.on_keyframe_request = None
    feed.request_keyframe(0)
    feed.on_keyframe_request = broken
    with caplog.at_level(logging.ERROR, logger="meshconf.rtc"):
        feed.publish(vp8_frame(100))
    assert len(viewer.taken) == 1 and "camera" in caplog.text


def test_each_rung_counts_its_own_pictures() -> None:
    viewer = RecordingViewer()
    feed, _ = _watched(SourceKind.CAMERA, viewer)
    for timestamp, rung in ((0, 0), (0, 1), (3_000, 0), (6_000, 0), (6_000, 1)):
        feed.publish(vp8_frame(100, timestamp=timestamp, rung=rung))
    parts = [vp8.parse(packets.packets[0][HEADER:]) for _, packets in viewer.taken]
    assert [part.picture_id for part in parts if part] == [1, 1, 2, 3, 2]


# The clock on the wire.


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time feeds have, in seconds."""
    now = [50.0]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(feed_module, "time", Clock)
    return now


def test_steps_of_the_source_are_steps_on_the_wire() -> None:
    viewer = RecordingViewer()
    feed, _ = _watched(SourceKind.CAMERA, viewer)
    for timestamp in (1 << 40, (1 << 40) + 3_000, (1 << 40) + 300_000):
        feed.publish(vp8_frame(100, timestamp=timestamp))
    first = viewer.times[0]
    assert 0 <= first < 1 << 31
    assert viewer.times == [first, first + 3_000, first + 300_000]


@pytest.mark.parametrize("ran_s", [0.5, 5.0, 5_000.0])
@pytest.mark.parametrize(("kind", "rate"), [(SourceKind.CAMERA, 90_000), (SourceKind.MIC, 48_000)])
def test_a_source_that_begins_anew_goes_on_where_the_time_is(
    kind: SourceKind, rate: int, ran_s: float, clock: list[float]
) -> None:
    """However short it ran: a receiver drops pictures whose time goes back."""
    viewer = RecordingViewer()
    feed, _ = _watched(kind, viewer)

    def make(timestamp: int) -> EncodedFrame:
        return EncodedFrame("opus" if kind.is_audio else "VP8", b"\x11\0\0", True, timestamp)

    feed.publish(make(0))
    clock[0] += ran_s
    feed.publish(make(int(ran_s * rate)))
    clock[0] += 2.0
    feed.publish(make(0))
    feed.publish(make(rate // 50))
    start, end, again, after = viewer.times
    assert end - start == int(ran_s * rate)
    assert again - end == 2 * rate
    assert after - again == rate // 50


def test_a_restart_in_the_same_moment_still_goes_forward(clock: list[float]) -> None:
    viewer = RecordingViewer()
    feed, _ = _watched(SourceKind.MIC, viewer)
    for _ in range(3):
        feed.publish(EncodedFrame("opus", b"x", True, 0))
    first, second, third = viewer.times
    assert first < second < third <= first + 2


def test_the_rungs_of_one_moment_have_one_time_also_after_a_restart(clock: list[float]) -> None:
    viewer = RecordingViewer()
    feed, _ = _watched(SourceKind.CAMERA, viewer)
    for timestamp in (0, 3_000, 6_000, 0, 3_000):
        clock[0] += 1 / 30
        for rung in (0, 1, 2):
            feed.publish(vp8_frame(50, timestamp=timestamp, rung=rung))
    times = viewer.times
    assert times[0::3] == times[1::3] == times[2::3]
    steps = [later - sooner for sooner, later in zip(times[0::3], times[3::3], strict=False)]
    assert steps == pytest.approx([3_000] * 4, abs=1)


# Threads.


def test_links_come_and_go_while_an_encoder_publishes() -> None:
    stays = RecordingViewer()
    feed, _ = _watched(SourceKind.CAMERA, stays)
    done = threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            viewers = [RecordingViewer() for _ in range(5)]
            for viewer in viewers:
                feed.attach(viewer)
            for viewer in viewers:
                feed.detach(viewer)

    threads = [threading.Thread(target=come_and_go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(500):
        feed.publish(vp8_frame(100, timestamp=number))
    done.set()
    for thread in threads:
        thread.join()
    assert len(stays.taken) == 500
    assert feed._viewers == (stays,), "nobody was lost, and nobody stayed who had gone"
