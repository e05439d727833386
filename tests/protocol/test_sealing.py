from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.errors import LocalProtocolError, ProtocolError
from meshconf.protocol.sealing import BUCKETS, MAX_MESSAGE, TAG_SIZE, SealedChannel, Side
from meshconf.types import PeerId

JOINER, DOORMAN = PeerId("a" * 16), PeerId("b" * 16)


def end(
    side: Side, *, secret: bytes = b"s" * 32, room: str = "42", joiner: PeerId = JOINER, doorman: PeerId = DOORMAN
) -> SealedChannel:
    return SealedChannel(secret, room=room, joiner=joiner, doorman=doorman, side=side)


@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_messages_arrive_both_ways(messages: list[bytes]) -> None:
    joiner, doorman = end("joiner"), end("doorman")
    for message in messages:
        assert doorman.open(joiner.seal(message)) == message
        assert joiner.open(doorman.seal(message)) == message


@pytest.mark.parametrize("size", [0, 1, 1020, 1021, 4092, 4093, 16_380, 16_381, MAX_MESSAGE])
def test_the_size_of_a_box_tells_its_bucket_only(size: int) -> None:
    box = end("joiner").seal(b"x" * size)
    assert len(box) - TAG_SIZE == min(bucket for bucket in BUCKETS if bucket >= size + 4)
    assert end("doorman").open(box) == b"x" * size


def test_a_message_beyond_the_last_bucket_is_our_own_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        end("joiner").seal(b"x" * (MAX_MESSAGE + 1))


def test_a_replayed_box_is_refused() -> None:
    joiner, doorman = end("joiner"), end("doorman")
    box = joiner.seal(b"once")
    doorman.open(box)
    with pytest.raises(ProtocolError):
        doorman.open(box)


def test_a_box_out_of_turn_is_refused() -> None:
    joiner, doorman = end("joiner"), end("doorman")
    first, second = joiner.seal(b"1"), joiner.seal(b"2")
    with pytest.raises(ProtocolError):
        doorman.open(second)
    assert [doorman.open(first), doorman.open(second)] == [b"1", b"2"]


def test_an_own_box_sent_back_is_refused() -> None:
    joiner = end("joiner")
    with pytest.raises(ProtocolError):
        joiner.open(joiner.seal(b"echo"))


def test_a_refused_box_does_not_spoil_the_next() -> None:
    joiner, doorman = end("joiner"), end("doorman")
    with pytest.raises(ProtocolError):
        doorman.open(bytes(BUCKETS[0] + TAG_SIZE))
    assert doorman.open(joiner.seal(b"true")) == b"true"


@pytest.mark.parametrize(
    "other",
    [
        end("doorman", secret=b"t" * 32),
        end("doorman", room="43"),
        end("doorman", joiner=PeerId("c" * 16)),
        end("doorman", doorman=PeerId("c" * 16)),
    ],
    ids=["secret", "room", "joiner", "doorman"],
)
def test_a_box_opens_only_where_it_belongs(other: SealedChannel) -> None:
    with pytest.raises(ProtocolError):
        other.open(end("joiner").seal(b"private"))


def test_every_flipped_bit_is_noticed() -> None:
    doorman = end("doorman")
    box = end("joiner").seal(b"private")
    for bit in range(len(box) * 8):
        flipped = bytearray(box)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProtocolError):
            doorman.open(bytes(flipped))
    assert doorman.open(box) == b"private"


@given(st.one_of(st.binary(max_size=2000), st.binary(min_size=1040, max_size=1040)))
def test_junk_is_refused(box: bytes) -> None:
    with pytest.raises(ProtocolError):
        end("doorman").open(box)
