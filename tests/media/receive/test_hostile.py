"""Whatever a peer sends, in whatever order: nothing is raised, nothing grows, and a clean keyframe is shown again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.media.encoded import PictureCodec
from meshconf.media.receive.frames import BYTES, PACKETS
from meshconf.media.receive.losses import REPAIRABLE
from meshconf.media.receive.receiver import VideoReceiver
from meshconf.media.rtp.packet import RtpPacket
from tests.media.receive.network import packets, picture
from tests.media.rtp.pictures import IDR, PPS, SPS

PAYLOADS: list[Callable[[Random], bytes]] = [
    lambda _: b"\x90\x80\x80\x01" + picture(True, 40),
    lambda _: b"\x90\x80\x80\x01" + picture(False, 40),
    lambda _: b"\x80\x80\x80\x01" + bytes(40),
    lambda random: b"\x10" + picture(True, random.choice((100, 50_000))),
    lambda _: b"",
    lambda random: random.randbytes(random.randrange(30)),
    lambda _: SPS,
    lambda _: b"\x78\0\x17" + SPS + b"\0\x04" + PPS,
    lambda _: b"\x7c\x85" + IDR[1:100],
    lambda _: b"\x7c\x05" + IDR[1:100],
    lambda random: b"\x78" + random.randbytes(8),
]
STEPS = (1, 1, 1, 1, 1, 1, 1, 2, 3, 0, -1, -5, 30, -30, 60, 350, 450, 2999, 3001, -2999, -3001, 32_768)
TIME_STEPS = (0, 0, 0, 0, 1, 3000, 3000, 3000, -3000, 90_000, -900_000, 2**31, 2**31 - 1)


class Attack:
    """A peer that lies with a seed; each receiver is checked after each packet."""

    def __init__(self, seed: int) -> None:
        self.receiver = VideoReceiver({96: "VP8", 97: "H264"})
        self.now = 50.0
        self._random = Random(seed)
        self._sequence, self._timestamp = self._random.randrange(65_536), self._random.randrange(2**32)
        self._last_timestamp = -1

    def send(self, payloads: list[Callable[[Random], bytes]]) -> None:
        random = self._random
        self._sequence += random.choice(STEPS)
        self._timestamp += random.choice(TIME_STEPS)
        packet = RtpPacket(
            random.choice((96, 96, 96, 97, 97, 1)),
            self._sequence & 0xFFFF,
            self._timestamp & 0xFFFFFFFF,
            1,
            random.random() < 0.4,
            random.choice(payloads)(random),
        )
        self.now += random.choice((0.0, 0.0, 0.0, 0.001, 0.001, 0.03, 0.7))
        self.receiver.push(packet, self.now, repaired=random.random() < 0.1)
        self.check()

    def check(self) -> None:
        receiver = self.receiver
        timer = receiver.next_timer()
        if timer is not None and timer <= self.now:
            receiver.due(self.now)
            timer = receiver.next_timer()
            assert timer is None or timer > self.now, "a timer that has come does not stay"
        frames, nacks = receiver.frames(), receiver.nacks()
        for frame in frames:
            assert frame.timestamp >= self._last_timestamp, "time only grows"
            self._last_timestamp = frame.timestamp
        assert len(nacks) <= REPAIRABLE[1] and all(0 <= number < 65_536 for number in nacks)
        receiver.keyframe_wanted()
        buffer, losses = receiver._frames, receiver._losses
        assert buffer.packets <= PACKETS and 0 <= buffer.bytes <= BYTES
        assert buffer.bytes == sum(len(f.data) for f in buffer._waiting.values()) + buffer._builder.bytes
        # What is neither held nor handed on is known to be missing.
        above = range(buffer.next, losses.highest + 1)
        assert all((number in buffer._waiting) != (losses.since(number) is not None) for number in above)
        assert all(number >= buffer.next for number in losses._missing)
        assert len(losses) <= REPAIRABLE[1] and len(buffer._waiting) + len(losses) >= len(above)

    def make_peace(self) -> list[bytes]:
        """Two proper pictures from a sender that has come to its senses; what is shown of them."""
        for _ in range(50):
            self.now += 0.2
            self.check()
        sequence, timestamp = self.receiver._losses.highest + 5000, self._timestamp + 2**30
        proper = packets(picture(True, 3000), sequence=sequence, timestamp=timestamp)
        proper += packets(picture(False, 500), sequence=sequence + len(proper), timestamp=timestamp + 3000)
        shown: list[bytes] = []
        for packet in proper:
            self.receiver.push(packet, self.now)
        for _ in range(50):
            shown += [frame.data for frame in self.receiver.frames()]
            self.now += 0.02
            self.receiver.due(self.now)
        return shown


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sets(st.sampled_from(range(len(PAYLOADS))), min_size=1))
def test_no_packets_do_harm(seed: int, kinds: set[int]) -> None:
    attack = Attack(seed)
    for _ in range(250):
        attack.send([PAYLOADS[kind] for kind in sorted(kinds)])
    assert attack.make_peace() == [picture(True, 3000), picture(False, 500)]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 127),
            st.integers(0, 65_535),
            st.integers(0, 2**32 - 1),
            st.booleans(),
            st.binary(max_size=20),
        ),
        max_size=40,
    )
)
def test_no_bytes_do_harm(sent: list[tuple[int, int, int, bool, bytes]]) -> None:
    codecs: tuple[PictureCodec, PictureCodec] = ("VP8", "H264")
    receiver = VideoReceiver({payload_type: codecs[payload_type % 2] for payload_type in range(127)})
    for n, (payload_type, sequence, timestamp, marker, payload) in enumerate(sent):
        receiver.push(RtpPacket(payload_type, sequence, timestamp, 1, marker, payload), n / 10)
        receiver.due(n / 10)
