"""A campaign: about one place in the log, decided when all have voted or time is over."""

from __future__ import annotations

from meshconf.protocol.room.acts import Vote
from meshconf.protocol.room.election import CAMPAIGN, Election
from tests.protocol.room.logs import B, Book, C, D


def test_it_is_decided_when_all_have_voted_or_time_is_over() -> None:
    book, election = Book(B, C, D), Election()
    assert not election.is_decided(set(), 0.0)
    election.begin(book.head, 0.0)
    assert not election.is_decided({C.id, D.id}, 0.1)
    election.take(Vote(C.id, bytes(64)))
    assert election.missing({C.id, D.id}) == {D.id}
    assert election.is_decided({C.id}, 0.1)
    assert election.is_decided({C.id, D.id}, CAMPAIGN)


def test_votes_for_one_place_do_not_count_for_another() -> None:
    book, election = Book(B, C), Election()
    election.begin(book.history.root, 0.0)
    election.take(Vote(C.id, bytes(64)))
    election.begin(book.history.root, 0.5)
    assert len(election.votes) == 1
    election.begin(book.head, 0.6)
    assert not election.votes


def test_a_vote_given_twice_is_one_and_they_stand_in_order() -> None:
    book, election = Book(B, C), Election()
    election.begin(book.head, 0.0)
    for voter in (D, C, C):
        election.take(Vote(voter.id, bytes(64)))
    assert [vote.voter for vote in election.votes] == sorted((C.id, D.id))
    election.end()
    assert not election.is_on
