"""Play-out: nothing is held on a quiet network, jitter is smoothed within its bound, and sound is waited for gently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.encoded import EncodedFrame
from meshconf.media.receive.pictures import Picture
from meshconf.media.receive.playout import LIMIT_S, SYNC_LIMIT_S, SYNC_PER_S, Playout


def picture(seconds: float, arrived: float, *, repaired: bool = False, size: int = 0) -> Picture:
    frame = EncodedFrame("VP8", bytes(size), False, round(seconds * 90_000), arrived)
    return Picture(frame, repaired, 1)


def played(playout: Playout, arrivals: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Play pictures of (source time, arrival); returns (held, release time) of each."""
    waiting = sorted(arrivals, key=lambda arrival: arrival[1])
    released: list[tuple[float, float]] = []
    while waiting or playout.wake < 1e9:
        if waiting and waiting[0][1] <= playout.wake:
            source, now = waiting.pop(0)
            playout.add(picture(source, now), now)
        else:
            now = playout.wake
        released += [(now - whole.frame.captured, now) for whole in playout.release(now)]
    return released


def moving(
    seconds: float, delay: Callable[[int], float], *, fps: float = 30, drift: float = 0.0
) -> list[tuple[float, float]]:
    """Pictures of a source whose clock drifts, and whose packets never overtake each other."""
    arrivals: list[tuple[float, float]] = []
    for n in range(round(seconds * fps)):
        at = 5.0 + n / fps * (1 + drift) + delay(n)
        arrivals.append((n / fps, max(at, arrivals[-1][1] if arrivals else 0.0)))
    return arrivals


def late(share: float, by: float, seed: int = 1) -> Callable[[int], float]:
    random = Random(seed)
    return lambda _: by if random.random() < share else 0.0


def intervals(released: list[tuple[float, float]]) -> list[float]:
    times = [at for _, at in released]
    return [b - a for a, b in zip(times, times[1:], strict=False)]


def test_on_a_quiet_network_pictures_leave_at_once() -> None:
    random = Random(1)
    released = played(Playout(), moving(10, lambda _: random.uniform(0, 0.008)))
    assert len(released) == 300 and max(held for held, _ in released) == 0


@pytest.mark.parametrize("drift", [-200e-6, 200e-6])
def test_drifting_clocks_hold_nothing(drift: float) -> None:
    released = played(Playout(), moving(300, lambda _: 0.0, drift=drift))
    assert max(held for held, _ in released) == 0


def test_jitter_is_smoothed() -> None:
    random = Random(1)
    arrivals = moving(20, lambda _: random.uniform(0, 0.06))
    before = [b[1] - a[1] for a, b in zip(arrivals, arrivals[1:], strict=False)]
    after = intervals(played(Playout(), arrivals))[60:]
    assert max(before) > 0.075 and max(after) < 0.06
    assert sum(abs(gap - 1 / 30) for gap in after) < 0.3 * sum(abs(gap - 1 / 30) for gap in before[60:])


def test_nothing_is_held_longer_than_the_bound() -> None:
    released = played(Playout(), moving(20, late(0.4, 0.5)))
    assert 0.09 < max(held for held, _ in released) <= LIMIT_S + 1e-9


def test_rare_lateness_delays_nobody_else() -> None:
    released = played(Playout(), moving(20, lambda n: 0.08 if n % 60 == 59 else 0.0))
    assert max(held for held, _ in released) == 0


def test_a_hold_melts_when_the_network_is_quiet_again() -> None:
    random = Random(1)
    playout = Playout()
    released = played(playout, moving(15, lambda n: random.uniform(0, 0.1) if n < 150 else 0.0))
    assert max(held for held, _ in released[100:150]) > 0.03
    assert playout.hold == 0 and max(held for held, _ in released[300:]) == 0
    assert min(intervals(released)[160:300]) > 0.025, "not at once, which would be seen"


def test_a_longer_road_is_the_new_base() -> None:
    released = played(Playout(), moving(15, lambda n: 0.2 if n > 150 else 0.0))
    assert max(held for held, _ in released[300:]) == 0


def test_a_slow_source_has_a_base_line_too() -> None:
    released = played(Playout(), moving(60, late(0.3, 0.1), fps=2))
    smooth = [held for held, _ in released[20:] if held > 0.045]
    assert len(smooth) > 0.6 * len(released[20:]) and max(smooth) == pytest.approx(0.05)


def test_another_clock_is_followed_at_once() -> None:
    playout = Playout()
    played(playout, moving(5, lambda _: 0.0))
    playout.add(picture(5000.0, 11.0), 11.0)
    assert playout.wake == 11.0


def test_sound_is_waited_for_slowly() -> None:
    playout = Playout()
    playout.align(0.08)
    released = played(playout, moving(10, lambda _: 0.0))
    held = [hold for hold, _ in released]
    steps = [b - a for a, b in zip(held, held[1:], strict=False)]
    assert max(steps) <= SYNC_PER_S / 30 + 1e-6
    assert held[-1] == pytest.approx(0.08) and playout.hold == pytest.approx(0.08)
    playout.align(-1.0)
    held = [hold for hold, _ in played(playout, [(10 + n / 30, 15 + n / 30) for n in range(200)])]
    assert held[15] > 0.06 and held[-1] == 0


def test_sound_is_waited_for_no_longer_than_this() -> None:
    playout = Playout()
    playout.align(5.0)
    released = played(playout, moving(20, lambda _: 0.0))
    assert released[-1][0] == pytest.approx(SYNC_LIMIT_S)


def test_jitter_and_sound_share_the_hold() -> None:
    playout = Playout()
    playout.align(0.05)
    played(playout, moving(20, late(0.3, 0.07)))
    assert playout.hold == pytest.approx(0.06, abs=0.005), "the longer of both, not their sum"


def test_jitter_is_measured_without_repairs() -> None:
    playout = Playout()
    for n in range(300):
        now = 5 + n / 30 + 0.004 * (n % 2)
        playout.add(picture(n / 30, now), now)
        playout.add(picture(n / 30 + 0.001, now + 0.2, repaired=True), now + 0.2)
    assert playout.jitter == pytest.approx(0.004, rel=0.01)


def test_what_does_not_fit_leaves_early() -> None:
    playout = Playout()
    playout.align(0.2)
    played(playout, moving(20, lambda _: 0.0))
    for n in range(200):
        playout.add(picture(20 + n / 1000, 25 + n / 1000, size=100_000), 25 + n / 1000)
        playout.release(25 + n / 1000)
        assert playout._bytes <= 2_000_000 and len(playout._queue) <= 64


@given(
    st.lists(st.tuples(st.integers(0, 2**34), st.floats(0, 3)), min_size=1, max_size=60),
    st.floats(-1, 1),
)
def test_no_timestamps_hold_or_reorder_pictures(pictures: list[tuple[int, float]], extra: float) -> None:
    playout, now, added, released = Playout(), 1.0, [], []
    playout.align(extra)
    for timestamp, step in pictures:
        while playout.wake <= now + step:
            now, step = playout.wake, now + step - playout.wake
            released += [(now, whole) for whole in playout.release(now)]
        now += step
        whole = picture(timestamp / 90_000, now)
        added.append(whole)
        playout.add(whole, now)
        released += [(now, whole) for whole in playout.release(now)]
    while playout.wake < 1e9:
        now = playout.wake
        released += [(now, whole) for whole in playout.release(now)]
    assert [whole for _, whole in released] == added
    assert all(at - whole.frame.captured <= SYNC_LIMIT_S + 1e-9 for at, whole in released)
