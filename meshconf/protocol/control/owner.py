"""The owner's side of remote control: asked, and then what the person at this machine decides. Pure.

Nothing that arrives here grants, extends or escalates: `grant` is the only way to a grant, and no message leads to it.
On every end all that is held comes up, before anything else is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from meshconf.errors import LocalProtocolError
from meshconf.protocol.control.events import ControlChanged, ControlEvent, Copied, Injected, Paused, Reason
from meshconf.protocol.control.grant import Grant
from meshconf.protocol.control.input import Input
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
from meshconf.types import PeerId

ANSWER_WITHIN = 60.0
"""Seconds until a request that nobody answers is denied."""
ASK_EVERY = 10.0
"""Seconds between two requests of one peer that reach the person."""
MOST_ASKING = 8
"""Peers that may ask at once."""
REMEMBERED = 64
"""Peers of whom we know when they last asked; no meeting has so many."""


@dataclass(frozen=True, slots=True)
class _Asked:
    number: int
    until: float


class Owner:
    """Who asks for this machine's screen, and who controls it: one peer at a time.

    Args:
        may: whether the room lets a peer control.
    """

    def __init__(self, may: Callable[[PeerId], bool]) -> None:
        self._may = may
        self._sharing: int | None = None
        self._able = True
        self._covered = False
        self._asked: dict[PeerId, _Asked] = {}
        self._last_asked: dict[PeerId, float] = {}
        self._grant: Grant | None = None
        self._sends: list[tuple[PeerId, ControlMessage]] = []
        self._events: list[ControlEvent] = []

    @property
    def controller(self) -> PeerId | None:
        """Who controls this machine now."""
        return self._grant.peer if self._grant else None

    def asking(self, peer: PeerId) -> bool:
        """Whether a peer waits for our answer."""
        return peer in self._asked

    # What the person at this machine, and the machine, do.

    def grant(self, peer: PeerId, seconds: int | None, *, id: bytes, clipboard: bool = False, now: float) -> None:
        """Let a peer that has asked control this machine.

        Args:
            peer: who.
            seconds: for how long; None until ended.
            id: eight random bytes, never used before.
            clipboard: whether text may be copied both ways.
            now: monotonic seconds.

        Raises:
            LocalProtocolError: it has not asked, somebody else controls, or there is nothing to control.
        """
        asked = self._asked.get(peer)
        if asked is None:
            raise LocalProtocolError("Nobody of that name asks for control.")
        if self._grant is not None:
            raise LocalProtocolError("Somebody controls this screen already; end that first.")
        if self._sharing is None or not self._may(peer):
            raise LocalProtocolError("The screen is not shared, or the room forbids control.")
        del self._asked[peer]
        self._grant = Grant(peer, asked.number, id, self._sharing, seconds, clipboard, now=now)
        self._send(peer, ControlGrant(number=asked.number, grant=id, seconds=seconds, clipboard=clipboard))
        self._tell(ControlChanged("controlled", peer, "granted", seconds=seconds, clipboard=clipboard))
        self.covers(self._covered, now=now)

    def deny(self, peer: PeerId, reason: Reason = Reason.DENIED) -> bool:
        """Say no to a peer that has asked; False if it has not."""
        asked = self._asked.pop(peer, None)
        if asked is not None:
            self._send(peer, ControlDeny(number=asked.number, reason=reason))
            self._tell(ControlChanged("controlled", peer, "denied", reason))
        return asked is not None

    def revoke(self, reason: Reason = Reason.REVOKED, *, now: float) -> bool:
        """End control, whoever has it; False if nobody has."""
        grant, self._grant = self._grant, None
        if grant is None:
            return False
        self._inject(grant.release())
        self._send(grant.peer, ControlRevoke(grant=grant.id, reason=reason))
        lasted = now - grant.began
        self._tell(ControlChanged("controlled", grant.peer, "ended", reason, counts=grant.counts, lasted=lasted))
        return True

    def own_input(self, *, now: float) -> None:
        """The person used mouse or keyboard: theirs come first."""
        grant = self._grant
        if grant is None:
            return
        fresh = not grant.paused
        self._inject(grant.pause(now=now))
        if fresh:
            self._pause(grant, True)

    def copied(self, text: str, *, now: float) -> None:
        """The person copied text; it goes to the controller where the grant allows it, in a moment if that was much."""
        grant = self._grant
        if grant is not None and grant.clipboard and not grant.covered:
            grant.copies.put(text)
            self._copy(grant, now=now)

    # What changes around us.

    def shares(self, sharing: int | None, *, able: bool, now: float) -> None:
        """What of our screen is shared now.

        Args:
            sharing: another number for each time that another screen, region or nothing is shared; None for nothing.
            able: whether this machine can be controlled there.
            now: monotonic seconds.
        """
        self._sharing, self._able = sharing, able
        if self._grant is not None and (self._grant.sharing != sharing or not able):
            self.revoke(Reason.SCREEN, now=now)
        if sharing is None or not able:
            for peer in list(self._asked):
                self.deny(peer, Reason.NO_SCREEN if sharing is None else Reason.UNABLE)

    def covers(self, covered: bool, *, now: float) -> None:
        """The person froze or blanked the screen, or shows it again: nobody acts where they cannot see."""
        self._covered = covered
        grant = self._grant
        if grant is None or grant.covered is covered:
            return
        was, grant.covered = grant.paused, covered
        grant.copies.clear()
        self._inject(grant.release())
        if grant.paused is not was:
            self._pause(grant, grant.paused)

    def gone(self, peer: PeerId, reason: Reason, *, now: float) -> None:
        """A peer left, or its connection is lost."""
        if self._asked.pop(peer, None) is not None:
            self._tell(ControlChanged("controlled", peer, "ended", reason))
        if self.controller == peer:
            self.revoke(reason, now=now)

    def ruled(self, *, now: float) -> None:
        """The room's rules changed."""
        for peer in list(self._asked):
            if not self._may(peer):
                self.deny(peer, Reason.FORBIDDEN)
        if self._grant is not None and not self._may(self._grant.peer):
            self.revoke(Reason.FORBIDDEN, now=now)

    def receive(self, peer: PeerId, message: ControlMessage, *, now: float) -> None:
        """Take a message of a peer, whatever it says."""
        match message:
            case ControlRequest(number=number):
                self._request(peer, number, now=now)
            case ControlRelease(number=number):
                self._release(peer, number, now=now)
            case ControlInputs() | ControlMotion() | ControlClipboard():
                self._used(peer, message, now=now)
            case _:
                pass  # what only an owner says is nothing to an owner

    # Time.

    def handle_timer(self, *, now: float) -> None:
        """Do what is due."""
        for peer, asked in list(self._asked.items()):
            if now >= asked.until:
                self.deny(peer, Reason.NO_ANSWER)
        grant = self._grant
        if grant is None:
            return
        if reason := grant.over(now=now):
            self.revoke(reason, now=now)
            return
        if grant.silent(now=now):
            self._inject(grant.release())
        self._copy(grant, now=now)
        if grant.paused_until is not None and now >= grant.paused_until:
            grant.paused_until = None
            if not grant.paused:
                self._pause(grant, False)

    def next_timer(self, *, now: float) -> float | None:
        """When `handle_timer` wants to be called."""
        due = [asked.until for asked in self._asked.values()]
        if self._grant is not None:
            due.append(self._grant.next_timer(now=now))
        return min(due, default=None)

    # What comes out.

    def sends(self) -> list[tuple[PeerId, ControlMessage]]:
        """Messages to be sent; each is given once."""
        sends, self._sends = self._sends, []
        return sends

    def events(self) -> list[ControlEvent]:
        """What happened and what is to be injected, in order; each is given once."""
        events, self._events = self._events, []
        return events

    # Private.

    def _request(self, peer: PeerId, number: int, *, now: float) -> None:
        refusal = self._refusal(peer, now=now)
        if peer not in self._asked:
            if refusal:
                self._send(peer, ControlDeny(number=number, reason=refusal))
                return
            self._last_asked.pop(peer, None)
            self._last_asked[peer] = now
            if len(self._last_asked) > REMEMBERED:
                del self._last_asked[next(iter(self._last_asked))]
            self._tell(ControlChanged("controlled", peer, "requested"))
            self._asked[peer] = _Asked(number, now + ANSWER_WITHIN)
        else:  # asked again, which gives no more time
            self._asked[peer] = _Asked(number, self._asked[peer].until)

    def _refusal(self, peer: PeerId, *, now: float) -> Reason | None:
        """Why a peer need not even ask; None if the person is to decide."""
        if not self._may(peer):
            return Reason.FORBIDDEN
        if self._sharing is None:
            return Reason.NO_SCREEN
        if not self._able:
            return Reason.UNABLE
        if self._grant is not None or len(self._asked) >= MOST_ASKING:
            return Reason.BUSY
        return Reason.TOO_SOON if now < self._last_asked.get(peer, float("-inf")) + ASK_EVERY else None

    def _release(self, peer: PeerId, number: int, *, now: float) -> None:
        asked = self._asked.get(peer)
        if asked is not None and asked.number == number:
            del self._asked[peer]
            self._tell(ControlChanged("controlled", peer, "ended", Reason.RELEASED))
        elif self._grant is not None and (self._grant.peer, self._grant.number) == (peer, number):
            self.revoke(Reason.RELEASED, now=now)

    def _used(self, peer: PeerId, message: ControlInputs | ControlMotion | ControlClipboard, *, now: float) -> None:
        """What comes without a grant, or under an earlier one, is nothing; what comes too late ends the grant."""
        grant = self._grant
        if grant is None or grant.peer != peer or grant.id != message.grant:
            return
        if reason := grant.over(now=now):
            self.revoke(reason, now=now)
        elif isinstance(message, ControlClipboard):
            if grant.takes_copies(now=now):
                self._tell(Copied("controlled", peer, message.text))
        elif (done := grant.take(message, now=now)) is not None:
            self._inject(done)
        else:
            self.revoke(Reason.FLOOD, now=now)

    def _copy(self, grant: Grant, *, now: float) -> None:
        if text := grant.copies.take(now=now):
            self._send(grant.peer, ControlClipboard(grant=grant.id, text=text))

    def _pause(self, grant: Grant, paused: bool) -> None:
        self._send(grant.peer, ControlPaused(grant=grant.id, paused=paused))
        self._tell(Paused("controlled", grant.peer, paused))

    def _inject(self, inputs: list[Input]) -> None:
        if inputs:
            self._tell(Injected(tuple(inputs)))

    def _tell(self, event: ControlEvent) -> None:
        self._events.append(event)

    def _send(self, peer: PeerId, message: ControlMessage) -> None:
        self._sends.append((peer, message))
