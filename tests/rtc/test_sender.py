"""Everything that leaves over one link: whole, in order, sealed, from several threads at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import rtcp
from meshconf.media.rtp.packet import HEADER
from meshconf.media.send.packets import Packets
from meshconf.rtc.outgoing import OutgoingStream
from tests.rtc.outlet import SOUND_SSRC, Link, assert_gapless, pictures
from tests.rtc.support import pending_timers, until
from tests.rtc.wire import H264, SSRC, VP8, opus_frame, packets_of, vp8_frame


async def test_a_small_frame_leaves_at_once_as_one_call_and_opens_as_it_was() -> None:
    link = Link()
    frame = vp8_frame(4_000, keyframe=True, timestamp=9_000)
    assert link.submit(link.camera, frame)
    assert [len(portion) for portion in link.outlet.portions] == [4]
    assert pictures(link.packets()) == [frame.data]
    assert link.sender.octets == sum(map(len, link.outlet.datagrams))
    link.sender.close()


@given(st.lists(st.integers(1, 1_200), min_size=1, max_size=60))
def test_runs_of_one_length_go_together_and_no_byte_is_out_of_place(lengths: list[int]) -> None:
    """As in H.264, where each packet may have a length of its own."""

    async def send() -> None:
        link = Link()
        payloads = [bytes((number,)) * length for number, length in enumerate(lengths)]
        plain = [(bytes(8) + SSRC.to_bytes(4) + payload, H264, at) for at, payload in enumerate(payloads)]
        link.sender._seal_and_send(plain, SSRC, 0.0)
        assert [packet.payload for packet in link.packets()] == payloads
        for portion in link.outlet.portions:
            sizes = list(map(len, portion))
            assert len(set(sizes[:-1])) <= 1 and sizes[-1] <= sizes[0], "the kernel would cut this elsewhere"
        link.sender.close()

    asyncio.run(send())


@pytest.mark.parametrize(
    ("lengths", "runs"),
    [
        ([9, 9, 9, 9], [4]),
        ([9, 9, 9, 5], [4]),
        ([5, 9, 9, 9], [1, 3]),
        ([9, 5, 9, 5], [2, 2]),
        ([1, 2, 3], [1, 1, 1]),
        ([3, 2, 1], [2, 1]),
        ([9, 9, 5, 5, 9], [3, 1, 1]),
    ],
)
async def test_few_calls_are_made_for_packets_of_unequal_length(lengths: list[int], runs: list[int]) -> None:
    link = Link()
    link.sender._seal_and_send([(bytes(HEADER + length), H264, at) for at, length in enumerate(lengths)], 0, 0.0)
    assert [len(portion) for portion in link.outlet.portions] == runs
    link.sender.close()


async def test_more_than_the_buffer_holds_goes_in_parts() -> None:
    link = Link()
    payloads = [bytes((number,)) * 1_150 for number in range(120)]
    head = bytes(8) + SSRC.to_bytes(4)
    link.sender._seal_and_send([(head + payload, VP8, at) for at, payload in enumerate(payloads)], SSRC, 0.0)
    assert [packet.payload for packet in link.packets()] == payloads
    assert len(link.outlet.portions) < 5
    link.sender.close()


async def test_a_packet_that_cannot_be_sealed_takes_none_with_it() -> None:
    link = Link()
    good = bytes(8) + SSRC.to_bytes(4) + b"good"
    link.sender._seal_and_send([(good, VP8, 1), (b"bad", VP8, 2), (good, VP8, 3)], SSRC, 0.0)
    assert [packet.sequence for packet in link.packets()] == [1, 3]
    link.sender.close()


async def test_the_estimator_hears_of_every_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    link = Link()
    told: list[tuple[int, int, int]] = []
    monkeypatch.setattr(link.estimator, "sent", lambda ssrc, sequence, size, now: told.append((ssrc, sequence, size)))
    link.submit(link.camera, vp8_frame(3_000, keyframe=True))
    link.submit(link.mic, opus_frame(0))
    link.sender.again(link.camera, [link.packets()[0].sequence])
    sent = link.outlet.packets
    assert told == [
        (packet.ssrc, packet.sequence, len(data)) for packet, data in zip(sent, link.outlet.datagrams, strict=True)
    ]
    link.sender.close()


async def test_reports_are_sealed_and_a_frame_of_nothing_is_no_error() -> None:
    link = Link()
    link.sender.send_rtcp(rtcp.build([rtcp.PictureLossIndication(1, 2)]))
    assert link.outlet.reports == [rtcp.PictureLossIndication(1, 2)]
    assert link.submit(link.camera, EncodedFrame("H264", b"", True, 0))
    assert len(link.outlet.datagrams) == 1
    assert not link.submit(link.camera, vp8_frame(100)), "nor did it begin with a keyframe"
    link.sender.close()


async def test_two_encoders_and_the_event_loop_send_at_once_and_nothing_is_lost() -> None:
    link = Link(target_bps=20_000_000)
    frames = {
        stream.ssrc: [vp8_frame(7_000, keyframe=not n, timestamp=n) for n in range(60)]
        for stream in (link.camera, link.screen)
    }
    start = threading.Barrier(2)

    def encode(stream: OutgoingStream) -> list[bool]:
        packets: list[Packets] = [packets_of(frame, ssrc=stream.ssrc) for frame in frames[stream.ssrc]]
        start.wait(5)
        results = []
        for one in packets:
            results.append(link.sender.submit(stream, one))
            time.sleep(0.004)  # as an encoder takes, so that the pace is kept
        return results

    both = asyncio.gather(*(asyncio.to_thread(encode, stream) for stream in (link.camera, link.screen)))
    sounds = 0
    while not both.done():
        link.submit(link.mic, opus_frame(sounds))
        link.sender.set_target(20_000_000)
        link.sender.send_rtcp(b"\x80\xc9\0\1\0\0\0\1")
        sounds += 1
        await asyncio.sleep(0)
    assert all(map(all, await both))
    await until(lambda: link.idle)
    media = link.outlet.packets
    assert max(Counter((packet.ssrc, packet.sequence) for packet in media).values()) == 1
    for ssrc, sent in frames.items():
        stream = [packet for packet in media if packet.ssrc == ssrc]
        assert_gapless(stream)
        assert pictures(stream) == [frame.data for frame in sent]
    sound = [packet for packet in media if packet.ssrc == SOUND_SSRC]
    assert len(sound) == sounds
    assert_gapless(sound)
    link.sender.close()


async def test_closing_ends_the_path_and_everything_that_waits() -> None:
    link = Link(target_bps=300_000)
    link.submit(link.camera, vp8_frame(100_000, keyframe=True))
    left = len(link.outlet.datagrams)
    link.sender.close()
    assert link.outlet.closed
    assert link.submit(link.camera, vp8_frame(100)) and link.submit(link.mic, opus_frame(0))
    link.sender.again(link.camera, range(100))
    link.sender.probe([link.camera], 10_000)
    link.sender.send_rtcp(b"\x80\xc9\0\1\0\0\0\1")
    await asyncio.sleep(0)
    assert pending_timers() == []
    assert len(link.outlet.datagrams) == left
