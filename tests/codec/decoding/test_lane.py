"""What waits for a decoder is bounded, starts with a keyframe, and is shared out fairly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshconf.codec.decoding.lane import (
    ASK_EVERY,
    ASK_SELDOM,
    MAX_AGE,
    MAX_BYTES,
    MAX_FRAMES,
    Job,
    Lane,
    Rota,
)


def job(timestamp: int, *, keyframe: bool = False, size: int = 10, arrived: float = 0.0) -> Job:
    return Job(bytes(size), keyframe, timestamp, 0.0, arrived)


def drain(lane: Lane) -> list[int]:
    return [lane.pop().timestamp for _ in range(len(lane))]


def test_frames_come_out_in_order_from_the_first_keyframe_on() -> None:
    lane = Lane()
    assert lane.push(job(1), 0.0), "a stream that begins in the middle needs a keyframe"
    assert not lane.push(job(2), 0.1), "but asks for it once"
    assert not lane.push(job(3, keyframe=True), 0.2)
    assert not lane.push(job(4), 0.2)
    assert drain(lane) == [3, 4]
    assert lane.dropped == 2


def test_it_asks_again_while_no_keyframe_comes() -> None:
    lane = Lane()
    assert [lane.push(job(n), n * 0.1) for n in range(7)] == [True, False, False, True, False, False, True]


def test_a_keyframe_takes_the_place_of_all_before_it() -> None:
    lane = Lane()
    for timestamp in range(5):
        lane.push(job(timestamp, keyframe=timestamp in (0, 3)), 0.0)
    assert drain(lane) == [3, 4]
    assert lane.dropped == 3


def test_a_stream_that_is_behind_goes_on_with_a_keyframe() -> None:
    lane = Lane()
    lane.push(job(0, keyframe=True), 0.0)
    asked = [lane.push(job(n), 0.0) for n in range(1, MAX_FRAMES + 1)]
    assert asked == [False] * (MAX_FRAMES - 1) + [True]
    assert len(lane) == 0 and lane.dropped == MAX_FRAMES + 1
    lane.push(job(100, keyframe=True), 0.1)
    assert drain(lane) == [100]


def test_bytes_and_age_count_as_well_as_frames() -> None:
    lane = Lane()
    lane.push(job(0, keyframe=True, size=MAX_BYTES - 10), 0.0)
    assert not lane.push(job(1, size=10), 0.0)
    assert lane.push(job(2, size=1), 0.0)
    lane.push(job(3, keyframe=True, arrived=10.0), 10.0)
    assert not lane.push(job(4, arrived=10.1), 10.0 + MAX_AGE)
    assert lane.push(job(5, arrived=10.6), 10.01 + MAX_AGE)


def test_who_is_behind_again_and_again_asks_more_and_more_seldom_until_it_is_calm() -> None:
    lane = Lane()
    pauses = []
    now = 0.0
    for _ in range(6):
        lane.push(job(0, keyframe=True, arrived=now), now)
        now += MAX_AGE + 0.01
        lane.push(job(1), now)
        fell = now
        while not lane.push(job(2), now):
            now += 0.01
        pauses.append(now - fell)
        now += ASK_EVERY
    assert pauses[-1] > 2.5
    assert max(pauses) <= ASK_SELDOM
    lane.push(job(0, keyframe=True, arrived=now + 60), now + 60)
    now += 60 + MAX_AGE + 0.01
    assert lane.push(job(1), now)
    assert lane.push(job(1), now + ASK_EVERY + 0.01)


def test_after_a_broken_frame_everything_up_to_a_keyframe_is_dropped() -> None:
    lane = Lane()
    for timestamp in range(4):
        lane.push(job(timestamp, keyframe=timestamp == 0), 0.0)
    assert lane.pop().timestamp == 0
    assert lane.lose(0.1)
    assert len(lane) == 0
    assert not lane.push(job(5), 0.2)
    lane.push(job(6, keyframe=True), 0.3)
    assert not lane.lose(0.4), "the keyframe that waits mends it"
    assert drain(lane) == [6]


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, MAX_BYTES + 5), st.floats(0, 0.3), st.sampled_from(["push", "pop"])),
        max_size=80,
    )
)
def test_nothing_grows_and_no_frame_is_without_its_keyframe(steps: list[tuple[bool, int, float, str]]) -> None:
    lane = Lane()
    now = 0.0
    before: int | None = None
    for timestamp, (keyframe, size, pause, what) in enumerate(steps):
        now += pause
        if what == "push":
            lane.push(job(timestamp, keyframe=keyframe, size=size, arrived=now), now)
        elif lane:
            popped = lane.pop()
            assert popped.keyframe or before is not None
            before = popped.timestamp
        assert len(lane) <= MAX_FRAMES
        assert sum(len(waiting.data) for waiting in lane._jobs) == lane._bytes <= MAX_BYTES


def test_the_stream_that_has_cost_least_is_next() -> None:
    rota = Rota()
    for stream in (1, 2):
        rota.add(stream)
    turns = []
    for _ in range(12):
        for stream in (1, 2):
            rota.push(stream, job(0, keyframe=True), 0.0)
        turn = rota.pop()
        assert turn is not None
        turns.append(turn[0])
        rota.charge(turn[0], 3.0 if turn[0] == 1 else 1.0)
    assert turns.count(2) == 9 and turns.count(1) == 3


def test_who_was_quiet_does_not_catch_up() -> None:
    rota = Rota()
    for stream in (1, 2):
        rota.add(stream)
    for _ in range(100):
        rota.push(1, job(0, keyframe=True), 0.0)
        rota.pop()
        rota.charge(1, 1.0)
    turns = []
    for _ in range(20):
        for stream in (1, 2):
            rota.push(stream, job(0, keyframe=True), 0.0)
        turn = rota.pop()
        assert turn is not None
        turns.append(turn[0])
        rota.charge(turn[0], 1.0)
    assert 9 <= turns.count(1) <= 11


def test_a_stream_that_is_gone_has_no_turn() -> None:
    rota = Rota()
    rota.add(1)
    rota.push(1, job(0, keyframe=True), 0.0)
    assert rota.waiting == 1
    rota.remove(1)
    assert rota.waiting == 0 and rota.pop() is None and rota.lane(1) is None
    assert not rota.push(1, job(1, keyframe=True), 0.0)
    assert not rota.lose(1, 0.0)
    rota.charge(1, 1.0)
    rota.remove(1)


def test_a_stream_that_lost_all_does_not_count_as_waiting() -> None:
    rota = Rota()
    rota.add(1)
    rota.push(1, job(0, keyframe=True), 0.0)
    rota.pop()
    rota.push(1, job(1), 0.0)
    assert rota.lose(1, 0.0)
    assert rota.waiting == 0 and rota.pop() is None
    rota.push(1, job(2, keyframe=True), 0.0)
    for n in range(MAX_FRAMES):
        rota.push(1, job(n), 0.0)
    assert rota.waiting == 0 and rota.pop() is None, "behind: everything was dropped"
