"""One grant at the owner: bound to one peer, one sharing of the screen, one id, one time. Pure."""

from __future__ import annotations

from collections import Counter

from meshconf.protocol.control.budget import Budget, weight
from meshconf.protocol.control.copies import Copies
from meshconf.protocol.control.events import Reason
from meshconf.protocol.control.held import Held
from meshconf.protocol.control.input import Input, Text
from meshconf.protocol.control.messages import ControlInputs, ControlMotion
from meshconf.protocol.control.order import Order
from meshconf.types import PeerId

IDLE = 600.0
"""Seconds without input after which a grant ends."""
PAUSE = 1.0
"""Seconds for which the owner's own input pauses the controller."""
SILENCE = 2.0
"""Seconds without a sign of a controller that holds something, after which all comes up; the grant goes on."""

COPY_WEIGHT = 25.0
"""What a copied text takes of the budget."""


class Grant:
    """What one controller may do, and does.

    Args:
        peer: who may.
        number: of its request.
        id: which grant.
        sharing: which sharing of our screen.
        seconds: for how long; None until ended.
        clipboard: whether text may be copied.
        now: when it begins.
    """

    def __init__(
        self, peer: PeerId, number: int, id: bytes, sharing: int, seconds: int | None, clipboard: bool, *, now: float
    ) -> None:
        self.peer = peer
        self.number = number
        self.id = id
        self.sharing = sharing
        self.clipboard = clipboard
        self.began = now
        self.until = None if seconds is None else now + seconds
        self.counts: Counter[str] = Counter()
        """Inputs that were carried out, by kind; of `text` its characters."""
        self.paused_until: float | None = None
        """When the owner's mouse and keyboard will have rested."""
        self.copies = Copies(now=now)
        """What the owner copied."""
        self.covered = False
        """Whether the controller does not see what is on the screen."""
        self._acted = now
        """When the controller last did something."""
        self._heard = now
        self._order = Order()
        self._held = Held()
        self._budget = Budget(now=now)

    @property
    def paused(self) -> bool:
        """Whether nothing is done for the controller."""
        return self.covered or self.paused_until is not None

    def take(self, message: ControlInputs | ControlMotion, *, now: float) -> list[Input] | None:
        """What is to be done for a message; None: that was a flood, and the grant has to end."""
        self._heard = now
        if isinstance(message, ControlMotion):
            cost, moved = 1.0, self._order.motion(message)
            inputs, missing = ([moved] if moved is not None else []), False
        else:
            cost = sum(map(weight, message.inputs))
            inputs, missing = self._order.inputs(message)
        if not self._budget.spend(cost, now=now):
            return None
        if cost:
            self._acted = now
        done = self.release() if missing else []
        if not self.paused:
            done += [taken for input in inputs if (taken := self._held.take(input)) is not None]
        for input in done:
            self.counts[_kind(input)] += len(input.text) if isinstance(input, Text) else 1
        return done

    def takes_copies(self, *, now: float) -> bool:
        """Whether text that the controller copied goes into our clipboard now."""
        return self.clipboard and not self.paused and self._budget.spend(COPY_WEIGHT, now=now)

    def release(self) -> list[Input]:
        """What brings up all that is held."""
        return self._held.releases()

    def pause(self, *, now: float) -> list[Input]:
        """The owner uses mouse or keyboard: nothing is held, and nothing done, until that has rested."""
        self.paused_until = now + PAUSE
        return self.release()

    def over(self, *, now: float) -> Reason | None:
        """Why the grant ends now; None while it goes on."""
        if self.until is not None and now >= self.until:
            return Reason.EXPIRED
        return Reason.IDLE if now >= self._acted + IDLE else None

    def silent(self, *, now: float) -> bool:
        """Whether the controller holds something and gives no sign."""
        return bool(self._held) and now >= self._heard + SILENCE

    def next_timer(self, *, now: float) -> float:
        """When something about it changes by itself."""
        due = [self._acted + IDLE]
        moments = (self.until, self.paused_until, self.copies.next_timer(now=now))
        due += [moment for moment in moments if moment is not None]
        if self._held:
            due.append(self._heard + SILENCE)
        return min(due)


def _kind(input: Input) -> str:
    return str(input.__struct_config__.tag)
