"""Whatever people, peers, network and time do: what holds always.

* Nothing is injected without a live grant of the person at the machine, to that peer, within its time.
* Whenever nobody controls, and while the controller is paused, nothing is held.
* Inputs are done once, in the order in which they were made; the pointer never goes back to where it was before.
* What anybody but the person says leads to no grant, and lengthens none.
* Once the network is quiet, both ends agree on whether there is a grant.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.errors import LocalProtocolError
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Move, Press, Release, Scroll, Text
from meshconf.protocol.control.messages import (
    ControlClipboard,
    ControlDeny,
    ControlGrant,
    ControlInputs,
    ControlMessage,
    ControlMotion,
    ControlPaused,
    ControlRelease,
    ControlRequest,
    ControlRevoke,
)
from meshconf.protocol.control.owner import ASK_EVERY, Owner
from tests.protocol.control.world import ADA, BOB, EVE, World

_keys = st.sampled_from([("a", "KeyA"), ("A", "KeyA"), ("Control", "ControlLeft"), ("Shift", ""), ("é", "")])
_buttons = st.sampled_from(["left", "right"])
_numbers = st.integers(0, 5) | st.integers(0, 2**53)
_ids = st.integers(0, 4).map(lambda n: n.to_bytes(8, "big"))
_messages: st.SearchStrategy[ControlMessage] = st.one_of(
    st.builds(ControlRequest, number=_numbers),
    st.builds(ControlRelease, number=_numbers),
    st.builds(ControlGrant, number=_numbers, grant=_ids, seconds=st.none() | st.integers(1, 86_400)),
    st.builds(ControlDeny, number=_numbers),
    st.builds(ControlRevoke, grant=_ids),
    st.builds(ControlPaused, grant=_ids, paused=st.booleans()),
    st.builds(ControlClipboard, grant=_ids, text=st.just("x")),
    st.builds(ControlInputs, grant=_ids, first=_numbers, inputs=st.just([KeyDown("q", "KeyQ"), Text("no")])),
    st.builds(ControlMotion, grant=_ids, after=_numbers, n=_numbers, x=st.just(0.0), y=st.just(0.0)),
)
_hands = st.one_of(
    st.tuples(st.just("move")),
    st.tuples(st.just("press"), _buttons),
    st.tuples(st.just("let go"), _buttons),
    st.tuples(st.just("key down"), _keys),
    st.tuples(st.just("key up"), _keys),
    st.tuples(st.just("text")),
)
_turns = st.one_of(
    st.tuples(st.sampled_from(["release", "deny", "revoke", "own input", "cover", "cut", "rule", "share"])),
    st.tuples(st.just("begin"), st.sampled_from([None, 1, 5])),
    st.tuples(st.just("stranger"), _messages),
)
_waits = st.sampled_from([0.0, 0.01, 0.02, 0.05, 0.1, 0.3])
_steps = st.integers(0, 11).flatmap(
    lambda n: st.tuples(_hands, _waits) if n else st.tuples(_turns, _waits | st.sampled_from([1.5, 3.0, 20.0, 700.0]))
)
"""Something that happens, and how long it is until the next thing happens."""


class _Story:
    """Plays steps, and checks the invariants after each."""

    def __init__(self, seed: int, loss: float) -> None:
        self.world = World(seed, loss=loss)
        self.made = 0
        self.live_until: float | None = None
        """When the present grant of the person ends at the latest."""
        self.checked = 0
        self.covered = False

    def play(self, step: tuple[Any, ...], wait: float) -> None:
        """One thing happens, then time passes."""
        world = self.world
        match step:
            case ("begin", seconds):
                self._begin(seconds)
            case ("release",):
                world.controller.release(ADA, now=world.now)
            case ("deny",):
                world.owner.deny(BOB)
            case ("revoke",):
                world.owner.revoke(now=world.now)
            case ("own input",):
                world.owner.own_input(now=world.now)
            case ("cover",):
                self.covered = not self.covered
                world.owner.covers(self.covered, now=world.now)
            case ("cut",):
                world.cut()
            case ("rule",):
                world.allowed = not world.allowed
                world.owner.ruled(now=world.now)
                world.controller.ruled(world.allowed, now=world.now)
            case ("share",):
                world.owner.shares(self.made, able=True, now=world.now)
            case ("stranger", message):
                before = world.owner.controller
                if before is not None and hasattr(message, "grant"):  # it even knows the number of the grant
                    message = msgspec.structs.replace(message, grant=world.granted)
                world.say(EVE, message)
                assert world.owner.controller == before
            case _:
                self._try(lambda: world.act(self._input(step)))
        world.settle()
        self.check()
        self._pass(wait)

    def check(self) -> None:
        """What holds always."""
        world = self.world
        if world.owner.controller is None:
            assert not world.machine.down
            self.live_until = None
        else:
            assert world.owner.controller == BOB
            assert self.live_until is not None and world.now < self.live_until
        assert world.paused or not self.covered or world.owner.controller is None
        if world.paused:
            assert not world.machine.down
        self._ordered()
        for input in world.machine.done[self.checked :]:
            assert getattr(input, "key", "") != "q" and getattr(input, "text", "") != "no", "a stranger's input"
        self.checked = len(world.machine.done)

    def _begin(self, seconds: int | None) -> None:
        """Ask, not sooner than one may ask again, and be granted."""
        world = self.world
        self._pass(ASK_EVERY)
        self._try(lambda: world.controller.request(ADA, now=world.now))
        self._pass(0.3)
        if world.owner.asking(BOB) and world.owner.controller is None:
            self.live_until = world.now + (1e9 if seconds is None else seconds)
        self._try(lambda: world.grant(seconds))
        self._pass(0.2)

    def _pass(self, seconds: float) -> None:
        """Time passes in pieces, so that nothing between two checks goes unseen."""
        end = self.world.now + seconds
        while self.world.now < end:
            self.world.run(min(end - self.world.now, 0.2 if seconds < 30 else 50))
            self.check()

    def _ordered(self) -> None:
        places = [input.x for input in self.world.machine.done if isinstance(input, Move | Press | Scroll)]
        assert places == sorted(places), "the pointer went back"
        texts = [int(input.text) for input in self.world.machine.done if isinstance(input, Text)]
        assert texts == sorted(set(texts)), "inputs changed places, or came twice"

    def _input(self, step: tuple[Any, ...]) -> Input:
        self.made += 1
        x = self.made / 10_000
        match step:
            case ("move",):
                return Move(x, 0.5)
            case ("press", button):
                return Press(button, x, 0.5)
            case ("let go", button):
                return Release(button, x, 0.5)
            case ("key down", (key, code)):
                return KeyDown(key, code)
            case ("key up", (key, code)):
                return KeyUp(key, code)
            case _:
                return Text(str(self.made))

    def _try(self, verb: Any) -> None:
        try:
            verb()
        except LocalProtocolError:
            pass


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9), st.sampled_from([0.0, 0.4]), st.lists(_steps, min_size=10, max_size=40))
def test_the_invariants_hold(seed: int, loss: float, steps: list[tuple[tuple[Any, ...], float]]) -> None:
    story = _Story(seed, loss)
    for step, wait in [(("begin", None), 0.0), *steps]:
        story.play(step, wait)
    story.world.run(1.0)
    assert story.world.controller.controls(ADA) == (story.world.owner.controller == BOB)


@given(st.lists(st.tuples(st.sampled_from([BOB, EVE]), _messages), max_size=40))
def test_no_sequence_of_messages_leads_to_a_grant(messages: list[tuple[Any, ControlMessage]]) -> None:
    owner = Owner(lambda _: True)
    owner.shares(1, able=True, now=0.0)
    for moment, (peer, message) in enumerate(messages):
        owner.receive(peer, message, now=float(moment))
        owner.handle_timer(now=float(moment))
        assert owner.controller is None
    assert not [event for event in owner.events() if getattr(event, "state", "") == "granted"]
    assert not [message for _, message in owner.sends() if isinstance(message, ControlGrant)]


@given(st.lists(_messages, max_size=40))
def test_what_a_peer_says_lengthens_no_grant(messages: list[ControlMessage]) -> None:
    world = World()
    world.control(60)
    began = world.now
    for message in messages:
        world.say(BOB, message)
        world.run(1.0)
    world.run(max(0.0, began + 60 - world.now))
    assert world.owner.controller is None
    assert not world.machine.down
