"""The host's life and its succession: beats in and out, calling for votes, giving them, claiming the next epoch."""

from __future__ import annotations

import msgspec

from meshconf.errors import ProtocolError
from meshconf.protocol.room.acts import MAX_VOTES, Act, Deed, Vote, vote_part
from meshconf.protocol.room.election import Election
from meshconf.protocol.room.exchange import Exchange
from meshconf.protocol.room.history import MAX_LOG, Node
from meshconf.protocol.room.loyalty import Loyalty
from meshconf.protocol.room.making import claim
from meshconf.protocol.room.messages import Beat, CallVote, GiveVote
from meshconf.protocol.room.pulse import DOUBT_AFTER, LOST_AFTER, TURN, Pulse
from meshconf.protocol.room.standing import Append, Standing
from meshconf.types import PeerId


class Succession:
    """Whether there is a host, and who is next."""

    def __init__(self, standing: Standing, exchange: Exchange, loyalty: Loyalty, append: Append, *, now: float) -> None:
        self._me = standing
        self._exchange = exchange
        self._loyalty = loyalty
        self._append = append
        self._pulse = Pulse(now)
        self._election = Election()
        self._beats = 0

    # What happens around us.

    def linked(self, peer: PeerId, now: float) -> None:
        """A link stands: show our newest beat; the host itself gets time to be heard."""
        if peer == self._me.state.host:
            self._pulse.excuse(now)
        if self._pulse.beat is not None:
            self._me.neighbours.send(peer, self._pulse.beat)

    def unlinked(self, peer: PeerId, now: float, *, goodbye: bool) -> None:
        """A link is gone."""
        self._pulse.forget(peer)
        if goodbye and peer == self._me.state.host:
            self._pulse.mourn(now)

    def slept(self, now: float) -> None:
        """The silence so far was our own."""
        self._pulse.excuse(now)

    def moved(self, new: Node) -> None:
        """The log grew, or we changed branches."""
        if self._election.parent is not new:
            self._election.end()

    def enter_epoch(self, now: float) -> None:
        """There is a new host."""
        self._pulse.reset(now)

    # The host's life.

    def hears_host(self, now: float) -> bool:
        """Whether the host is us, or somebody whose beats come."""
        return self._me.is_host or self._pulse.silent_for(now) < LOST_AFTER

    def beat(self) -> None:
        """As host show that we live; as member pass on the newest beat to who may lack it."""
        me = self._me
        if me.is_host:
            self._beats += 1
            beat = Beat(me.state.epoch, me.own, me.head.digest, self._beats, bytes(64))
            me.neighbours.broadcast(msgspec.structs.replace(beat, signature=me.sign(beat.signed_part(me.history.room))))
        elif (newest := self._pulse.beat) is not None:
            for peer in me.neighbours:
                if self._pulse.lacks(peer):
                    me.neighbours.send(peer, newest)

    def take_beat(self, peer: PeerId, beat: Beat, now: float) -> None:
        """A beat, of our host or of another branch's.

        Raises:
            ProtocolError: the host did not sign it.
        """
        me = self._me
        node = me.history.node(beat.head)
        if node is None:
            self._exchange.fetch(peer, now)
            return
        if (node.state.epoch, node.state.host) != (beat.epoch, beat.host):
            return
        ours = (beat.epoch, beat.host) == (me.state.epoch, me.state.host)
        lags = ours and me.head.descends_from(node) and not (self._pulse.is_newest(beat) and not me.is_host)
        if not node.descends_from(me.head) and not lags:
            # An older epoch, another branch, a host that orders two things in one place or shows one to us alone.
            self._exchange.tell_laggard(peer, node, now)
        if not ours:
            return
        if beat.n > self._beats if me.is_host else self._pulse.is_news(beat):
            public = me.state.people[me.state.host].public
            if not me.verify(public, beat.signature, beat.signed_part(me.history.room)):
                raise ProtocolError("a beat that the host did not sign")
            # To a host that comes back with its key, its own last beat says where to go on counting.
            self._beats = max(self._beats, beat.n) if me.is_host else self._beats
            self._pulse.hear(beat, now)
        self._pulse.shown(peer, beat)

    # Its succession.

    def is_early(self, head: Node, now: float) -> bool:
        """Whether what follows on our log is a claim whose author's turn has not come."""
        me, first = self._me, head
        while first.parent is not None and first.parent is not me.head:
            first = first.parent
        if first.parent is None or first.entry.act.do is not Deed.SUCCEED:
            return False
        patience = DOUBT_AFTER + TURN * self._turn(PeerId(first.entry.host))
        return self._pulse.silent_for(now) < patience

    def campaign(self, now: float) -> None:
        """Ask for votes if the host is lost and it is our turn; stop asking when it is heard again."""
        state = self._me.state
        if self._me.own not in state.people or state.ended or state.seq >= MAX_LOG:
            return
        patience = LOST_AFTER + TURN * self._turn(self._me.own)
        if self._election.is_on and not self._me.is_host and self.hears_host(now):
            self._election.end()
        elif self._election.is_on or (not self._me.is_host and self._pulse.silent_for(now) >= patience):
            self.call_votes(now)

    def call_votes(self, now: float) -> None:
        """Ask everybody who has not voted for us yet; claim when all have, or time is over."""
        head = self._me.head
        if head.state.ended:
            return
        self._election.begin(head, now)
        for peer in sorted(self._election.missing(self._electorate())):
            self._me.neighbours.send(peer, CallVote(parent=head.digest))
        self._count(now)

    def take_call(self, peer: PeerId, parent: bytes, now: float) -> None:
        """Somebody asks for our vote: the host gets it, others when the host is silent and it is their turn."""
        me = self._me
        node = me.history.node(parent)
        if node is None:
            self._exchange.fetch(peer, now)
            return
        if node is not me.head:
            if me.head.descends_from(node):
                self._exchange.tell_laggard(peer, node, now)
            return
        patience = DOUBT_AFTER + TURN * self._turn(peer)
        too_early = me.is_host or self._pulse.silent_for(now) < patience
        if peer not in me.state.people or (peer != me.state.host and too_early):
            return
        if self._loyalty.vote(parent, peer):
            # Once only: whoever asks and asks and never claims must not keep us from our own turn.
            self._election.end()
        part = vote_part(me.history.room, parent, me.state.epoch_of(peer), peer)
        me.neighbours.send(peer, GiveVote(parent=parent, signature=me.sign(part)))

    def take_vote(self, peer: PeerId, parent: bytes, signature: bytes, now: float) -> None:
        """A vote for us.

        Raises:
            ProtocolError: its signature is wrong.
        """
        me, running = self._me, self._election.parent
        if running is None or running.digest != parent or peer not in me.state.people:
            return
        part = vote_part(me.history.room, parent, me.state.epoch_of(me.own), me.own)
        if not me.verify(me.state.people[peer].public, signature, part):
            raise ProtocolError("a vote with a wrong signature")
        self._election.take(Vote(peer, signature))
        self._count(now)

    def _turn(self, claimant: PeerId) -> int:
        """How many of those present come before somebody in the line of succession."""
        me = self._me
        present = [peer for peer in me.state.line if peer in me.neighbours or peer == me.own]
        return present.index(claimant) if claimant in present else len(present)

    def _electorate(self) -> set[PeerId]:
        return {peer for peer in self._me.neighbours if peer in self._me.state.people}

    def _count(self, now: float) -> None:
        if not self._election.is_decided(self._electorate(), now):
            return
        me, votes = self._me, self._election.votes[:MAX_VOTES]
        self._election.end()
        self._loyalty.vote(me.head.digest, me.own)
        proposal = me.signed(Act(Deed.SUCCEED, peer=me.own))
        self._append(claim(me.head, me.own, proposal, votes, me.sign), now)
