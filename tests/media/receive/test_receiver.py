"""A receiver as its caller sees it: packets and time in; pictures, NACKs and keyframe requests out."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from meshconf.media.receive.frames import PACKETS
from meshconf.media.receive.losses import LEAP
from meshconf.media.receive.receiver import BLOCKED_S, VideoReceiver
from meshconf.media.rtp.packet import RtpPacket
from tests.media.receive.network import PAYLOAD_TYPE, packets, picture

KEY, NEXT = picture(True, 3000), picture(False, 2000)
"""Three packets and two."""


class Viewer:
    """A receiver, the packets of its source, and all that came out of it."""

    def __init__(self, *pictures: bytes, fps: float = 30, rtt: float = 0.1) -> None:
        self.receiver = VideoReceiver({PAYLOAD_TYPE: "VP8"})
        self.receiver.set_rtt(rtt)
        self.now = 10.0
        self.sent: list[list[RtpPacket]] = []
        """The packets of each picture."""
        self.frames: list[tuple[float, int]] = []
        """When each picture was released, and its number."""
        self.nacks: list[tuple[float, list[int]]] = []
        self.requests: list[float] = []
        self._fps = fps
        for n, data in enumerate(pictures):
            sequence = sum(len(sent) for sent in self.sent)
            self.sent.append(packets(data, sequence=sequence, timestamp=round(n * 90_000 / fps)))

    def push(self, fed: Iterable[RtpPacket], *, repaired: bool = False) -> None:
        for packet in fed:
            self.receiver.push(packet, self.now, repaired=repaired)
            self._drain()

    def wait(self, seconds: float) -> None:
        """Let time pass, with `due` called whenever it has to be."""
        end = self.now + seconds
        while (timer := self.receiver.next_timer()) is not None and timer <= end:
            self.now = max(timer, self.now)
            self.receiver.due(self.now)
            self._drain()
            after = self.receiver.next_timer()
            assert after is None or after > self.now, "a timer that has come does not stay"
        self.now = end

    def _drain(self) -> None:
        self.frames += [(self.now, round(frame.timestamp * self._fps / 90_000)) for frame in self.receiver.frames()]
        if nacks := self.receiver.nacks():
            self.nacks.append((self.now, nacks))
        if self.receiver.keyframe_wanted():
            self.requests.append(self.now)

    @property
    def shown(self) -> list[int]:
        return [number for _, number in self.frames]


def test_a_picture_leaves_with_its_last_packet() -> None:
    viewer = Viewer(KEY, NEXT, fps=5)
    for n in (0, 1):
        *most, last = viewer.sent[n]
        viewer.push(most)
        assert len(viewer.shown) == n
        viewer.push([last])
        assert viewer.shown == list(range(n + 1))
    assert viewer.receiver.next_timer() is None and not viewer.nacks and not viewer.requests
    counters = viewer.receiver.counters
    assert (counters.packets, counters.frames, counters.keyframes, counters.discarded) == (5, 2, 1, 0)


def test_a_lost_packet_is_asked_for_and_the_pictures_behind_it_wait() -> None:
    viewer = Viewer(KEY, NEXT, NEXT)
    lost = viewer.sent[1][0]
    viewer.push([*viewer.sent[0], viewer.sent[1][1], *viewer.sent[2]])
    viewer.wait(0.02)
    ((asked_at, asked),) = viewer.nacks
    assert viewer.shown == [0] and asked == [lost.sequence] and asked_at == pytest.approx(10.002)
    viewer.push([lost], repaired=True)
    assert viewer.shown == [0, 1, 2]
    viewer.wait(2.0)
    counters = viewer.receiver.counters
    assert (counters.repaired, counters.nacks_sent, counters.lost, len(viewer.requests)) == (1, 1, 0, 0)


def test_an_overtaken_packet_is_not_asked_for() -> None:
    viewer = Viewer(KEY, NEXT)
    first, second = viewer.sent[1]
    viewer.push([*viewer.sent[0], second])
    viewer.wait(0.001)
    viewer.push([first])
    viewer.wait(1.0)
    assert viewer.shown == [0, 1] and not viewer.nacks


def test_the_lost_end_of_a_picture_is_asked_for_before_the_next_comes() -> None:
    viewer = Viewer(KEY, NEXT, fps=1)
    viewer.push([*viewer.sent[0], viewer.sent[1][0]])
    viewer.wait(0.1)
    asked_at, asked = viewer.nacks[0]
    assert asked == [viewer.sent[1][1].sequence] and asked_at == pytest.approx(10.03)
    viewer.push([viewer.sent[1][1]], repaired=True)
    assert viewer.shown == [0, 1]


def test_a_hole_that_stays_makes_a_keyframe_wanted_once_in_a_while() -> None:
    viewer = Viewer(KEY, NEXT, NEXT)
    viewer.push([*viewer.sent[0], *viewer.sent[2]])
    viewer.wait(BLOCKED_S - 0.01)
    assert not viewer.requests
    viewer.wait(0.62)
    assert viewer.requests == pytest.approx([10.4, 10.7, 11.0])
    viewer.wait(10.0)
    assert len(viewer.requests) == 6, "whoever is silent is left alone"
    assert viewer.receiver.counters.keyframe_requests == 6 and viewer.receiver.counters.lost == 2


def test_on_a_long_road_a_keyframe_is_not_wanted_before_a_repair_could_have_come() -> None:
    viewer = Viewer(KEY, NEXT, NEXT, rtt=0.4)
    viewer.push([*viewer.sent[0], *viewer.sent[2]])
    viewer.wait(0.9)
    assert viewer.requests == [pytest.approx(10.65)]


@pytest.mark.parametrize(("length", "repaired"), [(10_000, False), (200_000, True)])
def test_what_a_keyframe_is_cheaper_than_is_not_repaired(length: int, repaired: bool) -> None:
    viewer = Viewer(picture(True, length), picture(False, 100_000), NEXT)
    viewer.push([*viewer.sent[0], *viewer.sent[2]])
    viewer.wait(0.1)
    lost = len(viewer.sent[1])
    assert (len(viewer.nacks[0][1]) == lost and not viewer.requests) is repaired
    assert viewer.receiver.counters.lost == (0 if repaired else lost)


def test_a_filled_hole_needs_no_keyframe() -> None:
    viewer = Viewer(KEY, NEXT, NEXT)
    viewer.push([*viewer.sent[0], *viewer.sent[2]])
    viewer.wait(BLOCKED_S + 0.01)
    viewer.push(viewer.sent[1], repaired=True)
    viewer.wait(1.0)
    assert viewer.shown == [0, 1, 2] and len(viewer.requests) == 1


def test_after_giving_up_only_a_keyframe_is_shown() -> None:
    viewer = Viewer(KEY, NEXT, NEXT, NEXT, KEY, NEXT)
    viewer.push([*viewer.sent[0], *viewer.sent[2]])
    viewer.wait(1.1)
    viewer.push(viewer.sent[3])
    assert viewer.shown == [0]
    viewer.push([*viewer.sent[4], *viewer.sent[5]])
    viewer.wait(1.0)
    assert viewer.shown == [0, 4, 5]
    assert viewer.requests and max(viewer.requests) < 11.2, "no more, now that it has come"


def test_a_whole_keyframe_behind_a_young_hole_waits_for_the_repair() -> None:
    viewer = Viewer(KEY, NEXT, KEY)
    viewer.push([*viewer.sent[0], *viewer.sent[2]])
    viewer.wait(0.05)
    viewer.push(viewer.sent[1], repaired=True)
    assert viewer.shown == [0, 1, 2]


def test_a_whole_keyframe_does_not_wait_long() -> None:
    viewer = Viewer(KEY, NEXT, KEY, NEXT, rtt=0.3)
    viewer.push([*viewer.sent[0], *viewer.sent[2], *viewer.sent[3]])
    viewer.wait(0.2)
    assert viewer.frames == [(10.0, 0), (pytest.approx(10.1), 2), (pytest.approx(10.1), 3)]
    assert viewer.receiver.counters.lost == 2 and not viewer.requests
    viewer.push(viewer.sent[1], repaired=True)
    assert viewer.shown == [0, 2, 3], "what comes too late does no harm"


def test_a_keyframe_behind_an_old_hole_is_jumped_to_at_once() -> None:
    viewer = Viewer(KEY, NEXT, NEXT, KEY, rtt=0.05)
    viewer.push([*viewer.sent[0], *viewer.sent[2]])
    viewer.wait(0.126)
    viewer.push(viewer.sent[3])
    assert viewer.shown == [0, 3]


def test_a_start_with_an_overtaken_packet_loses_nothing() -> None:
    viewer = Viewer(KEY, NEXT)
    first, second, third = viewer.sent[0]
    viewer.push([second, first, third, *viewer.sent[1]])
    viewer.wait(1.0)
    assert viewer.shown == [0, 1] and not viewer.requests and viewer.receiver.counters.lost == 0


def test_a_start_whose_first_packet_was_lost_is_repaired() -> None:
    viewer = Viewer(KEY, NEXT)
    first, *rest = viewer.sent[0]
    viewer.push(rest)
    viewer.wait(0.015)
    assert first.sequence in viewer.nacks[0][1]
    viewer.push([first], repaired=True)
    viewer.push(viewer.sent[1])
    viewer.wait(2.0)
    assert viewer.shown == [0, 1] and not viewer.requests and viewer.receiver.counters.lost == 0


def test_a_start_in_the_middle_asks_for_a_keyframe() -> None:
    viewer = Viewer(KEY, NEXT, NEXT, KEY)
    viewer.push([*viewer.sent[1], *viewer.sent[2]])
    viewer.wait(0.1)
    assert viewer.requests == [pytest.approx(10.02)]
    viewer.push(viewer.sent[3])
    assert viewer.shown == [3]


def test_a_keyframe_on_its_way_is_given_time() -> None:
    viewer = Viewer(KEY, NEXT)
    viewer.push(viewer.sent[0][:2])
    viewer.wait(0.02)
    assert not viewer.requests
    viewer.wait(0.5)
    assert viewer.requests == [pytest.approx(10.4)], "but not for ever"


def test_a_leap_is_a_new_start() -> None:
    viewer = Viewer(KEY, NEXT)
    viewer.push([*viewer.sent[0], *viewer.sent[1]])
    for leap in (LEAP + 100, 2 * LEAP + 200, 77):
        start = packets(KEY, sequence=leap, timestamp=90_000 + leap)
        viewer.push(start)
        viewer.wait(1.0)
    assert len(viewer.shown) == 5 and not viewer.requests and viewer.receiver.counters.lost == 0


def test_a_flood_is_forgotten() -> None:
    viewer = Viewer(KEY, NEXT)
    viewer.push(viewer.sent[0])
    part = viewer.sent[1][0]._replace(marker=False)
    for n in range(5000):
        viewer.push([part._replace(sequence=5 + n, payload=b"\x00" + bytes(100))])
        assert viewer.receiver._frames.packets <= PACKETS
    viewer.push(packets(KEY, sequence=5005, timestamp=90_000))
    assert viewer.shown == [0, 30]


def test_what_was_flooded_away_is_not_asked_for() -> None:
    viewer = Viewer(KEY, NEXT)
    viewer.push(viewer.sent[0])
    part = viewer.sent[1][0]._replace(marker=False)
    viewer.push(part._replace(sequence=6 + 2 * n, payload=b"\x00" + bytes(120_000)) for n in range(60))
    viewer.wait(0.002)
    assert [asked for _, asked in viewer.nacks] == [[107, 109, 111, 113, 115, 117, 119, 121, 123]]


def test_pictures_wait_for_sound() -> None:
    viewer = Viewer(KEY, *[NEXT] * 150)
    viewer.receiver.align(0.05)
    for sent in viewer.sent:
        viewer.push(sent)
        viewer.wait(1 / 30)
    viewer.wait(0.1)
    assert viewer.shown == list(range(151))
    assert viewer.receiver.hold == pytest.approx(0.05)
    assert viewer.frames[-1][0] == pytest.approx(10 + 150 / 30 + 0.05, abs=1e-3)


def test_an_unknown_payload_type_is_no_picture_and_no_hole() -> None:
    viewer = Viewer(KEY, NEXT, KEY)
    viewer.push(viewer.sent[0])
    viewer.push(packet._replace(payload_type=1) for packet in viewer.sent[1])
    viewer.push(viewer.sent[2])
    viewer.wait(1.0)
    assert viewer.shown == [0, 2] and not viewer.nacks and viewer.receiver.counters.discarded == 2


def test_the_codec_may_change_at_a_keyframe() -> None:
    receiver = VideoReceiver({96: "VP8", 97: "H264"})
    for packet in packets(KEY, sequence=0, timestamp=0):
        receiver.push(packet, 1.0)
    h264_keyframe = bytes.fromhex("7800176742c01eda0280f684000003000400000300f23c58ba800003658840")
    receiver.push(RtpPacket(97, 3, 3000, 0xCAFE, True, h264_keyframe), 1.03)
    receiver.push(RtpPacket(97, 4, 6000, 0xCAFE, True, b"\x41\x9a"), 1.07)
    shown = [(frame.codec, frame.keyframe, frame.width, frame.height) for frame in receiver.frames()]
    assert shown == [("VP8", True, 640, 480), ("H264", True, 640, 480), ("H264", False, 640, 480)]
