"""A busy clipboard: the newest text arrives, and nobody ends the owner's link for it."""

from __future__ import annotations

import pytest

from meshconf.conference.allowance import Allowance
from meshconf.conference.driver import FROM_ONE
from meshconf.protocol.control.copies import Copies
from meshconf.protocol.control.events import Copied
from meshconf.protocol.control.messages import LONGEST_CLIP, ControlClipboard, ControlRequest
from meshconf.protocol.messages import encode
from tests.protocol.control.world import ADA, BOB, World


def test_a_text_now_and_then_goes_at_once() -> None:
    copies = Copies(now=0.0)
    for second in range(10):
        copies.put(f"text {second}")
        assert copies.take(now=second) == f"text {second}"
        assert copies.take(now=second) == "" and copies.next_timer(now=second) is None


def test_what_is_held_back_gives_way_to_the_newest_and_to_the_curtain() -> None:
    copies = Copies(now=0.0)
    sent = []
    for n in range(100):
        copies.put(str(n))
        sent.append(copies.take(now=0.0))
    assert sent[0] == "0" and sent[-1] == ""
    due = copies.next_timer(now=0.0)
    assert due is not None and copies.take(now=due + 1e-6) == "99"
    copies.put("secret")
    copies.clear()
    assert copies.next_timer(now=60.0) is None and copies.take(now=60.0) == ""


@pytest.mark.parametrize("text", ["x", "x" * LONGEST_CLIP, "𝄞" * LONGEST_CLIP])
def test_a_program_that_copies_without_end_costs_no_link_and_its_last_text_arrives(text: str) -> None:
    world = World()
    world.controller.request(ADA, now=world.now)
    world.run(0.2)
    world.grant(clipboard=True)
    world.run(0.2)
    taken, allowed = 0, Allowance(FROM_ONE)
    for n in range(3000):
        world.owner.copied(f"{n}"[-5:] + text[5:], now=world.now)
        world.run(0.01)
        for _, message in world.answers[taken:]:
            assert allowed.spend(ADA, len(encode(message)), now=world.now), "the controller ends the link"
        taken = len(world.answers)
    assert allowed.spend(ADA, int(FROM_ONE.burst_bytes / 2), now=world.now), "and all else that we say has room"
    world.run(5.0)
    sent = [message.text for peer, message in world.answers if peer == BOB and isinstance(message, ControlClipboard)]
    heard = [event.text for event in world.at_controller if isinstance(event, Copied)]
    assert sent[-1] == "2999" + text[5:] and heard == sent


def much_copied() -> World:
    """Bob controls, and the owner copies more than may be sent at once."""
    world = World()
    world.say(BOB, ControlRequest(number=1))
    world.grant(clipboard=True)
    for _ in range(100):
        world.owner.copied("text", now=world.now)
    return world


def test_nothing_is_sent_after_the_end() -> None:
    world = much_copied()
    world.owner.revoke(now=world.now)
    world.settle()
    before = len(world.answers)
    world.run(60.0)
    assert len(world.answers) == before


def test_what_was_copied_before_the_curtain_fell_does_not_come_from_behind_it() -> None:
    world = much_copied()
    for covered in (True, False):
        world.owner.covers(covered, now=world.now)
    world.settle()
    before = sum(isinstance(message, ControlClipboard) for _, message in world.answers)
    world.run(60.0)
    assert sum(isinstance(message, ControlClipboard) for _, message in world.answers) == before
