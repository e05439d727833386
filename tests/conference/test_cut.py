"""What becomes of a call whose link of 2 Mbit/s carries 300 kbit/s all of a sudden, and 2 Mbit/s again later."""

from __future__ import annotations

import pytest

from tests.conference.virtual_call import Meeting, Viewer, virtual_time
from tests.media.congestion.link import Conditions

CUT, BACK, END = 10.0, 22.0, 32.0
END_OF_FIVE = 16.0
WIDE, THIN = 2e6, 0.3e6


def cut(queue_s: float, seed: int = 1) -> Viewer:
    wide, thin = (Conditions(rate_bps=rate, queue_s=queue_s, delay_s=0.025) for rate in (WIDE, THIN))
    with virtual_time() as clock:
        (viewer,) = Meeting(clock, [[(0, wide), (CUT, thin), (BACK, wide)]], seed).run(END).viewers
    return viewer


@pytest.mark.parametrize(("queue_s", "made_up_ms", "late_s"), [(0.1, 360, 0.2), (0.3, 340, 0.36), (1.0, 760, 0.85)])
def test_a_cut_costs_a_voice_what_was_on_its_way_and_the_link_is_soon_used_again(
    queue_s: float, made_up_ms: float, late_s: float
) -> None:
    viewer = cut(queue_s)
    assert viewer.received_bps(5, CUT) > 0.85 * WIDE
    # Until the first report can tell of it, more than such a queue holds has been sent.
    assert viewer.made_up_ms(CUT, CUT + 2) <= made_up_ms
    assert viewer.sound_late_s(CUT, BACK) <= late_s
    assert viewer.sound_late_p95_s(CUT + 2, BACK) < 0.2
    assert viewer.longest_freeze_s(CUT, BACK) < 1.5
    assert viewer.received_bps(CUT + 2, BACK) > 0.6 * THIN
    assert viewer.pictures_fps(CUT + 2, BACK) > 10
    assert viewer.back_s(0.9 * viewer.received_bps(5, CUT), BACK) < 6


def test_one_viewer_of_five_whose_link_is_cut_changes_nothing_for_the_other_four() -> None:
    free, thin = Conditions(rate_bps=10e6, delay_s=0.025), Conditions(rate_bps=THIN, delay_s=0.025)
    with virtual_time() as clock:
        links = [[(0.0, free), (CUT, thin)], [(0.0, free)], [(0.0, free)], [(0.0, free)], [(0.0, free)]]
        meeting = Meeting(clock, links).run(END_OF_FIVE)
    slow, *others = meeting.viewers
    for viewer in others:
        before, after = viewer.received_bps(5, CUT), viewer.received_bps(CUT, END_OF_FIVE)
        assert before > 2.2e6 and 0.97 * before < after < 1.03 * before
        assert {frame.rung for at, frame in viewer.pictures if at > 5} == {0}
        assert viewer.pictures_fps(CUT, END_OF_FIVE) > 29.8 and viewer.longest_freeze_s(CUT, END_OF_FIVE) < 0.1
        assert viewer.made_up_ms(CUT, END_OF_FIVE) == 0
    assert {bps for at, rungs in meeting.rungs if at > 5 for height, bps in rungs.items() if height == 720} == {
        2_500_000
    }
    assert 0.6 * THIN < slow.received_bps(CUT + 2, END_OF_FIVE) < THIN
    assert slow.pictures_fps(CUT + 2, END_OF_FIVE) > 10
    # Only a keyframe may be shared, for the slow one's new rung is another stream.
    assert not any(frame.keyframe for at, frame in others[0].pictures if at > CUT)
