from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.voice.packets import MAX_PACKETS, MAX_PAYLOAD, MAX_SPAN, PacketBuffer, Verdict, VoicePacket
from meshconf.types import BLOCK


def voice(number: int, payload: bytes = b"x") -> VoicePacket:
    return VoicePacket(number, number * BLOCK, payload)


def test_packets_leave_in_order_whatever_order_they_come_in() -> None:
    packets = PacketBuffer()
    for number in (12, 10, 11, 14, 13):
        assert packets.push(voice(number)) is Verdict.KEPT
    assert [packets.take().sequence for _ in range(5)] == [10, 11, 12, 13, 14]
    assert packets.first() is None and packets.expected == 15


def test_a_packet_counts_once() -> None:
    packets = PacketBuffer()
    packets.push(voice(1))
    assert packets.push(voice(1)) is Verdict.REPEATED and len(packets) == 1
    packets.take()
    assert packets.push(voice(1)) is Verdict.REPEATED and len(packets) == 0


def test_what_was_given_up_is_late_once() -> None:
    packets = PacketBuffer()
    for number in (1, 3):
        packets.push(voice(number))
    packets.take()
    assert packets.lacks(2)
    packets.take()
    assert packets.lacks(2)
    assert packets.push(voice(2)) is Verdict.LATE
    assert packets.push(voice(2)) is Verdict.REPEATED
    assert not packets.lacks(2) and not packets.lacks(3)


def test_a_leap_of_time_or_number_is_a_new_beginning() -> None:
    packets = PacketBuffer()
    packets.push(voice(1))
    assert packets.push(VoicePacket(2, 10 * MAX_SPAN, b"x")) is Verdict.RESTARTED
    assert [packet.sequence for packet in (packets.first(), packets.second()) if packet] == [2]
    assert packets.push(voice(0)) is Verdict.REPEATED, "sent before the leap"
    assert packets.push(VoicePacket(2 + MAX_PACKETS + 1, 10 * MAX_SPAN, b"x")) is Verdict.RESTARTED
    assert packets.push(VoicePacket(1, 10 * MAX_SPAN, b"x")) is Verdict.RESTARTED, "a sender that counts anew"


def test_a_second_of_sound_waits_at_most() -> None:
    packets = PacketBuffer()
    for number in range(200):
        packets.push(voice(number))
    first, newest = packets.first(), packets.newest
    assert first and newest and newest.sequence == 199
    assert len(packets) == MAX_SPAN // BLOCK + 1 and newest.timestamp - first.timestamp == MAX_SPAN


def test_no_payload_and_too_large_a_one_are_no_packets() -> None:
    packets = PacketBuffer()
    assert packets.push(voice(1, b"")) is Verdict.REPEATED
    assert packets.push(voice(1, bytes(MAX_PAYLOAD + 1))) is Verdict.REPEATED
    assert len(packets) == 0


numbers = st.one_of(st.integers(0, 30), st.integers(0, 2**40))


@given(st.lists(st.tuples(numbers, numbers.map(lambda n: n * 100), st.booleans()), max_size=200))
def test_hostile_numbers_stay_within_bounds(steps: list[tuple[int, int, bool]]) -> None:
    packets = PacketBuffer()
    taken = -1
    for sequence, timestamp, take in steps:
        if packets.push(VoicePacket(sequence, timestamp, b"x")) is Verdict.RESTARTED:
            taken = -1
        assert len(packets) <= MAX_PACKETS and len(packets._missed) <= 2 * MAX_PACKETS
        first, newest = packets.first(), packets.newest
        assert newest is None or first is None or newest.timestamp - first.timestamp <= MAX_SPAN
        if take and len(packets):
            assert taken < (taken := packets.take().sequence)
