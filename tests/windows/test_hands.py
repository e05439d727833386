"""Mouse and keys over a picture: what leaves the window in which mode, and that everything held comes up."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from meshconf.protocol.control.held import Held
from meshconf.protocol.control.input import KeyDown, KeyUp, Move, Point, Press, Release, Scroll, Text
from meshconf.windows.hands import MOTION_EVERY, Act, Hands, Stroke

HERE, THERE = (0.25, 0.5), (0.75, 0.5)
A, CONTROL, ALT, G = Stroke(38, "a", "KeyA"), Stroke(37, "Control"), Stroke(64, "Alt"), Stroke(42, "g", "KeyG")


def in_control() -> Hands:
    hands = Hands("control")
    assert hands.focus(True) == []
    return hands


def press(hands: Hands, *strokes: Stroke) -> list[Act] | None:
    acts: list[Act] | None = None
    for stroke in strokes:
        acts = hands.key_pressed(stroke)
    return acts


def test_who_only_watches_sends_nothing() -> None:
    hands = Hands("watch")
    hands.focus(True)
    hands.moved(HERE, True)
    assert hands.due(1.0) == [] and hands.pressed("left", HERE, True) == [] and hands.released("left", HERE) == []
    assert hands.scrolled(0, 1, HERE, True) == [] and hands.key_pressed(A) is None and hands.typed("x") == []
    assert hands.focus(False) == []


def test_who_points_sends_places_and_the_pen_and_no_key() -> None:
    hands = Hands("point")
    hands.moved(HERE, True)
    assert hands.due(1.0) == [Point(*HERE)]
    assert hands.pressed("left", THERE, True) == [Point(*THERE, pen=True)]
    hands.moved(HERE, False)
    assert hands.due(2.0) == [Point(*HERE, pen=True)], "a line goes on to the edge"
    assert hands.released("left", HERE) == [Point(*HERE)]
    assert hands.pressed("right", HERE, True) == [] and hands.scrolled(0, 1, HERE, True) == []
    hands.focus(True)
    assert hands.key_pressed(A) is None and hands.typed("x") == []
    assert hands.pointer_left() == [Point(-1, -1)] and hands.pointer_left() == []


def test_mouse_and_keys_go_to_the_screen_that_is_controlled() -> None:
    hands = in_control()
    assert press(hands, A) == [KeyDown("a", "KeyA")]
    assert press(hands, A) == [], "the other's keyboard repeats by itself"
    assert hands.key_released(38) == [KeyUp("a", "KeyA")] and hands.key_released(38) == []
    assert hands.pressed("right", HERE, True) == [Press("right", *HERE)]
    assert hands.released("right", THERE) == [Release("right", *THERE)]
    assert hands.scrolled(-1, 2, HERE, True) == [Scroll(-1, 2, *HERE)]
    assert hands.typed("ab") == [Text("ab")]


def test_a_key_comes_up_as_what_it_was_when_it_went_down() -> None:
    hands = in_control()
    press(hands, Stroke(38, "A", "KeyA"))
    assert hands.key_released(38) == [KeyUp("A", "KeyA")]


def test_motion_is_told_at_most_so_often_and_the_newest_place_counts() -> None:
    hands = in_control()
    told = []
    for step in range(1000):
        hands.moved((step / 1000, 0.5), True)
        told += hands.due(1 + step / 1000)
    assert 100 <= len(told) <= 1 / MOTION_EVERY + 1
    hands.moved(THERE, True)
    assert hands.due(5.0) == [Move(*THERE)] and hands.due(6.0) == []


def test_a_key_waits_for_the_place_that_it_was_meant_for() -> None:
    hands = in_control()
    hands.moved(HERE, True)
    assert press(hands, A) == [Move(*HERE), KeyDown("a", "KeyA")]
    hands.moved(HERE, True)
    assert hands.pressed("left", THERE, True) == [Press("left", *THERE)] and hands.due(9.0) == []


def test_a_drag_may_leave_the_picture_and_nothing_else_may() -> None:
    hands = in_control()
    hands.moved(HERE, False)
    assert hands.due(1.0) == [] and hands.pressed("left", HERE, False) == []
    hands.pressed("left", HERE, True)
    hands.moved((1.0, 0.5), False)
    assert hands.due(2.0) == [Move(1.0, 0.5)]
    assert hands.released("left", (1.0, 0.5)) == [Release("left", 1.0, 0.5)]


def test_without_the_keyboard_nothing_is_sent() -> None:
    hands = Hands("control")
    hands.moved(HERE, True)
    assert hands.due(1.0) == [] and hands.pressed("left", HERE, True) == [] and hands.key_pressed(A) is None
    assert hands.typed("x") == [] and hands.scrolled(0, 1, HERE, True) == []


def test_all_that_is_held_comes_up_when_the_window_loses_the_keyboard() -> None:
    hands = in_control()
    press(hands, CONTROL, A)
    hands.pressed("left", HERE, True)
    assert hands.focus(False) == [KeyUp("a", "KeyA"), KeyUp("Control"), Release("left", *HERE)]
    assert hands.key_released(38) == [] and hands.released("left", HERE) == []


def test_the_escape_combination_gives_the_keyboard_back_and_is_not_sent() -> None:
    hands = in_control()
    press(hands, CONTROL, ALT)
    assert press(hands, G) == [KeyUp("Alt"), KeyUp("Control")]
    assert not hands.wants_keyboard
    assert [hands.key_released(stroke.number) for stroke in (G, ALT, CONTROL)] == [[], [], []]
    assert hands.key_pressed(A) is None and hands.scrolled(0, 1, HERE, True) == []
    assert hands.pressed("left", HERE, True) == [] and hands.wants_keyboard, "the click that takes it is not sent"
    assert hands.released("left", HERE) == [] and press(hands, A) == [KeyDown("a", "KeyA")]
    hands.key_released(38)
    press(hands, CONTROL, ALT, G)
    for stroke in (G, ALT, CONTROL):
        hands.key_released(stroke.number)
    assert press(hands, CONTROL, ALT, G) == [] and hands.wants_keyboard


def test_g_alone_and_with_other_modifiers_is_a_letter() -> None:
    hands = in_control()
    assert press(hands, G) == [KeyDown("g", "KeyG")]
    hands.key_released(42)
    press(hands, CONTROL)
    assert press(hands, G) == [KeyDown("g", "KeyG")]


numbers = st.integers(1, 60)
steps = st.one_of(
    st.tuples(st.just("down"), numbers),
    st.tuples(st.just("up"), numbers),
    st.tuples(st.just("press"), st.sampled_from(("left", "right", "middle"))),
    st.tuples(st.just("release"), st.sampled_from(("left", "right", "middle"))),
    st.tuples(st.just("focus"), st.booleans()),
    st.tuples(st.just("escape"), st.none()),
)


@given(st.lists(steps, max_size=80))
def test_whatever_happens_nothing_stays_pressed(happened: Sequence[tuple[str, object]]) -> None:
    hands, held = in_control(), Held()
    acts: list[Act] = []
    for what, argument in happened:
        match what, argument:
            case "down", int(number):
                acts += hands.key_pressed(Stroke(number, chr(0x100 + number), f"Key{number}")) or []
            case "up", int(number):
                acts += hands.key_released(number)
            case "press", ("left" | "right" | "middle") as button:
                acts += hands.pressed(button, HERE, True)
            case "release", ("left" | "right" | "middle") as button:
                acts += hands.released(button, HERE)
            case "focus", bool(has):
                acts += hands.focus(has)
            case _:
                press(hands, CONTROL, ALT)
                acts += [*hands.let_go()]
    acts += hands.let_go()
    for act in acts:
        if not isinstance(act, Point):
            held.take(act)
    assert not held
