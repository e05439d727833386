"""When packets leave over one link: pictures in portions, sound at once, repairs first, and nothing without bound."""

from __future__ import annotations

import asyncio
import time

import pytest

from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.rtp import rtx
from meshconf.media.send.history import MOST_REPEATS
from meshconf.media.send.pacer import BURST, FACTOR, MIN_PACE, REPAIRS
from meshconf.rtc.sender import LONGEST_WAIT, MENDED
from tests.rtc.outlet import SOUND_SSRC, Link, assert_gapless, pictures
from tests.rtc.support import until
from tests.rtc.wire import RTX_SSRC, SSRC, VP8, h264_frame, opus_frame, packets_of, vp8_frame


async def test_a_keyframe_of_100_kb_leaves_in_portions_at_the_pace() -> None:
    link = Link(target_bps=4_000_000)
    frame = vp8_frame(100_000, keyframe=True)
    began = time.monotonic()
    assert link.submit(link.camera, frame)
    assert len(link.outlet.datagrams) < 15, "a burst"
    await until(lambda: link.idle)
    assert pictures(link.packets()) == [frame.data]
    assert max(sum(map(len, portion)) for portion in link.outlet.portions) <= BURST + 1_200
    assert time.monotonic() - began >= (100_000 - 2 * BURST) * 8 / (FACTOR * 4_000_000)
    assert not link.sender._waiting
    link.sender.close()


async def test_a_small_first_packet_does_not_let_a_whole_keyframe_out(frozen: list[float]) -> None:
    """H.264: parameter sets come first, in a packet of a few bytes, by which the others must not be counted."""
    link = Link()
    assert link.submit(link.camera, h264_frame(100_000))
    allowed = FACTOR * 2_000_000 / 8 * 0.010
    assert sum(map(len, link.outlet.datagrams)) <= allowed + 1_200
    link.sender.close()


async def test_sound_is_not_held_up_behind_a_keyframe(frozen: list[float]) -> None:
    link = Link(target_bps=300_000)
    link.submit(link.screen, vp8_frame(100_000, keyframe=True))
    left = len(link.outlet.datagrams)
    for number in range(5):
        assert link.submit(link.mic, opus_frame(number))
    assert [packet.ssrc for packet in link.outlet.packets[left:]] == [SOUND_SSRC] * 5
    assert_gapless(link.packets(SOUND_SSRC))
    link.sender.close()


async def test_a_slow_link_drops_whole_pictures_and_asks_for_a_keyframe(frozen: list[float]) -> None:
    link = Link(target_bps=300_000)
    rate = max(MIN_PACE, FACTOR * 300_000) / 8
    frames = [vp8_frame(7_000, keyframe=not number, timestamp=number * 3_000) for number in range(12)]
    taken = [link.submit(link.camera, frame) for frame in frames]
    # What waits is bounded; then one picture is dropped, and all after it are useless.
    fit = taken.index(False)
    assert 7_000 * fit > rate * LONGEST_WAIT > 7_000 * (fit - 3)
    assert not any(taken[fit:])
    key = vp8_frame(7_000, keyframe=True, timestamp=12 * 3_000)
    assert not link.packets()[-1].marker, "one is on its way"
    assert link.submit(link.camera, key)
    while not link.idle:
        frozen[0] += 0.02
        await asyncio.sleep(0.002)
    sent = pictures(link.packets())
    # Frames begun are finished, and those that waited gave way to the news; no number is missing.
    begun = len(sent) - 1
    assert sent == [frame.data for frame in frames[:begun]] + [key.data]
    assert begun < fit
    assert link.camera.counters.dropped == 12 - begun
    assert_gapless(link.packets())
    assert not link.sender._waiting
    link.sender.close()


async def test_a_slow_link_that_can_carry_the_stream_asks_for_no_keyframe_after_a_large_one(
    frozen: list[float],
) -> None:
    """Else each keyframe, by the time that it takes, would be the reason for the next one."""
    link = Link(target_bps=300_000)
    large = vp8_frame(30_000, keyframe=True)  # 0.8 s of the target, 0.32 s of the pace
    assert link.submit(link.camera, large)
    for number in range(1, 60):
        assert link.submit(link.camera, vp8_frame(1_000, timestamp=number * 3_000)), number
        for _ in range(7):  # a thirtieth of a second
            frozen[0] += 1 / 210
            link.sender._go_on()
    link.sender.close()


async def test_keyframes_that_pile_up_replace_each_other(frozen: list[float]) -> None:
    link = Link(target_bps=300_000)
    for number in range(50):
        assert link.submit(link.camera, vp8_frame(30_000, keyframe=True, timestamp=number))
        assert link.submit(link.screen, vp8_frame(30_000, keyframe=True, timestamp=number))
    # One on its way, and one of each stream that waits.
    assert len(link.sender._waiting) <= 3
    link.sender.close()


# What is sent again.


def _numbers(link: Link, ssrc: int = SSRC) -> list[int]:
    return [packet.sequence for packet in link.packets(ssrc)]


async def test_what_is_missed_is_sent_again_before_pictures_that_wait(frozen: list[float]) -> None:
    link = Link(target_bps=1_000_000)
    link.submit(link.camera, vp8_frame(3_000, keyframe=True))
    link.submit(link.camera, vp8_frame(30_000))
    wanted = _numbers(link)[:2]
    left = len(link.outlet.packets)
    link.sender.again(link.camera, wanted)
    frozen[0] += 0.02
    await until(lambda: link.packets(SSRC + RTX_SSRC))
    after = link.outlet.packets[left : left + 2]
    repeats = [rtx.unwrap(packet, payload_type=VP8, ssrc=SSRC) for packet in after]
    assert [packet.sequence for packet in repeats if packet] == wanted
    assert repeats == link.packets()[:2]
    link.sender.close()


async def test_an_outage_is_repaired_at_the_pace_and_not_as_one_burst() -> None:
    link = Link(target_bps=4_000_000)
    frames = [vp8_frame(10_000, keyframe=not number) for number in range(10)]
    for frame in frames:
        link.submit(link.camera, frame)
    await until(lambda: link.idle)
    numbers = _numbers(link)
    before = len(link.outlet.portions)
    link.sender.again(link.camera, numbers)
    await until(lambda: link.idle)
    repeats = link.packets(SSRC + RTX_SSRC)
    restored = [rtx.unwrap(packet, payload_type=VP8, ssrc=SSRC) for packet in repeats]
    assert restored == link.packets()
    assert_gapless(repeats)
    assert max(sum(map(len, portion)) for portion in link.outlet.portions[before:]) <= BURST + 1_200
    link.sender.close()


async def test_a_flood_of_requests_gets_no_more_than_the_link_carries(frozen: list[float]) -> None:
    target = 1_000_000
    link = Link(target_bps=target)
    link.camera.takes(packets_of(vp8_frame(100, keyframe=True)))
    many = packets_of(vp8_frame(900_000))
    numbers = [sequence for _, _, sequence in link.camera.number(many, 0, 1_000, 0.0)]
    began = frozen[0]
    for _ in range(400):
        link.sender.again(link.camera, numbers)
        frozen[0] += 0.005
        link.sender._go_on()
    seconds = frozen[0] - began
    repeated = sum(len(packet) for packet in link.outlet.datagrams)
    assert repeated <= (REPAIRS + seconds) * target / 8 * 1.05
    assert repeated > seconds * target / 8 * 0.8, "but what it carries is used"
    link.sender.close()


async def test_one_packet_is_sent_again_only_so_often() -> None:
    link = Link(target_bps=20_000_000)
    link.submit(link.camera, vp8_frame(500, keyframe=True))
    (number,) = _numbers(link)
    for _ in range(40):
        link.sender.again(link.camera, [number] * 3)
    await until(lambda: link.idle)
    assert len(link.packets(SSRC + RTX_SSRC)) == MOST_REPEATS
    link.sender.close()


@pytest.mark.parametrize(("overloads", "repeats"), [(False, 2), (True, 1)])
async def test_where_too_much_was_sent_one_asks_in_vain_for_a_second_answer(
    frozen: list[float], monkeypatch: pytest.MonkeyPatch, overloads: bool, repeats: int
) -> None:
    link = Link(target_bps=20_000_000)
    monkeypatch.setattr(LinkEstimator, "overloads", property(lambda _: overloads))
    monkeypatch.setattr(LinkEstimator, "rtt_s", property(lambda _: 0.1))
    link.submit(link.camera, vp8_frame(500, keyframe=True))
    for expected in (repeats, 2 * repeats):
        for _ in range(2):
            link.sender.again(link.camera, _numbers(link))
            frozen[0] += 0.025
        assert len(link.packets(SSRC + RTX_SSRC)) == expected
        frozen[0] += 0.1
    link.sender.close()


async def test_what_waits_to_be_sent_again_does_not_wait_twice(
    frozen: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Link(target_bps=2_000_000)
    link.submit(link.camera, vp8_frame(3_000, keyframe=True))
    numbers, room = _numbers(link), [0.0]
    monkeypatch.setattr(link.estimator, "room", lambda now: room[0])
    for _ in range(5):
        link.sender.again(link.camera, numbers)
        frozen[0] += 0.05
    assert not link.packets(SSRC + RTX_SSRC)
    room[0] = 1e9
    link.sender.set_target(2_000_000)
    assert len(link.packets(SSRC + RTX_SSRC)) == len(numbers)
    link.sender.close()


async def test_a_probe_leaves_at_once_and_takes_repairs_that_wait_with_it(frozen: list[float]) -> None:
    link = Link(target_bps=300_000)
    link.submit(link.camera, vp8_frame(20_000, keyframe=True))
    for _ in range(40):
        frozen[0] += 0.05
        link.sender._go_on()
    numbers = _numbers(link)
    link.sender.again(link.camera, numbers[:10])
    assert not link.idle
    left = len(link.outlet.datagrams)
    link.sender.probe([link.screen, link.camera], 15_000)
    assert 15_000 <= sum(map(len, link.outlet.datagrams[left:])) <= 15_000 + 2 * 1_200
    assert_gapless(link.packets(SSRC + RTX_SSRC))
    assert link.idle
    link.sender.close()


# Several sources.


async def test_a_keyframe_of_a_screen_holds_up_neither_sound_nor_camera(frozen: list[float]) -> None:
    link = Link(target_bps=1_000_000)
    screen = vp8_frame(150_000, keyframe=True)
    assert link.submit(link.screen, screen)
    late = []
    for number in range(15):
        began = frozen[0]
        frame = vp8_frame(2_500, keyframe=not number, timestamp=number * 3_000)
        assert link.submit(link.camera, frame)
        left = len(link.outlet.datagrams)
        assert link.submit(link.mic, opus_frame(number))
        assert len(link.outlet.datagrams) == left + 1
        while frame.data not in pictures_so_far(link):
            frozen[0] += 0.001
            link.sender._go_on()
        late.append(frozen[0] - began)
        while frozen[0] < began + 1 / 30:
            frozen[0] += 0.001
            link.sender._go_on()
    # At half of the pace, beside the screen, and not behind all of it, which takes half a second.
    assert max(late) < 0.03
    assert link.packets(SSRC + 1)[-1].marker is False, "the screen's keyframe was under way all the time"
    link.sender.close()


async def test_a_keyframe_of_a_screen_is_not_starved_by_a_camera(frozen: list[float]) -> None:
    link = Link(target_bps=1_000_000)
    link.submit(link.screen, vp8_frame(100_000, keyframe=True))
    began = frozen[0]
    number = 0
    while not link.packets(SSRC + 1)[-1].marker:
        link.submit(link.camera, vp8_frame(15_000, keyframe=not number, timestamp=number * 3_000))
        number += 1
        for _ in range(33):
            frozen[0] += 0.001
            link.sender._go_on()
    assert frozen[0] - began < 2.2 * 100_000 * 8 / (FACTOR * 1_000_000)
    link.sender.close()


def pictures_so_far(link: Link) -> list[bytes]:
    """The camera's whole pictures."""
    packets = link.packets()
    last = max((index for index, packet in enumerate(packets) if packet.marker), default=-1)
    return pictures(packets[: last + 1])


# A link whose queue is full.


async def test_pictures_wait_for_the_queue_of_the_network_and_sound_does_not(
    frozen: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Link()
    room = [0.0]
    monkeypatch.setattr(link.estimator, "room", lambda now: room[0] - sum(map(len, link.outlet.datagrams)))
    assert link.submit(link.camera, vp8_frame(6_000, keyframe=True))
    assert link.submit(link.mic, opus_frame(1))
    assert [packet.ssrc for packet in link.outlet.packets] == [SOUND_SSRC]
    frozen[0] += 1
    link.sender.set_target(2_000_000)
    assert not link.packets(SSRC)
    room[0] = 2_500.0
    link.sender.set_target(2_000_000)
    assert len(link.packets(SSRC)) == 3, "as much as there is room for, to the next packet"
    link.sender.close()


async def test_what_is_dropped_while_pictures_wait_asks_for_a_keyframe_afterwards(
    frozen: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Link(target_bps=300_000)
    room = [1e9]
    monkeypatch.setattr(link.estimator, "room", lambda now: room[0])
    assert link.submit(link.camera, vp8_frame(1_000, keyframe=True))
    room[0] = 0.0
    assert all(link.submit(link.camera, vp8_frame(5_000, timestamp=number)) for number in range(1, 30))
    assert link.camera.counters.dropped == 29
    room[0] = 1e9
    assert not link.submit(link.camera, vp8_frame(5_000, timestamp=30))
    link.sender.close()


async def test_a_keyframe_takes_the_place_of_what_waits_and_of_repairs_before_it(frozen: list[float]) -> None:
    link = Link(target_bps=300_000)
    link.submit(link.camera, vp8_frame(3_000, keyframe=True))
    link.submit(link.screen, vp8_frame(3_000, keyframe=True))
    old = _numbers(link)
    link.submit(link.camera, vp8_frame(12_000, timestamp=1))
    link.sender.again(link.camera, old)
    key = vp8_frame(3_000, keyframe=True, timestamp=2)
    link.submit(link.camera, key)
    link.sender.again(link.camera, old)
    for _ in range(100):
        frozen[0] += 0.005
        link.sender._go_on()
    link.sender.again(link.camera, old)
    assert link.idle and not link.packets(SSRC + RTX_SSRC)
    assert pictures(link.packets())[-1] == key.data
    assert [packet.timestamp for packet in link.packets() if packet.marker] == [0, 2]
    assert pictures(link.packets(SSRC + 1)), "the screen's is not touched"
    link.sender.again(link.camera, _numbers(link)[-2:])
    assert len(link.packets(SSRC + RTX_SSRC)) == 2, "what belongs to it is repaired"
    link.sender.close()


async def test_sound_that_was_overtaken_is_sent_once_more_while_it_is_young(
    frozen: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Link()
    for number in range(6):
        link.submit(link.mic, opus_frame(number))
    link.submit(link.camera, vp8_frame(3_000, keyframe=True))
    sound, picture = _numbers(link, SOUND_SSRC)[3], _numbers(link)[0]
    asked: list[float] = []

    def missing(since: float) -> list[tuple[int, int]]:
        asked.append(since)
        return [(SOUND_SSRC, sound), (SSRC, picture), (77, 1)]

    monkeypatch.setattr(link.estimator, "missing", missing)
    left = len(link.outlet.datagrams)
    link.sender.set_target(2_000_000)
    assert [int.from_bytes(data[2:4]) for data in link.outlet.datagrams[left:]] == [sound]
    assert asked == [frozen[0] - MENDED]
    link.sender.close()
