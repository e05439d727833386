import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.rung_sharing import RungSharing, rung_bitrate
from meshconf.media.rungs import Rung, ladder
from meshconf.types import SourceKind

RUNGS = ladder(SourceKind.CAMERA, 1280, 720, 30)
FULL, HALF, QUARTER = RUNGS


@pytest.mark.parametrize(
    ("budgets", "bitrate"),
    [
        ([2_000_000, 1_500_000, 1_800_000], 1_500_000),
        ([50_000_000], FULL.max_bps),
        ([1000], FULL.min_bps),
        ([], FULL.start_bps),
    ],
)
def test_the_slowest_viewer_decides_within_the_range_of_the_rung(budgets: list[int], bitrate: int) -> None:
    assert rung_bitrate(FULL, budgets) == bitrate


@pytest.mark.parametrize(
    ("budget", "bitrate"),
    [(1_090_000, 1_000_000), (1_110_000, 1_110_000), (980_000, 1_000_000), (960_000, 960_000)],
)
def test_small_changes_are_not_made_and_falls_are_followed_sooner(budget: int, bitrate: int) -> None:
    assert rung_bitrate(FULL, [budget], 1_000_000) == bitrate


class Meeting:
    """Viewers with budgets, shared out ten times a second."""

    def __init__(self, **budgets: int) -> None:
        self.sharing: RungSharing[str] = RungSharing(RUNGS)
        self.choices: dict[str, tuple[Rung, int]] = {name: (FULL, budget) for name, budget in budgets.items()}
        self.now = 0.0
        self.rungs: dict[str, Rung] = {}
        self.bitrates: dict[Rung, int] = {}

    def run(self, seconds: float = 0.1, **budgets: int) -> None:
        for name, budget in budgets.items():
            self.choices[name] = (self.choices.get(name, (FULL, 0))[0], budget)
        for _ in range(round(seconds * 10)):
            shared = self.sharing.share(self.choices, self.now)
            self.rungs, self.bitrates = shared.rungs, shared.bitrates_bps
            self.now += 0.1


def test_one_slow_viewer_of_five_goes_down_and_the_others_see_no_change() -> None:
    meeting = Meeting(ada=2_000_000, bob=2_100_000, cyd=1_900_000, dan=2_000_000, eve=2_000_000)
    meeting.run()
    before = meeting.bitrates
    meeting.run(eve=700_000)
    assert meeting.rungs["eve"] == HALF and meeting.bitrates == {**before, HALF: 700_000}


def test_of_two_viewers_the_far_slower_one_goes_down() -> None:
    meeting = Meeting(ada=2_400_000, bob=800_000)
    meeting.run()
    assert meeting.rungs == {"ada": FULL, "bob": HALF}
    assert meeting.bitrates == {FULL: 2_400_000, HALF: 800_000}


def test_viewers_that_are_alike_stay_together_at_the_slower_one() -> None:
    meeting = Meeting(ada=1_500_000, bob=900_000)
    meeting.run()
    assert meeting.rungs == {"ada": FULL, "bob": FULL} and meeting.bitrates == {FULL: 900_000}


def test_more_than_the_rung_can_use_makes_nobody_slow() -> None:
    meeting = Meeting(ada=100_000_000, bob=2_000_000)
    meeting.run()
    assert meeting.rungs["bob"] == FULL


def test_a_lonely_viewer_is_never_moved() -> None:
    meeting = Meeting(ada=FULL.min_bps)
    meeting.run(10)
    assert meeting.rungs == {"ada": FULL}


def test_nobody_falls_below_the_lowest_rung() -> None:
    meeting = Meeting()
    meeting.choices = {"ada": (QUARTER, 200_000), "bob": (QUARTER, 40_000)}
    meeting.run()
    assert meeting.rungs == {"ada": QUARTER, "bob": QUARTER}


def test_who_recovers_comes_back_after_two_seconds_and_a_waverer_does_not() -> None:
    meeting = Meeting(ada=2_000_000, bob=800_000)
    meeting.run()
    for _ in range(10):
        meeting.run(1.0, bob=1_400_000)
        assert meeting.rungs["bob"] == HALF, "better, but not close"
    for _ in range(3):
        meeting.run(1.7, bob=1_900_000)
        meeting.run(0.1, bob=1_300_000)
        assert meeting.rungs["bob"] == HALF
    meeting.run(1.9, bob=1_900_000)
    assert meeting.rungs["bob"] == HALF
    meeting.run(0.5)
    assert meeting.rungs["bob"] == FULL


def test_who_was_moved_stays_moved_next_to_the_viewers_of_its_new_rung() -> None:
    meeting = Meeting(ada=2_000_000, bob=800_000)
    meeting.choices["cyd"] = (HALF, 850_000)
    meeting.run(20)
    assert meeting.rungs == {"ada": FULL, "bob": HALF, "cyd": HALF}


def test_who_leaves_is_forgotten() -> None:
    meeting = Meeting(ada=2_000_000, bob=800_000)
    meeting.run()
    del meeting.choices["bob"]
    meeting.run()
    assert meeting.bitrates == {FULL: 2_000_000} and meeting.sharing._left == {}


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("abcdef"), st.tuples(st.sampled_from(RUNGS), st.integers(0, 5_000_000)), max_size=6
        ),
        max_size=20,
    )
)
def test_everybody_gets_a_rung_no_larger_than_chosen_and_each_rung_a_bitrate_in_its_range(
    rounds: list[dict[str, tuple[Rung, int]]],
) -> None:
    sharing: RungSharing[str] = RungSharing(RUNGS)
    for number, choices in enumerate(rounds):
        shared = sharing.share(choices, number * 1.3)
        assert shared.rungs.keys() == choices.keys()
        assert set(shared.bitrates_bps) == set(shared.rungs.values())
        assert all(rung.index >= choices[viewer][0].index for viewer, rung in shared.rungs.items())
        assert all(rung.min_bps <= bps <= rung.max_bps for rung, bps in shared.bitrates_bps.items())
