"""Acts on their way into the log: ours until they are in it, others' when we are host or carry for them."""

from __future__ import annotations

from meshconf.errors import ProtocolError, Refused
from meshconf.protocol.room import rules
from meshconf.protocol.room.acts import Act, Deed, Entry, Proposal
from meshconf.protocol.room.docket import Docket
from meshconf.protocol.room.events import ActDone, ActRefused
from meshconf.protocol.room.history import MAX_LOG, RESERVE
from meshconf.protocol.room.making import order
from meshconf.protocol.room.messages import NotDone, Propose
from meshconf.protocol.room.standing import Append, Standing
from meshconf.types import PeerId

CARRIERS = 3
"""Members whom we ask to carry a proposal to a host that we cannot reach ourselves."""


class Errands:
    """Proposals in and out, and their answers."""

    def __init__(self, standing: Standing, append: Append) -> None:
        self._me = standing
        self._append = append
        self._docket = Docket()

    def begin(self, act: Act, now: float) -> int:
        """Ask for an act of ours; its number.

        Raises:
            Refused: the room as we know it does not allow it.
        """
        rules.check(self._me.state, self._me.own, act)
        proposal = self._me.signed(act)
        self._docket.file(proposal, now)
        self.send_due(now)
        return proposal.number

    def send_due(self, now: float) -> None:
        """Send what has waited long enough to whoever may order it."""
        host, neighbours = self._me.state.host, self._me.neighbours
        for proposal in self._docket.due(now):
            if self._me.is_host:
                self._judge(self._me.own, proposal, now)
            elif host in neighbours:
                neighbours.send(host, Propose(proposal=proposal))
            else:
                for carrier in list(neighbours)[:CARRIERS]:
                    neighbours.send(carrier, Propose(proposal=proposal))

    def give_up(self, now: float) -> None:
        """Say what nobody is to be expected to do any more."""
        for number in self._docket.expired(now):
            text = "Nobody could carry that out: the host does not answer."
            self._me.events.append(ActRefused(number, "no-host", text))

    def hurry(self) -> None:
        """There is a new host: everything is due again."""
        self._docket.hurry()

    def done(self, entry: Entry) -> None:
        """An entry is in the log that we follow; perhaps it is our act."""
        if entry.author == self._me.own and self._docket.close(entry.proposal.number):
            self._me.events.append(ActDone(entry.proposal.number))

    def take_proposal(self, peer: PeerId, proposal: Proposal, now: float) -> None:
        """As host order it; as member carry it to the host, if its author asks us to.

        Raises:
            ProtocolError: nobody can ask for that, or its author did not.
        """
        me, author = self._me, PeerId(proposal.author)
        if not me.is_host and (author != peer or me.state.host not in me.neighbours):
            return
        if not me.neighbours.affords(peer, author, now):
            text = "Too many requests at once; wait a moment."
            me.neighbours.send(peer, NotDone(author, proposal.number, "limit", text))
            return
        self._vet(proposal)
        if me.is_host:
            self._judge(peer, proposal, now)
        else:
            me.neighbours.send(me.state.host, Propose(proposal=proposal))

    def take_answer(self, peer: PeerId, answer: NotDone) -> None:
        """The host refuses an act: of ours, or of somebody for whom we carried it."""
        host, neighbours = self._me.state.host, self._me.neighbours
        if answer.author == self._me.own:
            if peer == host or host not in neighbours:
                self._answer(peer, answer)
        elif peer == host and answer.author in neighbours:
            neighbours.send(PeerId(answer.author), answer)

    def _vet(self, proposal: Proposal) -> None:
        """What nobody honest asks for or carries; who is not a member here may be one where it was sent from."""
        me = self._me
        if proposal.room != me.history.room or proposal.act.do in (Deed.SUCCEED, Deed.FOUND):
            raise ProtocolError("nobody can ask the host for that")
        person = me.state.people.get(PeerId(proposal.author))
        if person is None or me.verify(person.public, proposal.signature, proposal.signed_part()):
            return
        raise ProtocolError("an act that its author did not sign")

    def _judge(self, via: PeerId, proposal: Proposal, now: float) -> None:
        state, author = self._me.state, PeerId(proposal.author)
        if proposal.number <= state.numbers.get(author, -1):
            return  # it is in the log already
        try:
            if state.seq >= (MAX_LOG if author == self._me.own else MAX_LOG - RESERVE):
                raise Refused("This meeting has seen too many changes; begin a new one.", reason="limit")
            rules.check(state, author, proposal.act)
            self._append(order(self._me.head, self._me.own, proposal, self._me.sign), now)
        except Refused as error:
            self._answer(via, NotDone(author, proposal.number, error.reason, str(error)))

    def _answer(self, via: PeerId, answer: NotDone) -> None:
        if answer.author != self._me.own:
            # Who is no member could not be asked whether it signed: the answer goes back where it came from.
            known = answer.author in self._me.state.people and answer.author in self._me.neighbours
            to = PeerId(answer.author) if known else via
            self._me.neighbours.send(to, answer)
        elif self._docket.close(answer.number):
            self._me.events.append(ActRefused(answer.number, answer.reason, answer.text))
