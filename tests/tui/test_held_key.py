"""A key that is held, as a terminal shows it: repeats after a while, then many, then none."""

from __future__ import annotations

import pytest

from meshconf.tui.held_key import BELIEVED_S, FIRST_S, NEXT_S, SAY_AGAIN_S, HeldKey


def story(presses: list[float], until: float) -> list[tuple[str, float]]:
    """What is said of a key that came at these times, looked at every 50 ms."""
    key, said, now = HeldKey(), [], 0.0
    waiting = list(presses)
    while now < until:
        while waiting and waiting[0] <= now:
            if key.pressed(waiting.pop(0)):
                said.append(("down", round(now, 2)))
        if key.lapsed(now):
            said.append(("up", round(now, 2)))
        now += 0.05
    return said


@pytest.mark.parametrize("delay", [0.25, 0.5, 0.66])
def test_a_key_that_is_held_is_down_until_a_moment_after_its_last_repeat(delay: float) -> None:
    repeats = [0.0, *(delay + step * 0.033 for step in range(10))]
    first, *rest = story(repeats, 5.0)
    assert first == ("down", 0.0) and [what for what, _ in rest] == ["up"]
    assert NEXT_S <= rest[0][1] - repeats[-1] <= NEXT_S + 0.11 or rest[0][1] <= FIRST_S + 0.1


def test_a_tap_is_up_as_soon_as_no_repeat_can_come_any_more() -> None:
    assert [what for what, _ in story([0.0], 3.0)] == ["down", "up"]
    assert story([0.0], 3.0)[1][1] <= FIRST_S + 0.1


def test_that_it_is_still_down_is_said_again_before_it_is_doubted() -> None:
    said = story([step * 0.05 for step in range(100)], 4.9)
    assert [what for what, _ in said] == ["down"] * len(said)
    gaps = [later - sooner for (_, sooner), (_, later) in zip(said, said[1:], strict=False)]
    assert all(SAY_AGAIN_S - 0.01 <= gap < BELIEVED_S / 2 for gap in gaps) and len(gaps) >= 3


def test_a_repeat_over_a_slow_line_may_be_late() -> None:
    assert story([0.0, 0.7, 1.0, 1.3], 1.5) == [("down", 0.0), ("down", 1.0)]
