"""What an owner may make of us while it lets us control its screen: no flood of its clipboard, none of its pauses."""

from __future__ import annotations

import pytest

from meshconf.protocol.control.controller import Controller
from meshconf.protocol.control.events import Copied, Paused
from meshconf.protocol.control.messages import ControlClipboard, ControlGrant, ControlPaused
from meshconf.types import PeerId

EVE = PeerId("e" * 16)
GRANT = bytes(8)


@pytest.fixture
def controller() -> Controller:
    controller = Controller(1)
    controller.request(EVE, now=0.0)
    controller.receive(EVE, ControlGrant(number=2, grant=GRANT, clipboard=True), now=0.0)
    return controller


def test_a_flood_of_copied_text_is_not_passed_on(controller: Controller) -> None:
    for n in range(500):
        controller.receive(EVE, ControlClipboard(grant=GRANT, text="x"), now=n * 0.02)
    assert 20 <= sum(isinstance(event, Copied) for event in controller.events()) <= 121


def test_a_pause_is_told_once(controller: Controller) -> None:
    for paused in (False, True, True, True, False, False):
        controller.receive(EVE, ControlPaused(grant=GRANT, paused=paused), now=0.0)
    assert [event.paused for event in controller.events() if isinstance(event, Paused)] == [True, False]
