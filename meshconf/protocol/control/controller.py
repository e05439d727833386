"""The controller's side of remote control: asks, is answered, sends input while the grant lasts. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.errors import LocalProtocolError
from meshconf.protocol.control.budget import Budget
from meshconf.protocol.control.events import ControlChanged, ControlEvent, Copied, Paused, Reason
from meshconf.protocol.control.grant import COPY_WEIGHT
from meshconf.protocol.control.input import Input
from meshconf.protocol.control.messages import (
    ControlClipboard,
    ControlDeny,
    ControlGrant,
    ControlMessage,
    ControlPaused,
    ControlRelease,
    ControlRequest,
    ControlRevoke,
)
from meshconf.protocol.control.outbox import Outbox
from meshconf.types import PeerId

PATIENCE = 75.0
"""Seconds that we wait for an answer: longer than the owner takes to say no by itself."""


@dataclass(slots=True)
class _Asked:
    number: int
    until: float


@dataclass(slots=True)
class _Granted:
    number: int
    grant: bytes
    began: float
    until: float | None
    clipboard: bool
    outbox: Outbox
    copies: Budget
    """What of theirs goes into our clipboard: people copy now and then, programs may without end."""
    paused: bool = False


class Controller:
    """Whose screens we ask for, and control.

    Args:
        first: number of our first request: larger than any that we used on an earlier visit, such as the time in ms.
    """

    def __init__(self, first: int) -> None:
        self._number = first
        self._asked: dict[PeerId, _Asked] = {}
        self._granted: dict[PeerId, _Granted] = {}
        self._sends: list[tuple[PeerId, ControlMessage]] = []
        self._events: list[ControlEvent] = []

    def controls(self, peer: PeerId) -> bool:
        """Whether we may control a peer's screen now."""
        return peer in self._granted

    # What the person at this machine does.

    def request(self, peer: PeerId, *, now: float) -> None:
        """Ask a peer for control of its screen.

        Raises:
            LocalProtocolError: we have asked, or have it, already.
        """
        if peer in self._granted:
            raise LocalProtocolError("You control that screen already.")
        if peer in self._asked:
            raise LocalProtocolError("You have asked for control already.")
        self._number += 1
        self._asked[peer] = _Asked(self._number, now + PATIENCE)
        self._send(peer, ControlRequest(number=self._number))
        self._tell(ControlChanged("controller", peer, "requested"))

    def release(self, peer: PeerId, reason: Reason = Reason.RELEASED, *, now: float) -> bool:
        """Give control back, or ask no more; False where there is neither."""
        episode = self._asked.pop(peer, None) or self._granted.pop(peer, None)
        if episode is None:
            return False
        self._send(peer, ControlRelease(number=episode.number))
        self._ended(peer, reason, episode, now=now)
        return True

    def act(self, peer: PeerId, input: Input, *, now: float) -> None:
        """Send input to a screen that we control.

        Raises:
            LocalProtocolError: we do not, or more waits to be sent than the owner takes in some seconds.
        """
        granted = self._granted.get(peer)
        if granted is None:
            raise LocalProtocolError("You do not control that screen; ask its owner for control first.")
        if not granted.outbox.put(input, now=now):
            raise LocalProtocolError("That is more input than can be sent; wait a moment.")
        self._flush(peer, granted, now=now)

    def copied(self, peer: PeerId, text: str) -> bool:
        """Put text into the owner's clipboard; False where the grant does not allow it."""
        granted = self._granted.get(peer)
        if granted is None or not granted.clipboard:
            return False
        self._send(peer, ControlClipboard(grant=granted.grant, text=text))
        return True

    # What changes around us.

    def gone(self, peer: PeerId, reason: Reason, *, now: float) -> None:
        """A peer left, its connection is lost, or the room forbids us to control it: nothing can be told it."""
        episode = self._asked.pop(peer, None) or self._granted.pop(peer, None)
        if episode is not None:
            self._ended(peer, reason, episode, now=now)

    def ruled(self, allowed: bool, *, now: float) -> None:
        """The room's rules changed: whether we may control others."""
        if not allowed:
            for peer in [*self._asked, *self._granted]:
                self.release(peer, Reason.FORBIDDEN, now=now)

    def receive(self, peer: PeerId, message: ControlMessage, *, now: float) -> None:
        """Take a message of a peer; what does not answer a request of ours is nothing."""
        asked, granted = self._asked.get(peer), self._granted.get(peer)
        match message:
            case ControlGrant(number=number) if asked is not None and asked.number == number:
                self._begin(peer, message, now=now)
            case ControlDeny(number=number, reason=reason) if asked is not None and asked.number == number:
                del self._asked[peer]
                self._tell(ControlChanged("controller", peer, "denied", reason or Reason.DENIED))
            case ControlRevoke(grant=id, reason=reason) if granted is not None and granted.grant == id:
                del self._granted[peer]
                self._ended(peer, reason or Reason.REVOKED, granted, now=now)
            case ControlPaused(grant=id, paused=paused) if granted is not None and granted.grant == id:
                if paused is not granted.paused:
                    granted.paused = paused
                    self._tell(Paused("controller", peer, paused))
            case ControlClipboard(grant=id, text=text) if granted is not None and granted.grant == id:
                if granted.clipboard and granted.copies.spend(COPY_WEIGHT, now=now):
                    self._tell(Copied("controller", peer, text))
            case _:
                pass

    # Time.

    def handle_timer(self, *, now: float) -> None:
        """Do what is due."""
        for peer, asked in list(self._asked.items()):
            if now >= asked.until:
                self.release(peer, Reason.NO_ANSWER, now=now)
        for peer, granted in list(self._granted.items()):
            if granted.until is not None and now >= granted.until:
                self.gone(peer, Reason.EXPIRED, now=now)
            else:
                self._flush(peer, granted, now=now)

    def next_timer(self, *, now: float) -> float | None:
        """When `handle_timer` wants to be called."""
        due = [asked.until for asked in self._asked.values()]
        for granted in self._granted.values():
            moments = (granted.until, granted.outbox.next_timer(now=now))
            due += [moment for moment in moments if moment is not None]
        return min(due, default=None)

    # What comes out.

    def sends(self) -> list[tuple[PeerId, ControlMessage]]:
        """Messages to be sent; each is given once."""
        sends, self._sends = self._sends, []
        return sends

    def events(self) -> list[ControlEvent]:
        """What happened; each is given once."""
        events, self._events = self._events, []
        return events

    # Private.

    def _begin(self, peer: PeerId, grant: ControlGrant, *, now: float) -> None:
        del self._asked[peer]
        until = None if grant.seconds is None else now + grant.seconds
        outbox = Outbox(grant.grant, now=now)
        copies = Budget(now=now)
        self._granted[peer] = _Granted(grant.number, grant.grant, now, until, grant.clipboard, outbox, copies)
        changed = ControlChanged("controller", peer, "granted", seconds=grant.seconds, clipboard=grant.clipboard)
        self._tell(changed)

    def _flush(self, peer: PeerId, granted: _Granted, *, now: float) -> None:
        for message in granted.outbox.take(now=now):
            self._send(peer, message)

    def _ended(self, peer: PeerId, reason: str, episode: _Asked | _Granted, *, now: float) -> None:
        lasted = now - episode.began if isinstance(episode, _Granted) else 0.0
        self._tell(ControlChanged("controller", peer, "ended", reason, lasted=lasted))

    def _tell(self, event: ControlEvent) -> None:
        self._events.append(event)

    def _send(self, peer: PeerId, message: ControlMessage) -> None:
        self._sends.append((peer, message))
