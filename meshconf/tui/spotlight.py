"""Which pictures the page shows, in which order, and which of them is the large one. Pure: time is an argument.

A shared screen is large, else whoever speaks. The large picture changes only after a while: each change is another size
to be sent, and pictures that jump are worse than one that is a moment late.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.tui.model import MeetingModel
from meshconf.tui.participant import Participant
from meshconf.types import SourceKind

HOLD_S = 3.0
"""How long somebody stays large at least while others speak."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture of somebody."""

    peer: str
    kind: SourceKind


def has_pictures(model: MeetingModel) -> bool:
    """Whether there is any picture that is worth a tile."""
    return bool(Spotlight().order(model, 0.0))


def has_pictures_of_others(model: MeetingModel) -> bool:
    """Whether any of them is somebody else's."""
    own = {person.peer for person in model.present() if person.own}
    return any(source.peer not in own for source in Spotlight().order(model, 0.0))


class Spotlight:
    """Remembers who is large."""

    def __init__(self) -> None:
        self._speaker = ""
        self._since = 0.0

    def order(self, model: MeetingModel, now: float) -> list[Source]:
        """All pictures that are worth a tile, the large one first, then as in the list of people; our own at the end.

        Our own screen is none of them: it would show itself.
        """
        people = sorted(model.present(), key=lambda one: one.own)
        screens = [
            Source(one.peer, SourceKind.SCREEN) for one in people if one.is_on(SourceKind.SCREEN) and not one.own
        ]
        filmed = [one for one in people if one.is_on(SourceKind.CAMERA)]
        self._follow([one for one in filmed if not one.own], now)
        # Sorting keeps the order of the others.
        cameras = sorted(filmed, key=lambda one: one.peer != self._speaker)
        return [*screens, *(Source(one.peer, SourceKind.CAMERA) for one in cameras)]

    def _follow(self, others: list[Participant], now: float) -> None:
        """Let who speaks take the light from who does not."""
        current = next((one for one in others if one.peer == self._speaker), None)
        speaker = next((one for one in others if one.speaking), None)
        if current is None:
            chosen = speaker or next(iter(others), None)
        elif speaker is not None and not current.speaking and now - self._since >= HOLD_S:
            chosen = speaker
        else:
            return
        self._speaker, self._since = (chosen.peer, now) if chosen is not None else ("", now)
