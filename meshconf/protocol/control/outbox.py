"""What a controller says under one grant: motion coalesced, inputs in order, neither faster than the owner takes."""

from __future__ import annotations

from collections import deque

from meshconf.protocol.control.budget import Budget, weight
from meshconf.protocol.control.held import Held
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Move, Press, Release, Scroll, Text
from meshconf.protocol.control.latest import Latest
from meshconf.protocol.control.messages import BATCH, ControlInputs, ControlMotion, Step

GAP = 0.025
"""Seconds between two messages on ctl; with all else that is below what the receiver takes of a peer."""
MOTION_GAP = 1 / 60
"""Seconds between two motions."""
MOTION_AGAIN = (0.06, 0.25)
"""Seconds after which a pointer that rests is told again, as the last motion may have been lost."""
SIGN_OF_LIFE = 0.5
"""Seconds between two messages while something is held; see `grant.SILENCE`."""
MOST_WAITING = 1000
"""Inputs that may wait."""
PIECE = 1000
"""Characters of text in one input."""
SHARE = 0.8
"""Of the owner's budget that we use: its clock and ours differ, and messages bunch on the way."""
NOTCHES = 100.0


class Outbox:
    """The sending end of one grant."""

    def __init__(self, grant: bytes, *, now: float) -> None:
        self._grant = grant
        self._waiting: deque[Step] = deque()
        self._sent = 0
        """Number of the last input that left."""
        self._motions = 0
        self._motion: Latest[Move] = Latest(MOTION_GAP, MOTION_AGAIN)
        self._held = Held()
        self._budget = Budget(now=now, share=SHARE)
        self._said = float("-inf")

    def put(self, input: Input, *, now: float) -> bool:
        """Send this; False, and nothing is sent, where too much waits already."""
        if isinstance(input, Move):
            self._motion.put(input, now=now)
            return True
        pieces = _pieces(input)
        if len(self._waiting) + len(pieces) > MOST_WAITING:
            return False
        for step in pieces:
            # Whether something is held; what the owner cannot do, it leaves out itself.
            self._held.take(step)
            if isinstance(step, Press | Release | Scroll):
                self._motion.clear()  # they bring their own place, and a place of before must not follow them
            self._queue(step)
        return True

    def take(self, *, now: float) -> list[ControlInputs | ControlMotion]:
        """The messages that are to be sent now."""
        messages: list[ControlInputs | ControlMotion] = []
        due = self._inputs_due(now=now)
        if due is not None and now >= due:
            messages.append(self._batch(now=now))
        moved = self._motion_due(now=now)
        if moved is not None and now >= moved and (move := self._motion.take(now=now)) is not None:
            self._budget.spend(1, now=now)
            self._motions += 1
            after = self._sent + len(self._waiting)
            messages.append(ControlMotion(grant=self._grant, after=after, n=self._motions, x=move.x, y=move.y))
        return messages

    def next_timer(self, *, now: float) -> float | None:
        """When there is something to send."""
        due = [moment for moment in (self._inputs_due(now=now), self._motion_due(now=now)) if moment is not None]
        return min(due, default=None)

    def _queue(self, step: Step) -> None:
        last = self._waiting[-1] if self._waiting else None
        if isinstance(step, Scroll) and isinstance(last, Scroll):
            dx, dy = (max(-NOTCHES, min(NOTCHES, a + b)) for a, b in ((last.dx, step.dx), (last.dy, step.dy)))
            self._waiting[-1] = Scroll(dx, dy, step.x, step.y)
        else:
            self._waiting.append(step)

    def _inputs_due(self, *, now: float) -> float | None:
        if self._waiting:
            return max(self._said + GAP, self._budget.ready(weight(self._waiting[0]), now=now))
        return self._said + SIGN_OF_LIFE if self._held else None

    def _motion_due(self, *, now: float) -> float | None:
        due = self._motion.next_timer()
        return None if due is None else max(due, self._budget.ready(1, now=now))

    def _batch(self, *, now: float) -> ControlInputs:
        batch: list[Step] = []
        characters = 0
        while self._waiting and len(batch) < BATCH:
            step = self._waiting[0]
            characters += len(step.text) if isinstance(step, Text) else 0
            if characters > PIECE or not self._budget.spend(weight(step), now=now):
                break
            batch.append(self._waiting.popleft())
        first = self._sent + 1
        self._sent += len(batch)
        self._said = now
        return ControlInputs(grant=self._grant, first=first, inputs=batch)


def _pieces(step: Press | Release | Scroll | KeyDown | KeyUp | Text) -> list[Step]:
    if isinstance(step, Text):
        return [Text(step.text[at : at + PIECE]) for at in range(0, len(step.text), PIECE)]
    return [step]
