"""The room as a state machine: acts are proposed, ordered by the host, replayed by all; a lost host has a successor.

Pure: messages, links and time come in, messages and events go out; it sits beside `mesh` and is driven like it.
Which of two branches counts is `history`'s to say, which one we follow when is `loyalty`'s.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from meshconf.errors import ProtocolError, Refused
from meshconf.protocol.room import rules
from meshconf.protocol.room.acts import Act, Deed, Entry, Proposal, Vote, vote_part
from meshconf.protocol.room.docket import Docket
from meshconf.protocol.room.election import Election
from meshconf.protocol.room.events import (
    ActDone,
    ActRefused,
    Denied,
    HostReturned,
    Knocked,
    Misbehaved,
    RoomEvent,
    StateChanged,
    Undone,
)
from meshconf.protocol.room.history import MAX_LOG, RESERVE, History, Node, UnknownParent, Verify, parted
from meshconf.protocol.room.loyalty import Loyalty
from meshconf.protocol.room.making import Sign, claim, order, propose
from meshconf.protocol.room.messages import (
    Beat,
    CallVote,
    Deny,
    Entries,
    Fetch,
    GiveVote,
    Knock,
    NotDone,
    Propose,
    RoomMessage,
    parcel,
)
from meshconf.protocol.room.pulse import BEAT_EVERY, DOUBT_AFTER, LOST_AFTER, PAUSE, TURN, Pulse
from meshconf.protocol.room.state import Role, RoomState
from meshconf.types import PeerId, RoomId

UNSEATED = 10.0
"""Seconds in which somebody whose admission was undone may stay, until it is admitted anew."""
BURST, RATE = 20.0, 2.0
"""Acts that a host orders for one member: so many at once, so many a second in the long run."""
FETCH_EVERY = 0.3
"""Seconds between two requests to the same peer for what we miss, or two answers to one that lags behind."""
CARRIERS = 3
"""Members whom we ask to carry a proposal to a host that we cannot reach ourselves."""


@dataclass(slots=True)
class _Neighbour:
    """A member whom we have a connection to."""

    refilled: float
    budget: float = BURST
    asked: float = float("-inf")
    told: float = float("-inf")


class Room:
    """One member's view of the room's authority.

    Three things move it: the user's verbs (`propose`, `deny`), the network (`linked`, `unlinked`, `receive`), and
    time (`handle_timer`).
    """

    def __init__(self, own: PeerId, history: History, *, sign: Sign, verify: Verify, now: float) -> None:
        self.own = own
        self.history = history
        self.head = history.best()
        self._sign, self._verify = sign, verify
        self._linked: dict[PeerId, _Neighbour] = {}
        self._pulse = Pulse(now)
        self._docket = Docket()
        self._election = Election()
        self._loyalty = Loyalty()
        self._number = 0
        self._beats = 0
        self._former: PeerId | None = None
        """The host whose loss made us host."""
        self._unseated: dict[PeerId, float] = {}
        """Who was admitted in a half of the room that does not count, and may stay until when."""
        self._ticked, self._tick_at = now, now
        self._actions: deque[tuple[PeerId, RoomMessage]] = deque()
        self._events: deque[RoomEvent] = deque()

    # What the driver takes out.

    def actions(self) -> list[tuple[PeerId, RoomMessage]]:
        """Take what is to be sent now and to whom, in order."""
        taken, self._actions = list(self._actions), deque()
        return taken

    def events(self) -> list[RoomEvent]:
        """Take what happened, in order."""
        taken, self._events = list(self._events), deque()
        return taken

    def next_timer(self) -> float:
        """When `handle_timer` is due next."""
        return self._tick_at

    # What others may ask.

    @property
    def id(self) -> RoomId:
        """The room's id."""
        return self.history.room

    @property
    def state(self) -> RoomState:
        """The room as it is."""
        return self.head.state

    @property
    def is_host(self) -> bool:
        """Whether we are the host."""
        return self.state.host == self.own

    def welcomes(self, peer: PeerId) -> bool:
        """Whether somebody may be connected with: admitted, or admitted in the half of the room that did not count."""
        return peer in self.state.people or peer in self._unseated

    def successor(self) -> PeerId | None:
        """Who of the others present is next in line."""
        return next((peer for peer in self.state.line if peer in self._linked), None)

    # The user's verbs.

    def propose(self, act: Act, *, now: float) -> int:
        """Ask for an act; its number comes back in `ActDone` or `ActRefused`.

        Raises:
            Refused: the room as we know it does not allow it.
        """
        rules.check(self.state, self.own, act)
        proposal = propose(self.id, self.own, self._next_number(), act, self._sign)
        self._docket.file(proposal, now)
        self._send_due(now)
        return proposal.number

    def knock(self, knock: Knock) -> None:
        """Somebody waits at our door, or gave up: tell host and admins."""
        for peer in self._linked:
            if self.state.role(peer) in (Role.HOST, Role.ADMIN):
                self._send(peer, knock)

    def deny(self, peer: PeerId) -> None:
        """Tell whoever holds the door that this person is not let in.

        Raises:
            Refused: that is not ours to say.
        """
        if self.state.role(self.own) is Role.MEMBER:
            raise Refused("Only the host and the admins can do that.", reason="not-admin")
        self._broadcast(Deny(peer=peer))

    # The network.

    def linked(self, peer: PeerId, *, now: float) -> None:
        """A connection to a member stands."""
        if self._loyalty.is_cut_off:
            self._loyalty.back(now)
        self._linked[peer] = _Neighbour(refilled=now)
        self._fetch(peer, now)
        if peer == self.state.host:
            self._pulse.excuse(now)
        if self._pulse.beat is not None:
            self._send(peer, self._pulse.beat)
        if self.is_host and peer == self._former:
            self._former = None
            self._events.append(HostReturned(peer))

    def unlinked(self, peer: PeerId, *, now: float, goodbye: bool = False) -> None:
        """The connection is lost, or its owner said goodbye."""
        if self._linked.pop(peer, None) is None:
            return
        self._pulse.forget(peer)
        if goodbye and peer == self.state.host:
            self._pulse.mourn(now)
        elif not goodbye and not self._linked:
            self._loyalty.cut_off()
        self._tick_at = now

    def receive(self, peer: PeerId, message: RoomMessage, *, now: float) -> None:
        """A message from a linked member. What is wrong in it is refused and named in an event."""
        if peer not in self._linked:
            return
        try:
            self._dispatch(peer, message, now)
        except ProtocolError as error:
            self._events.append(Misbehaved(peer, str(error)))
        self._follow(now)

    # Time.

    def handle_timer(self, *, now: float) -> None:
        """Beat, pass on, resend, notice that the host is lost: whatever is due at `now`."""
        if now < self._tick_at:
            return
        if now - self._ticked > PAUSE:
            self._pulse.excuse(now)
            self._loyalty.back(now)
        self._ticked, self._tick_at = now, now + BEAT_EVERY
        self._beat()
        self._send_due(now)
        for number in self._docket.expired(now):
            text = "Nobody could carry that out: the host does not answer."
            self._events.append(ActRefused(number, "no-host", text))
        if any(until <= now for until in self._unseated.values()):
            self._unseated = {peer: until for peer, until in self._unseated.items() if now < until}
            self._events.append(StateChanged(self.state, self.state, ()))
        self._follow(now)
        self._campaign(now)

    # Acts on their way into the log.

    def _next_number(self) -> int:
        self._number = max(self._number, self.state.numbers.get(self.own, 0)) + 1
        return self._number

    def _send_due(self, now: float) -> None:
        for proposal in self._docket.due(now):
            if self.is_host:
                self._judge(self.own, proposal, now)
            elif self.state.host in self._linked:
                self._send(self.state.host, Propose(proposal=proposal))
            else:
                for carrier in list(self._linked)[:CARRIERS]:
                    self._send(carrier, Propose(proposal=proposal))

    def _take_proposal(self, peer: PeerId, proposal: Proposal, now: float) -> None:
        if self.is_host:
            self._judge(peer, proposal, now)
        elif proposal.author == peer and self.state.host in self._linked:
            self._send(self.state.host, Propose(proposal=proposal))

    def _judge(self, via: PeerId, proposal: Proposal, now: float) -> None:
        """As host: put a proposal into the log, or say why not."""
        author = PeerId(proposal.author)
        if proposal.number <= self.state.numbers.get(author, -1):
            return  # it is in the log already
        if proposal.act.do in (Deed.SUCCEED, Deed.FOUND):
            raise ProtocolError("nobody can ask the host for that")
        try:
            if author != self.own and not self._afford(via, now):
                raise Refused("Too many requests at once; wait a moment.", reason="limit")
            if self.state.seq >= (MAX_LOG if author == self.own else MAX_LOG - RESERVE):
                raise Refused("This meeting has seen too many changes; begin a new one.", reason="limit")
            rules.check(self.state, author, proposal.act)
            self._append(order(self.head, self.own, proposal, self._sign), now)
        except Refused as error:
            self._answer(via, NotDone(author, proposal.number, error.reason, str(error)))

    def _afford(self, via: PeerId, now: float) -> bool:
        neighbour = self._linked.get(via)
        if neighbour is None:
            return False
        neighbour.budget = min(BURST, neighbour.budget + (now - neighbour.refilled) * RATE) - 1.0
        neighbour.refilled = now
        return neighbour.budget >= 0.0

    def _answer(self, via: PeerId, answer: NotDone) -> None:
        if answer.author != self.own:
            self._send(PeerId(answer.author) if answer.author in self._linked else via, answer)
        elif self._docket.close(answer.number):
            self._events.append(ActRefused(answer.number, answer.reason, answer.text))

    def _take_answer(self, peer: PeerId, answer: NotDone) -> None:
        if answer.author == self.own:
            if peer == self.state.host or self.state.host not in self._linked:
                self._answer(peer, answer)
        elif peer == self.state.host and answer.author in self._linked:
            self._send(PeerId(answer.author), answer)

    def _append(self, entry: Entry, now: float) -> None:
        self.history.add(entry)
        self._loyalty.acted()
        self._follow(now)
        self._broadcast(Entries(entries=[entry]))

    # The log.

    def _dispatch(self, peer: PeerId, message: RoomMessage, now: float) -> None:
        match message:
            case Propose(proposal=proposal):
                self._take_proposal(peer, proposal, now)
            case NotDone():
                self._take_answer(peer, message)
            case Entries(entries=entries, more=more):
                self._take_entries(peer, entries, more, now)
            case Fetch(known=known):
                self._tell(peer, known)
            case Beat():
                self._take_beat(peer, message, now)
            case CallVote(parent=parent):
                self._take_call(peer, parent, now)
            case GiveVote(parent=parent, signature=signature):
                self._take_vote(peer, parent, signature, now)
            case Knock():
                if self.state.role(self.own) is not Role.MEMBER:
                    news = (PeerId(message.peer), message.public, message.name, message.waiting)
                    self._events.append(Knocked(peer, *news))
            case Deny(peer=denied):
                if self.state.role(peer) in (Role.HOST, Role.ADMIN):
                    self._events.append(Denied(PeerId(denied)))

    def _take_entries(self, peer: PeerId, entries: Iterable[Entry], more: bool, now: float) -> None:
        last = None
        for entry in entries:
            if self._loyalty.ignores(entry, now) and self._hears_host(now):
                return
            try:
                last = self.history.add(entry)
            except UnknownParent:
                self._fetch(peer, now)
                return
            if last.equivocal:
                text = "as host it gave two different acts the same place in the log"
                self._events.append(Misbehaved(PeerId(entry.host), text))
        if more and last is not None:
            self._linked[peer].asked = now
            self._send(peer, Fetch(known=[last.digest, *self.history.locator(self.head)]))

    def _fetch(self, peer: PeerId, now: float) -> None:
        neighbour = self._linked[peer]
        if now >= neighbour.asked + FETCH_EVERY:
            neighbour.asked = now
            self._send(peer, Fetch(known=self.history.locator(self.head)))

    def _tell(self, peer: PeerId, known: list[bytes]) -> None:
        if (message := parcel(self.history.after(self.head, known))) is not None:
            self._send(peer, message)

    def _tell_laggard(self, peer: PeerId, known: bytes, now: float) -> None:
        neighbour = self._linked[peer]
        if now >= neighbour.told + FETCH_EVERY:
            neighbour.told = now
            self._tell(peer, [known])

    def _follow(self, now: float) -> None:
        while (best := self.history.best()) is not self.head:
            torn = self._loyalty.is_torn
            hears = self._hears_host(now)
            if self._loyalty.may_follow(self.head, best, hears_host=hears, is_host=self.is_host, now=now):
                self._loyalty.followed()
                self._switch(best, now)
                return
            if self.is_host and not torn:
                self._call_votes(now)
            # Another branch counts more, yet our host gets its time; meanwhile what it orders holds for us.
            ordered = [node for node in self.head.children if node.entry.host == self.state.host]
            if not ordered:
                return
            self._switch(ordered[0], now)
        self._loyalty.stayed(self.state.host, now)

    def _switch(self, new: Node, now: float) -> None:
        before, after = self.state, new.state
        dropped, gained = parted(self.head, new)
        self.head = new
        entries = tuple(node.entry for node in gained)
        done = {entry.key for entry in entries}
        undone = tuple(
            node.entry for node in dropped if node.entry.key not in done and node.entry.act.do is not Deed.SUCCEED
        )
        for entry in undone:
            if entry.act.do is Deed.ADMIT:
                self._unseated[PeerId(entry.act.peer or "")] = now + UNSEATED
        settled = after.people.keys() | after.removed
        self._unseated = {peer: until for peer, until in self._unseated.items() if peer not in settled}
        self._events.append(StateChanged(before, after, entries))
        for entry in entries:
            if entry.author == self.own and self._docket.close(entry.proposal.number):
                self._events.append(ActDone(entry.proposal.number))
        if undone:
            self._events.append(Undone(undone))
        if (after.epoch, after.host) != (before.epoch, before.host):
            self._enter_epoch(before.host, now)
        if self._election.parent is not new:
            self._election.end()
        self._admit_anew(undone, now)

    def _enter_epoch(self, former: PeerId, now: float) -> None:
        self._pulse.reset(now)
        self._docket.hurry()
        claimed = self.head.entry.act.do is Deed.SUCCEED
        self._former = former if self.is_host and claimed and former != self.own else None
        self._tick_at = now

    def _admit_anew(self, undone: Iterable[Entry], now: float) -> None:
        """Whoever let somebody in, in the half that did not count, asks for it again."""
        for entry in undone:
            if entry.author == self.own and entry.act.do is Deed.ADMIT:
                try:
                    self.propose(entry.act, now=now)
                except Refused:
                    continue  # `Undone` tells it

    # The host's life, and its succession.

    def _hears_host(self, now: float) -> bool:
        return self.is_host or self._pulse.silent_for(now) < LOST_AFTER

    def _beat(self) -> None:
        if self.is_host:
            self._beats += 1
            beat = Beat(self.state.epoch, self.own, self.head.digest, self._beats, bytes(64))
            self._broadcast(msgspec.structs.replace(beat, signature=self._sign(beat.signed_part(self.id))))
        elif (newest := self._pulse.beat) is not None:
            for peer in self._linked:
                if self._pulse.lacks(peer):
                    self._send(peer, newest)

    def _take_beat(self, peer: PeerId, beat: Beat, now: float) -> None:
        node = self.history.node(beat.head)
        if node is None:
            self._fetch(peer, now)
            return
        if (node.state.epoch, node.state.host) != (beat.epoch, beat.host):
            return
        if (beat.epoch, beat.host) != (self.state.epoch, self.state.host):
            if self.head.descends_from(node):
                self._tell_laggard(peer, beat.head, now)
            return
        if beat.n > self._beats if self.is_host else self._pulse.is_news(beat):
            public = self.state.people[self.state.host].public
            if not self._verify(public, beat.signature, beat.signed_part(self.id)):
                raise ProtocolError("a beat that the host did not sign")
            # To a host that comes back with its key, its own last beat says where to go on counting.
            self._beats = max(self._beats, beat.n) if self.is_host else self._beats
            self._pulse.hear(beat, now)
        self._pulse.shown(peer, beat)

    def _campaign(self, now: float) -> None:
        patience = LOST_AFTER + TURN * self._turn(self.own)
        if self._election.is_on and not self.is_host and self._hears_host(now):
            self._election.end()
        elif self._election.is_on or (not self.is_host and self._pulse.silent_for(now) >= patience):
            self._call_votes(now)

    def _turn(self, claimant: PeerId) -> int:
        """How many of those present come before somebody in the line of succession."""
        present = [peer for peer in self.state.line if peer in self._linked or peer == self.own]
        return present.index(claimant) if claimant in present else len(present)

    def _electorate(self) -> set[PeerId]:
        return {peer for peer in self._linked if peer in self.state.people}

    def _call_votes(self, now: float) -> None:
        if self.state.ended:
            return
        self._election.begin(self.head, now)
        for peer in sorted(self._election.missing(self._electorate())):
            self._send(peer, CallVote(parent=self.head.digest))
        self._count(now)

    def _take_call(self, peer: PeerId, parent: bytes, now: float) -> None:
        node = self.history.node(parent)
        if node is None:
            self._fetch(peer, now)
            return
        if node is not self.head:
            if self.head.descends_from(node):
                self._tell_laggard(peer, parent, now)
            return
        patience = DOUBT_AFTER + TURN * self._turn(peer)
        too_early = self.is_host or self._pulse.silent_for(now) < patience
        if peer not in self.state.people or (peer != self.state.host and too_early):
            return
        self._loyalty.voted(parent, peer)
        self._election.end()
        part = vote_part(self.id, parent, self.state.epoch_of(peer), peer)
        self._send(peer, GiveVote(parent=parent, signature=self._sign(part)))

    def _take_vote(self, peer: PeerId, parent: bytes, signature: bytes, now: float) -> None:
        running = self._election.parent
        if running is None or running.digest != parent or peer not in self.state.people:
            return
        part = vote_part(self.id, parent, self.state.epoch_of(self.own), self.own)
        if not self._verify(self.state.people[peer].public, signature, part):
            raise ProtocolError("a vote with a wrong signature")
        self._election.take(Vote(peer, signature))
        self._count(now)

    def _count(self, now: float) -> None:
        if not self._election.is_decided(self._electorate(), now):
            return
        votes = self._election.votes
        self._election.end()
        self._loyalty.voted(self.head.digest, self.own)
        act = Act(Deed.SUCCEED, peer=self.own)
        proposal = propose(self.id, self.own, self._next_number(), act, self._sign)
        self._append(claim(self.head, self.own, proposal, votes, self._sign), now)

    # Sending.

    def _send(self, peer: PeerId, message: RoomMessage) -> None:
        self._actions.append((peer, message))

    def _broadcast(self, message: RoomMessage) -> None:
        for peer in self._linked:
            self._send(peer, message)
