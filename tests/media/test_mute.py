"""When a microphone is on the air, whatever the order of keys and commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.mute import LONGEST_PRESS, MuteSwitch


def test_a_key_lifts_the_mute_while_it_is_held() -> None:
    switch = MuteSwitch(muted=True)
    assert not switch.on_air
    switch.press(1.0)
    assert switch.on_air and switch.muted
    switch.release()
    assert not switch.on_air


def test_the_key_takes_nothing_from_who_is_not_muted() -> None:
    switch = MuteSwitch()
    switch.press(1.0)
    switch.release()
    assert switch.on_air


@pytest.mark.parametrize("on", [True, False])
def test_the_mode_begins_and_ends_muted(on: bool) -> None:
    switch = MuteSwitch()
    switch.set_push_to_talk(on)
    assert switch.push_to_talk is on and not switch.on_air
    assert not MuteSwitch(push_to_talk=True).on_air


def test_a_key_that_nobody_lets_go_of_counts_as_released() -> None:
    switch = MuteSwitch(muted=True)
    switch.press(1.0)
    switch.press(50.0)
    assert switch.due == 50.0 + LONGEST_PRESS
    assert not switch.expire(switch.due - 0.1) and switch.on_air
    assert switch.expire(switch.due) and not switch.on_air
    assert not switch.expire(1e9)


@pytest.mark.parametrize(("hold", "due"), [(2.0, 3.0), (1e9, 1.0 + LONGEST_PRESS)])
def test_who_holds_the_key_may_promise_to_say_so_again_soon(hold: float, due: float) -> None:
    switch = MuteSwitch(muted=True)
    switch.press(1.0, hold)
    assert switch.due == due


_MOVES = st.sampled_from(["mute", "unmute", "press", "release", "begin", "end"])


@given(st.lists(_MOVES, max_size=12))
def test_after_mute_nothing_is_on_the_air_whatever_came_before(moves: list[str]) -> None:
    switch = MuteSwitch()
    for move in moves:
        match move:
            case "press":
                switch.press(1.0)
            case "begin" | "end":
                switch.set_push_to_talk(move == "begin")
            case _:
                getattr(switch, move)()
    switch.mute()
    assert not switch.on_air and not switch.held
