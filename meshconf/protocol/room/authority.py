"""The room as a state machine: acts are proposed, ordered by the host, replayed by all; a lost host has a successor.

Pure: messages, links and time come in, messages and events go out; it sits beside `mesh` and is driven like it.
This file moves the head of the log; `errands`, `exchange` and `succession` hold what leads there, `history` says
which of two branches counts, and `loyalty` which one we follow when.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshconf.errors import ProtocolError, Refused
from meshconf.protocol.room.acts import Act, Deed, Entry
from meshconf.protocol.room.errands import Errands
from meshconf.protocol.room.events import (
    ClaimFailed,
    Denied,
    HostReturned,
    Knocked,
    Misbehaved,
    RoomEvent,
    StateChanged,
    Undone,
)
from meshconf.protocol.room.exchange import Exchange
from meshconf.protocol.room.history import History, Node, Verify, parted
from meshconf.protocol.room.loyalty import Loyalty
from meshconf.protocol.room.making import Sign
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
)
from meshconf.protocol.room.pulse import BEAT_EVERY, PAUSE
from meshconf.protocol.room.rules import require_staff
from meshconf.protocol.room.standing import Standing
from meshconf.protocol.room.state import RoomState
from meshconf.protocol.room.succession import Succession
from meshconf.types import PeerId, RoomId

UNSEATED = 10.0
"""Seconds in which somebody whose admission was undone may stay, until it is admitted anew."""


class Room:
    """One member's view of the room's authority.

    Three things move it: the user's verbs (`propose`, `deny`), the network (`linked`, `unlinked`, `receive`), and
    time (`handle_timer`).
    """

    def __init__(self, own: PeerId, history: History, *, sign: Sign, verify: Verify, now: float) -> None:
        self._me = Standing(own, history, sign, verify)
        self._loyalty = Loyalty()
        self._exchange = Exchange(self._me)
        self._errands = Errands(self._me, self._append)
        self._succession = Succession(self._me, self._exchange, self._loyalty, self._append, now=now)
        self._former: PeerId | None = None
        """The host whose loss made us host."""
        self._unseated: dict[PeerId, float] = {}
        """Who was admitted in a half of the room that does not count, and may stay until when."""
        self._ticked, self._tick_at = now, now
        # A newcomer cannot tell how old the last mandate is, and takes it for fresh.
        self._note_mandates(parted(history.root, self.head)[1], now)

    # What the driver takes out.

    def actions(self) -> list[tuple[PeerId, RoomMessage]]:
        """Take what is to be sent now and to whom, in order."""
        return self._me.neighbours.take()

    def events(self) -> list[RoomEvent]:
        """Take what happened, in order."""
        taken = list(self._me.events)
        self._me.events.clear()
        return taken

    def next_timer(self) -> float:
        """When `handle_timer` is due next."""
        return self._tick_at

    # What others may ask.

    @property
    def own(self) -> PeerId:
        """Who we are."""
        return self._me.own

    @property
    def id(self) -> RoomId:
        """The room's id."""
        return self._me.history.room

    @property
    def history(self) -> History:
        """All entries that we know."""
        return self._me.history

    @property
    def head(self) -> Node:
        """The last entry of the log that we follow."""
        return self._me.head

    @property
    def state(self) -> RoomState:
        """The room as it is."""
        return self._me.state

    @property
    def is_host(self) -> bool:
        """Whether we are the host."""
        return self._me.is_host

    def welcomes(self, peer: PeerId) -> bool:
        """Whether somebody may be connected with: admitted, or admitted in the half of the room that did not count."""
        return peer in self.state.people or peer in self._unseated

    def successor(self) -> PeerId | None:
        """Who of the others present is next in line."""
        return next((peer for peer in self.state.line if peer in self._me.neighbours), None)

    # The user's verbs.

    def propose(self, act: Act, *, now: float) -> int:
        """Ask for an act; its number comes back in `ActDone` or `ActRefused`.

        Raises:
            Refused: the room as we know it does not allow it.
        """
        return self._errands.begin(act, now)

    def knock(self, knock: Knock) -> None:
        """Somebody waits at our door, or gave up: tell host and admins."""
        for peer in self._me.neighbours:
            if self.state.is_staff(peer):
                self._me.neighbours.send(peer, knock)

    def deny(self, peer: PeerId) -> None:
        """Tell whoever holds the door that this person is not let in.

        Raises:
            Refused: that is not ours to say.
        """
        require_staff(self.state, self.own)
        self._me.neighbours.broadcast(Deny(peer=peer))

    # The network.

    def linked(self, peer: PeerId, *, now: float) -> None:
        """A connection to a member stands."""
        if self._loyalty.is_cut_off:
            self._loyalty.back(now)
        self._me.neighbours.add(peer, now)
        self._exchange.fetch(peer, now)
        self._succession.linked(peer, now)
        if self.is_host and peer == self._former:
            self._former = None
            self._me.events.append(HostReturned(peer))

    def unlinked(self, peer: PeerId, *, now: float, goodbye: bool = False) -> None:
        """The connection is lost, or its owner said goodbye."""
        if not self._me.neighbours.drop(peer):
            return
        self._succession.unlinked(peer, now, goodbye=goodbye)
        if not goodbye and not self._me.neighbours:
            self._loyalty.cut_off()
        self._tick_at = now

    def receive(self, peer: PeerId, message: RoomMessage, *, now: float) -> None:
        """A message from a linked member. What is wrong in it is refused and named in an event."""
        if peer not in self._me.neighbours or not self.welcomes(peer):
            return
        try:
            self._dispatch(peer, message, now)
        except ProtocolError as error:
            self._me.events.append(Misbehaved(peer, str(error)))
        self._follow(now)

    def learn(self, entries: Iterable[Entry], *, now: float) -> None:
        """Entries came by another road than a link: from a half of the room that was cut off from ours.

        Raises:
            ProtocolError: one of them is wrong; those before it are kept.
        """
        try:
            for entry in entries:
                self.history.add(entry)
        finally:
            self._follow(now)

    # Time.

    def handle_timer(self, *, now: float) -> None:
        """Beat, pass on, resend, notice that the host is lost: whatever is due at `now`."""
        if now < self._tick_at:
            return
        if now - self._ticked > PAUSE:
            self._succession.slept(now)
            self._loyalty.back(now)
        self._ticked, self._tick_at = now, now + BEAT_EVERY
        self._succession.beat()
        self._errands.send_due(now)
        self._errands.give_up(now)
        if any(until <= now for until in self._unseated.values()):
            self._unseated = {peer: until for peer, until in self._unseated.items() if now < until}
            self._me.events.append(StateChanged(self.state, self.state, ()))
        self._follow(now)
        self._succession.campaign(now)

    # The log.

    def _append(self, entry: Entry, now: float) -> None:
        self.history.add(entry)
        self._loyalty.acted()
        self._follow(now)
        self._me.neighbours.broadcast(Entries(entries=[entry]))

    def _dispatch(self, peer: PeerId, message: RoomMessage, now: float) -> None:
        match message:
            case Propose(proposal=proposal):
                self._errands.take_proposal(peer, proposal, now)
            case NotDone():
                self._errands.take_answer(peer, message)
            case Entries(entries=entries, more=more):
                hears = self._succession.hears_host(now)
                self._exchange.take(
                    peer,
                    entries,
                    more,
                    unwanted=lambda entry: hears and self._loyalty.ignores(entry, is_host=self.is_host, now=now),
                    now=now,
                )
            case Fetch(known=known):
                self._exchange.answer(peer, known, now)
            case Beat():
                self._succession.take_beat(peer, message, now)
            case CallVote(parent=parent):
                self._succession.take_call(peer, parent, now)
            case GiveVote(parent=parent, signature=signature):
                self._succession.take_vote(peer, parent, signature, now)
            case Knock():
                if self.state.is_staff(self.own):
                    news = (PeerId(message.peer), message.public, message.name, message.waiting)
                    self._me.events.append(Knocked(peer, *news))
            case Deny(peer=denied):
                if self.state.is_staff(peer):
                    self._me.events.append(Denied(PeerId(denied)))

    def _follow(self, now: float) -> None:
        while (best := self.history.best()) is not self.head:
            torn = self._loyalty.is_torn
            holds = self._succession.hears_host(now) or self._succession.is_early(best, now)
            if self._loyalty.may_follow(self.head, best, holds=holds, is_host=self.is_host, now=now):
                if best.state.host == self.state.host:
                    self._dismiss_rivals(now)
                self._loyalty.followed()
                self._switch(best, now)
                return
            if not torn:
                self._contest(best, now)
            # Another branch counts more, yet our host gets its time; meanwhile what it orders holds for us.
            ordered = [node for node in self.head.children if node.entry.host == self.state.host]
            if not ordered:
                return
            self._switch(ordered[0], now)
        self._dismiss_rivals(now)

    def _dismiss_rivals(self, now: float) -> None:
        """Our host stays host, on the log as it was or by the votes for it."""
        for rival in self._loyalty.stayed(self.state.host, now) - {self.own}:
            self._me.events.append(ClaimFailed(rival, self.state.host))

    def _contest(self, rival: Node, now: float) -> None:
        """Another branch counts more: as host, ask who is with us; as member, make sure that the host knows of it."""
        host, neighbours = self.state.host, self._me.neighbours
        if self.is_host:
            self._succession.call_votes(now)
            return
        for peer in [host] if host in neighbours else list(neighbours):
            self._exchange.show(peer, rival)

    def _switch(self, new: Node, now: float) -> None:
        before, after = self.state, new.state
        dropped, gained = parted(self.head, new)
        self._me.move(new)
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
        self._note_mandates(gained, now)
        self._me.events.append(StateChanged(before, after, entries))
        for entry in entries:
            self._errands.done(entry)
        if undone:
            self._me.events.append(Undone(undone))
        if (after.epoch, after.host) != (before.epoch, before.host):
            self._enter_epoch(before.host, now)
        self._succession.moved(new)
        self._admit_anew(undone, now)

    def _note_mandates(self, gained: Iterable[Node], now: float) -> None:
        for node in gained:
            if node.entry.act.do is Deed.SUCCEED and node.parent and node.parent.state.host == node.entry.host:
                self._loyalty.renewed(node.entry, now)

    def _enter_epoch(self, former: PeerId, now: float) -> None:
        self._succession.enter_epoch(now)
        self._errands.hurry()
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
