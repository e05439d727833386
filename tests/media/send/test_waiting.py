"""Pictures of several sources take turns, those of one source stay in order, and every byte is accounted for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.encoded import EncodedFrame
from meshconf.media.send.packets import Packets
from meshconf.media.send.waiting import WaitingPictures

PORTION = 6_000
MOST = 40


def picture(size: int, *, keyframe: bool = False, timestamp: int = 0) -> Packets:
    return Packets(EncodedFrame("VP8", bytes(size), keyframe, timestamp), 1, timestamp, 1)


def drain(waiting: WaitingPictures[str]) -> list[tuple[str, int]]:
    """Source and time of each picture, in the order in which they are whole."""
    whole = []
    while waiting:
        stream, packets, _, end = waiting.take(PORTION, MOST)
        if end == len(packets.packets):
            whole.append((stream, packets.timestamp))
    return whole


def test_a_camera_does_not_stand_behind_the_keyframe_of_a_screen() -> None:
    waiting: WaitingPictures[str] = WaitingPictures()
    waiting.add("screen", picture(200_000, keyframe=True))
    for number in range(3):
        waiting.add("camera", picture(4_000, timestamp=number))
    assert drain(waiting) == [("camera", 0), ("camera", 1), ("camera", 2), ("screen", 0)]


def test_nor_does_a_screen_starve_behind_a_camera_that_never_ends() -> None:
    waiting: WaitingPictures[str] = WaitingPictures()
    waiting.add("screen", picture(90_000, keyframe=True))
    turns = {"camera": 0, "screen": 0}
    for number in range(20):
        waiting.add("camera", picture(20_000, timestamp=number))
        turns[waiting.take(PORTION, MOST).stream] += 1
    assert turns == {"camera": 10, "screen": 10}


def test_a_source_alone_goes_portion_by_portion_in_order() -> None:
    waiting: WaitingPictures[str] = WaitingPictures()
    first, second = picture(8_000), picture(3_000)
    waiting.add("camera", first)
    waiting.add("camera", second)
    portions = [waiting.take(2_000, MOST) for _ in range(6)]
    assert [portion[1:] for portion in portions] == [
        (first, 0, 2),
        (first, 2, 4),
        (first, 4, 6),
        (first, 6, 7),
        (second, 0, 2),
        (second, 2, 3),
    ]
    assert not waiting
    with pytest.raises(StopIteration):
        waiting.take(2_000, MOST)


def test_what_is_dropped_leaves_a_picture_that_is_on_its_way_and_other_sources() -> None:
    waiting: WaitingPictures[str] = WaitingPictures()
    for number in range(3):
        waiting.add("camera", picture(9_000, timestamp=number))
        waiting.add("screen", picture(9_000, timestamp=number))
    assert waiting.take(1, MOST).stream == "camera"
    assert (waiting.drop("camera"), waiting.drop("screen"), waiting.drop("nobody")) == (2, 3, 0)
    assert len(waiting) == 1
    assert drain(waiting) == [("camera", 0)]


def test_what_is_ahead_is_ones_own_and_as_much_of_each_other_but_no_keyframe() -> None:
    waiting: WaitingPictures[str] = WaitingPictures()
    usual, small = picture(5_000), picture(1_000)
    waiting.add("screen", picture(50_000, keyframe=True))
    assert waiting.ahead("camera") == waiting.ahead("screen") == 0
    waiting.add("screen", usual)
    waiting.add("camera", small)
    assert waiting.ahead("camera") == 2 * small.octets
    assert waiting.ahead("screen") == usual.octets + small.octets


def test_a_keyframe_waits_until_all_of_it_has_left() -> None:
    waiting: WaitingPictures[str] = WaitingPictures()
    waiting.add("camera", picture(1_000))
    assert not waiting.has_keyframe("camera")
    waiting.add("camera", picture(10_000, keyframe=True))
    for _ in range(2):
        assert waiting.has_keyframe("camera") and not waiting.has_keyframe("screen")
        waiting.take(PORTION, MOST)
    assert waiting.has_keyframe("camera")
    waiting.take(PORTION, MOST)
    assert not waiting.has_keyframe("camera")


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "key", "take", "drop"]), st.sampled_from("abc"), st.integers(1, 30_000)),
        max_size=60,
    )
)
def test_no_packet_is_lost_doubled_or_out_of_order_and_the_bytes_agree(steps: list[tuple[str, str, int]]) -> None:
    waiting: WaitingPictures[str] = WaitingPictures()
    expected: dict[str, list[tuple[Packets, int]]] = {"a": [], "b": [], "c": []}
    for action, stream, size in steps:
        line = expected[stream]
        if action in ("add", "key"):
            packets = picture(size, keyframe=action == "key")
            waiting.add(stream, packets)
            line += [(packets, index) for index in range(len(packets.packets))]
        elif action == "drop":
            waiting.drop(stream)
            begun = line[0][0] if line and line[0][1] else None
            expected[stream] = [item for item in line if item[0] is begun]
        elif waiting:
            taken, packets, first, end = waiting.take(size, MOST)
            assert [(packets, index) for index in range(first, end)] == expected[taken][: end - first]
            del expected[taken][: end - first]
        for name, items in expected.items():
            assert waiting.has_keyframe(name) == any(packets.frame.keyframe for packets, _ in items)
            own = _octets(items)
            assert waiting.ahead(name) == own + sum(
                min(own, _octets(line)) for key, line in expected.items() if key != name
            )


def _octets(items: list[tuple[Packets, int]]) -> int:
    return sum(len(packets.packets[index]) for packets, index in items if not packets.frame.keyframe)
