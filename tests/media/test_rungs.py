import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.rungs import Rung, RungChooser, ladder
from meshconf.types import SourceKind

RUNGS = ladder(SourceKind.CAMERA, 1280, 720, 30)
FULL, HALF, QUARTER = RUNGS
SCREEN = ladder(SourceKind.SCREEN, 1920, 1080, 30)
RICH = 10_000_000


def formats(kind: SourceKind, width: int, height: int, fps: int) -> list[tuple[int, int, int]]:
    return [(rung.width, rung.height, rung.fps) for rung in ladder(kind, width, height, fps)]


def test_a_camera_has_its_whole_half_and_quarter_size() -> None:
    assert formats(SourceKind.CAMERA, 1280, 720, 30) == [(1280, 720, 30), (640, 360, 30), (320, 180, 15)]
    assert formats(SourceKind.CAMERA, 640, 480, 30) == [(640, 480, 30), (320, 240, 30), (160, 120, 15)]
    assert formats(SourceKind.CAMERA, 320, 180, 15) == [(320, 180, 15), (160, 90, 15)]
    assert formats(SourceKind.CAMERA, 160, 120, 30) == [(160, 120, 30)]


def test_a_screen_is_limited_in_size_and_rate_and_has_a_slow_rung() -> None:
    assert formats(SourceKind.SCREEN, 5120, 2880, 60) == [(3840, 2160, 30), (1920, 1080, 30), (1920, 1080, 5)]
    assert formats(SourceKind.SCREEN, 3840, 2400, 30)[0] == (3456, 2160, 30)
    assert formats(SourceKind.SCREEN, 1920, 1080, 30) == [(1920, 1080, 30), (960, 540, 30), (960, 540, 5)]
    assert formats(SourceKind.SCREEN, 1366, 768, 15)[0] == (1366, 768, 15)
    assert formats(SourceKind.SCREEN, 1280, 720, 5) == [(1280, 720, 5), (640, 360, 5)]
    assert SCREEN[0].max_bps == 8_000_000 and SCREEN[0].min_bps < 200_000


def test_bitrates_are_those_that_the_sizes_are_known_to_need() -> None:
    assert FULL.max_bps == 2_500_000
    assert 700_000 < HALF.max_bps < 1_000_000
    assert 130_000 < QUARTER.max_bps < 250_000
    assert FULL.min_bps < HALF.max_bps and HALF.min_bps < QUARTER.max_bps * 2


@given(
    kind=st.sampled_from([SourceKind.CAMERA, SourceKind.SCREEN]),
    width=st.integers(2, 8000),
    height=st.integers(2, 8000),
    fps=st.integers(1, 120),
)
def test_every_ladder_makes_sense(kind: SourceKind, width: int, height: int, fps: int) -> None:
    rungs = ladder(kind, width, height, fps)
    assert 1 <= len(rungs) <= 3
    assert [rung.index for rung in rungs] == list(range(len(rungs)))
    for rung in rungs:
        assert rung.width % 2 == 0 == rung.height % 2 and min(rung.width, rung.height) >= 2
        assert 1 <= rung.fps <= fps
        assert 0 < rung.min_bps <= rung.start_bps <= rung.max_bps
        # One step of evenness in each direction is all that the shape may change.
        assert abs(rung.width * height - rung.height * width) <= 2 * (width + height)
    for larger, smaller in zip(rungs, rungs[1:], strict=False):
        assert (larger.width, larger.height, larger.fps) != (smaller.width, smaller.height, smaller.fps)
        assert larger.width >= smaller.width and larger.height >= smaller.height and larger.fps >= smaller.fps
        assert larger.min_bps >= smaller.min_bps and larger.max_bps >= smaller.max_bps


@pytest.mark.parametrize(
    "arguments", [(SourceKind.MIC, 640, 480, 30), (SourceKind.CAMERA, 1, 480, 30), (SourceKind.CAMERA, 640, 480, 0)]
)
def test_what_has_no_rungs_is_refused(arguments: tuple[SourceKind, int, int, int]) -> None:
    with pytest.raises(ValueError):
        ladder(*arguments)


class Viewer:
    """A chooser whose time passes by calling it ten times a second, as allocation does."""

    def __init__(self, rungs: tuple[Rung, ...] = RUNGS) -> None:
        self.chooser = RungChooser(rungs)
        self.now = 0.0
        self.want = (720, 30)
        self.paused = False

    def at(self, budget_bps: int, seconds: float = 0.1) -> Rung | None:
        for _ in range(round(seconds * 10)):
            rung = self.chooser.choose(*self.want, self.paused, budget_bps, self.now)
            self.now += 0.1
        return rung


@pytest.mark.parametrize(
    ("want", "rung"),
    [
        ((1080, 30), FULL),
        ((720, 30), FULL),
        ((500, 30), FULL),
        ((450, 30), HALF),
        ((360, 60), HALF),
        ((300, 15), HALF),
        ((180, 30), HALF),
        ((180, 15), QUARTER),
        ((90, 5), QUARTER),
        ((1, 1), QUARTER),
    ],
)
def test_a_viewer_gets_the_smallest_rung_that_fills_its_window(want: tuple[int, int], rung: Rung) -> None:
    viewer = Viewer()
    viewer.want = want
    assert viewer.at(RICH) == rung


def test_the_first_choice_is_what_the_link_carries() -> None:
    assert Viewer().at(FULL.min_bps) == FULL
    assert Viewer().at(FULL.min_bps - 1) == HALF
    assert Viewer().at(QUARTER.min_bps - 1) is None


def test_down_is_at_once_and_as_far_as_needed() -> None:
    viewer = Viewer()
    assert viewer.at(RICH) == FULL
    assert viewer.at(HALF.min_bps - 1) == QUARTER
    assert viewer.at(0) is None


def test_up_takes_a_second_and_a_half_of_headroom() -> None:
    viewer = Viewer()
    viewer.at(HALF.min_bps)
    assert viewer.at(int(1.31 * FULL.min_bps), 1.4) == HALF
    assert viewer.at(int(1.31 * FULL.min_bps), 0.5) == FULL


def test_up_takes_twice_as_long_after_each_that_had_to_be_taken_back_until_one_lasts() -> None:
    viewer = Viewer()
    viewer.at(HALF.min_bps)
    for patience in (1.5, 3.0, 6.0, 12.0, 24.0, 24.0):
        assert viewer.at(RICH, patience - 0.1) == HALF
        assert viewer.at(RICH, 0.3) == FULL
        assert viewer.at(HALF.min_bps) == HALF
    assert viewer.at(RICH, 24.3 + 20) == FULL
    assert viewer.at(HALF.min_bps) == HALF
    assert viewer.at(RICH, 1.4) == HALF
    assert viewer.at(RICH, 0.3) == FULL


def test_headroom_below_thirty_percent_is_not_enough() -> None:
    viewer = Viewer()
    viewer.at(HALF.min_bps)
    assert viewer.at(int(1.29 * FULL.min_bps), 60) == HALF


def test_a_dip_starts_the_patience_anew() -> None:
    viewer = Viewer()
    viewer.at(HALF.min_bps)
    viewer.at(RICH, 1.2)
    viewer.at(HALF.min_bps)
    assert viewer.at(RICH, 1.2) == HALF
    assert viewer.at(RICH, 0.5) == FULL


def test_up_may_skip_a_rung_that_was_carried_as_long() -> None:
    viewer = Viewer()
    viewer.at(QUARTER.min_bps)
    assert viewer.at(RICH, 1.4) == QUARTER
    assert viewer.at(RICH, 0.5) == FULL


def test_a_starved_viewer_comes_back_with_patience_too() -> None:
    viewer = Viewer()
    viewer.at(RICH)
    assert viewer.at(0) is None
    assert viewer.at(RICH, 1.4) is None
    assert viewer.at(RICH, 0.5) == FULL


def test_a_new_wish_is_followed_at_once_in_both_directions() -> None:
    viewer = Viewer()
    viewer.want = (180, 15)
    assert viewer.at(RICH) == QUARTER
    viewer.want = (720, 30)
    assert viewer.at(FULL.min_bps) == FULL
    viewer.want = (180, 15)
    assert viewer.at(RICH) == QUARTER


def test_a_wish_for_the_same_rung_does_not_shorten_the_patience() -> None:
    viewer = Viewer()
    viewer.at(HALF.min_bps)
    viewer.want = (700, 30)
    assert viewer.at(RICH) == HALF


def test_a_paused_viewer_gets_nothing_and_all_at_once_afterwards() -> None:
    viewer = Viewer()
    viewer.at(RICH)
    viewer.paused = True
    assert viewer.at(RICH) is None
    viewer.paused = False
    assert viewer.at(RICH) == FULL


@given(
    st.lists(
        st.tuples(st.integers(-5, 3000), st.integers(0, 90), st.booleans(), st.integers(0, 4_000_000)), max_size=60
    )
)
def test_no_link_ever_gets_a_rung_that_it_does_not_carry(steps: list[tuple[int, int, bool, int]]) -> None:
    chooser = RungChooser(RUNGS)
    for number, (height, fps, paused, budget) in enumerate(steps):
        rung = chooser.choose(height, fps, paused, budget, number * 0.7)
        assert rung is None or (not paused and rung.min_bps <= budget)


@given(st.lists(st.integers(0, 2_000_000), min_size=2, max_size=200))
def test_a_wavering_link_never_makes_the_rung_flutter(budgets: list[int]) -> None:
    viewer = Viewer()
    size_before, fell, rises = _size(viewer.at(budgets[0])), 0.0, 0
    for budget in budgets[1:]:
        now = viewer.now
        size = _size(viewer.at(budget))
        if size < size_before:
            fell = now
        elif size > size_before:
            assert now - fell >= 1.4
            rises += 1
        size_before = size
    assert rises <= 5, "in twenty seconds, over three rungs"


def _size(rung: Rung | None) -> int:
    return 0 if rung is None else rung.height
