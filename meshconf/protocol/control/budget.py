"""How many inputs a controller may send: far above what hands can do, far below what would harm the owner."""

from __future__ import annotations

from meshconf.protocol.control.input import Input, Scroll, Text
from meshconf.token_bucket import TokenBucket

RATE = 250.0
"""Inputs a second in the long run; a mouse moves 125 times, a key repeats 30 times."""
BURST = 500.0
CHARACTERS = 10.0
"""Characters of text that weigh as much as one other input: each is several events at the owner's display."""
NOTCHES = 5.0
"""Notches of a wheel that do: each is a press and a release there."""


def weight(input: Input) -> float:
    """What an input takes of the budget."""
    match input:
        case Text(text=text):
            return 1 + len(text) / CHARACTERS
        case Scroll(dx=dx, dy=dy):
            return 1 + (abs(dx) + abs(dy)) / NOTCHES
        case _:
            return 1


class Budget(TokenBucket):
    """What one grant has.

    Args:
        share: of the rate that is allowed; whoever sends keeps below what the receiver takes.
    """

    def __init__(self, *, now: float, share: float = 1.0) -> None:
        super().__init__(RATE * share, BURST * share, now=now)
