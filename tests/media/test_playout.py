import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.playout import LIMIT, TARGET, Playout
from meshconf.types import BLOCK


def ramp(start: int, count: int) -> npt.NDArray[np.int16]:
    return (np.arange(start, start + count) % 30_000).astype(np.int16)


def test_nothing_plays_before_the_cushion_has_gathered() -> None:
    playout = Playout()
    playout.push(ramp(0, TARGET - 1))
    assert not playout.pull().any() and playout.played == 0
    playout.push(ramp(TARGET - 1, 1))
    playout.pull()
    assert playout.playing and playout.played == BLOCK


def test_samples_come_out_in_order_whatever_the_lengths() -> None:
    playout = Playout()
    start = 0
    for length in (480, 1, 959, 1920, 700, 2000):
        playout.push(ramp(start, length))
        start += length
    sound = np.concatenate([playout.pull() for _ in range(start // BLOCK)])
    assert np.array_equal(sound[BLOCK:], ramp(BLOCK, sound.size - BLOCK))
    assert playout.concealed == 0


def test_running_dry_fades_and_is_counted_once() -> None:
    playout = Playout()
    playout.push(np.full(TARGET + 100, 10_000, dtype=np.int16))
    sound = np.concatenate([playout.pull() for _ in range(10)]).astype(np.int32)
    assert playout.concealed == BLOCK - 100 and not playout.playing
    assert np.abs(np.diff(sound)).max() < 200


@given(st.lists(st.integers(0, 5000), max_size=60), st.integers(0, 3))
def test_the_delay_never_grows_over_the_limit(lengths: list[int], pulls: int) -> None:
    playout = Playout()
    for length in lengths:
        playout.push(np.ones(length, dtype=np.int16))
        assert playout.buffered <= LIMIT
        for _ in range(pulls):
            assert playout.pull().shape == (BLOCK,)
        assert playout.buffered >= 0
    assert playout.buffered + playout.dropped + playout.played - playout.concealed == sum(lengths)
