"""Asking, granting and ending, and input on its way, one thing at a time."""

from __future__ import annotations

import pytest

from meshconf.errors import LocalProtocolError, ProtocolError
from meshconf.protocol.control.events import Copied, Paused
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Move, Press, Release, Scroll, Text
from meshconf.protocol.control.messages import (
    ControlClipboard,
    ControlDeny,
    ControlInputs,
    ControlMotion,
    ControlRequest,
)
from meshconf.protocol.messages import decode, encode
from tests.protocol.control.world import ADA, BOB, EVE, World

A = KeyDown("a", "KeyA")
UP = KeyUp("a", "KeyA")


def test_asked_granted_used_and_given_back() -> None:
    world = World()
    world.control(300)
    world.act(A, UP, Press("left", 0.1, 0.2), Move(0.3, 0.4), Release("left", 0.5, 0.6))
    world.run(1.0)
    done = world.machine.done
    assert [one for one in done if not isinstance(one, Move)] == [
        A,
        UP,
        Press("left", 0.1, 0.2),
        Release("left", 0.5, 0.6),
    ]
    world.controller.release(ADA, now=world.now)
    world.run(1.0)
    assert world.changes(world.at_owner) == [("requested", ""), ("granted", ""), ("ended", "released")]
    assert world.changes(world.at_controller) == [("requested", ""), ("granted", ""), ("ended", "released")]
    assert world.at_owner[-1].counts == {"key_down": 1, "key_up": 1, "press": 1, "release": 1}  # type: ignore[union-attr]


def test_denied_with_a_reason() -> None:
    world = World()
    world.controller.request(ADA, now=world.now)
    world.run(0.2)
    world.owner.deny(BOB)
    world.run(0.2)
    assert world.changes(world.at_controller)[-1] == ("denied", "denied")
    with pytest.raises(LocalProtocolError):
        world.grant()


@pytest.mark.parametrize(
    ("why", "reason"), [("rule", "forbidden"), ("nothing shared", "no-screen"), ("no display", "unable")]
)
def test_what_cannot_be_is_refused_before_anybody_is_asked(why: str, reason: str) -> None:
    world = World()
    world.allowed = why != "rule"
    world.owner.shares(None if why == "nothing shared" else 1, able=why != "no display", now=world.now)
    world.controller.request(ADA, now=world.now)
    world.run(0.3)
    assert world.changes(world.at_controller)[-1] == ("denied", reason)
    assert world.at_owner == []


def test_one_controls_at_a_time_and_nobody_asks_again_and_again() -> None:
    world = World()
    world.control()
    world.say(EVE, ControlRequest(number=1))
    assert world.answers[-1] == (EVE, ControlDeny(number=1, reason="busy"))
    world.owner.revoke(now=world.now)
    world.say(BOB, ControlRequest(number=99))
    assert world.answers[-1] == (BOB, ControlDeny(number=99, reason="too-soon"))


def test_nobody_answers() -> None:
    world = World()
    world.controller.request(ADA, now=world.now)
    for _ in range(7):  # asking again gives no more time
        world.run(10.0)
        world.say(BOB, ControlRequest(number=1))
    assert ("denied", "no-answer") in world.changes(world.at_controller)
    assert ("denied", "no-answer") in world.changes(world.at_owner)


@pytest.mark.parametrize("seconds", [60, 900])
def test_a_grant_ends_in_time_with_what_is_held(seconds: int) -> None:
    world = World()
    world.control(seconds)
    for _ in range(seconds // 50 + 1):
        world.run(50.0)
        if world.controller.controls(ADA):
            world.act(Press("left", 0.1, 0.1))
    world.run(1.0)
    assert world.changes(world.at_owner)[-1] == ("ended", "expired")
    assert world.machine.down == []


def test_ten_minutes_without_input_end_it_though_a_key_is_held() -> None:
    world = World()
    world.control()
    world.act(A)
    world.run(599.0)
    assert world.machine.down == ["key aKeyA"]
    world.run(2.0)
    assert world.changes(world.at_owner)[-1] == ("ended", "idle")
    assert world.machine.down == []


def test_the_owners_own_input_pauses_for_a_second() -> None:
    world = World()
    world.control()
    world.act(A, Press("left", 0.1, 0.1))
    world.run(0.2)
    world.owner.own_input(now=world.now)
    world.act(Text("lost"))
    assert world.machine.down == []
    world.run(1.2)
    assert [event for event in world.at_controller if isinstance(event, Paused)] == [
        Paused("controller", ADA, True),
        Paused("controller", ADA, False),
    ]
    world.act(UP, Text("heard"))
    world.run(0.2)
    assert [one.text for one in world.machine.done if isinstance(one, Text)] == ["heard"]


def test_nobody_acts_on_a_screen_that_is_frozen_or_blank() -> None:
    world = World()
    world.owner.covers(True, now=world.now)
    world.control()
    world.act(Text("before"))
    world.run(5.0)
    world.owner.covers(False, now=world.now)
    world.run(0.2)
    world.act(A, Text("seen"))
    world.run(0.2)
    world.owner.own_input(now=world.now)
    world.owner.covers(True, now=world.now)
    world.settle()
    assert world.machine.down == []
    world.run(2.0)
    world.act(UP, Text("hidden"))
    world.owner.copied("a password", now=world.now)
    world.run(0.2)
    world.owner.covers(False, now=world.now)
    world.run(0.2)
    assert [one.text for one in world.machine.done if isinstance(one, Text)] == ["seen"]
    assert not [answer for _, answer in world.answers if isinstance(answer, ControlClipboard)]
    pauses = [event.paused for event in world.at_controller if isinstance(event, Paused)]
    assert pauses == [True, False, True, False], "one pause for two reasons is told once"


def test_a_controller_that_falls_silent_holds_nothing() -> None:
    world = World()
    world.control()
    world.say(BOB, ControlInputs(grant=world.granted, first=1, inputs=[A]))
    assert world.machine.down == ["key aKeyA"]
    world.run(2.5)
    assert world.machine.down == []
    assert world.owner.controller == BOB


def test_what_an_earlier_grant_allowed_is_nothing_under_the_next() -> None:
    world = World()
    world.control()
    former = world.granted
    world.owner.revoke(now=world.now)
    world.say(BOB, ControlInputs(grant=former, first=1, inputs=[A]))
    world.run(20.0)
    world.control()
    world.say(BOB, ControlInputs(grant=former, first=1, inputs=[A]))
    world.say(EVE, ControlInputs(grant=world.granted, first=1, inputs=[A]))
    assert world.machine.done == []


def test_a_flood_ends_the_control_and_harms_nobody() -> None:
    world = World()
    world.control()
    for number in range(200):
        world.say(BOB, ControlInputs(grant=world.granted, first=number * 50 + 1, inputs=[A, UP] * 25))
    assert world.changes(world.at_owner)[-1] == ("ended", "flood")
    assert len(world.machine.done) <= 600
    assert world.machine.down == []


def test_honest_hands_and_long_texts_are_no_flood() -> None:
    world = World()
    world.control()
    for n in range(3000):  # a mouse at 500 Hz, while keys repeat
        world.act(Move(n / 3000, 0.5))
        if n % 10 == 0:
            world.act(A)
        world.run(0.002)
    world.act(UP, *[Text("x" * 4000)] * 5)
    world.run(20.0)
    assert world.owner.controller == BOB
    assert sum(len(one.text) for one in world.machine.done if isinstance(one, Text)) == 20_000
    moves = [one for one in world.machine.done if isinstance(one, Move)]
    assert len(moves) < 400
    assert moves[-1].x == 2999 / 3000


def test_more_input_than_can_be_sent_is_refused() -> None:
    world = World()
    world.control()
    many: list[Input] = [A, UP] * 2000
    with pytest.raises(LocalProtocolError):
        world.act(*many)


def test_wheel_turns_add_up_while_they_wait() -> None:
    world = World()
    world.control()
    world.act(*[Scroll(0, 0.25, 0.5, 0.5)] * 8)
    world.run(0.3)
    turned = [one for one in world.machine.done if isinstance(one, Scroll)]
    assert sum(one.dy for one in turned) == 2.0
    assert len(turned) <= 2


def test_a_late_motion_does_not_drag_back_and_an_early_one_waits() -> None:
    world = World()
    world.control()
    id = world.granted

    def motion(n: int, after: int) -> ControlMotion:
        return ControlMotion(grant=id, after=after, n=n, x=n / 100, y=0)

    world.say(BOB, motion(1, after=0))
    world.say(BOB, motion(4, after=1))  # a drag, faster than its press
    world.say(BOB, motion(3, after=1))
    world.say(BOB, ControlInputs(grant=id, first=1, inputs=[Press("left", 0.02, 0)]))
    world.say(BOB, motion(2, after=0))  # of before the press
    assert world.machine.done == [Move(0.01, 0), Press("left", 0.02, 0), Move(0.04, 0)]


def test_inputs_that_were_lost_with_a_connection_leave_nothing_held() -> None:
    world = World()
    world.control()
    world.say(BOB, ControlInputs(grant=world.granted, first=1, inputs=[A]))
    world.say(BOB, ControlInputs(grant=world.granted, first=3, inputs=[Text("x")]))
    assert world.machine.done == [A, UP, Text("x")]


def test_a_key_comes_up_as_it_went_down() -> None:
    world = World()
    world.control()
    world.act(KeyDown("Shift", "ShiftLeft"), KeyDown("A", "KeyA"), KeyUp("Shift", "ShiftLeft"), UP)
    world.run(0.2)
    assert world.machine.done[-1] == KeyUp("A", "KeyA")
    assert world.machine.down == []


def test_text_is_copied_only_where_the_grant_says_so() -> None:
    world = World()
    world.control()
    assert not world.controller.copied(ADA, "no")
    world.say(BOB, ControlClipboard(grant=world.granted, text="no"))
    world.owner.copied("no", now=world.now)
    world.owner.revoke(now=world.now)
    world.run(20.0)
    world.controller.request(ADA, now=world.now)
    world.run(0.2)
    world.grant(clipboard=True)
    world.run(0.2)
    world.controller.copied(ADA, "to the owner")
    world.owner.copied("to the controller", now=world.now)
    world.run(0.2)
    assert [event for event in world.at_owner if isinstance(event, Copied)] == [
        Copied("controlled", BOB, "to the owner")
    ]
    assert [event for event in world.at_controller if isinstance(event, Copied)] == [
        Copied("controller", ADA, "to the controller")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        Move(1.01, 0.5),
        Press("left", -0.1, 0.5),
        Scroll(0, float("nan"), 0, 0),
        KeyDown("x" * 40),
        KeyDown("a", "../x"),
        Text(""),
    ],
)
def test_what_is_off_the_screen_or_out_of_bounds_is_no_message(wrong: Input) -> None:
    if isinstance(wrong, Move):
        data = encode(ControlMotion(grant=bytes(8), after=0, n=1, x=wrong.x, y=wrong.y))
    else:
        data = encode(ControlInputs(grant=bytes(8), first=1, inputs=[wrong]))
    with pytest.raises(ProtocolError):
        decode(data)


def test_the_longest_messages_fit_their_channels() -> None:
    texts = ControlInputs(grant=bytes(8), first=2**53, inputs=[Text("😀" * 1000)])
    keys = ControlInputs(grant=bytes(8), first=2**53, inputs=[KeyDown("AudioVolumeDown", "AudioVolumeDown")] * 64)
    for message in (texts, keys, ControlClipboard(grant=bytes(8), text="😀" * 3000)):
        assert len(encode(message)) < 16_384
        assert decode(encode(message)) == message
