"""What input weighs: as much as it costs the owner's display, so that no flood fits into the budget."""

from __future__ import annotations

import pytest

from meshconf.protocol.control.budget import BURST, Budget, weight
from meshconf.protocol.control.input import LONGEST_TEXT, Input, Scroll, Text
from meshconf.protocol.control.outbox import PIECE, SHARE


@pytest.mark.parametrize("flood", [Scroll(100, -100, 0.5, 0.5), Text("x" * LONGEST_TEXT)])
def test_the_heaviest_inputs_are_soon_too_much(flood: Input) -> None:
    budget = Budget(now=0.0)
    taken = sum(budget.spend(weight(flood), now=1.0) for _ in range(100))
    assert taken <= 12, "of 64 in one message"


@pytest.mark.parametrize("honest", [Scroll(100, -100, 0.5, 0.5), Text("x" * PIECE)])
def test_whatever_an_outbox_sends_can_be_sent(honest: Input) -> None:
    assert weight(honest) <= BURST * SHARE
