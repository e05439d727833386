"""The tree of entries: what is refused, which branch counts, and how two trees become one."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.errors import ProtocolError
from meshconf.protocol.room import history as module
from meshconf.protocol.room.acts import Act, Deed, Entry, Vote
from meshconf.protocol.room.history import History, UnknownParent, parted
from meshconf.protocol.room.making import found, order, propose
from tests.protocol.room.logs import KEYS, A, B, Book, C, D, E

change = msgspec.structs.replace


def refused(book: Book, entry: Entry) -> str:
    with pytest.raises(ProtocolError) as caught:
        book.history.add(entry)
    return str(caught.value)


def test_what_is_wrong_with_an_entry_is_refused_and_named() -> None:
    book = Book(B, C)
    lock = book.act(Deed.LOCK)
    good = book.entry(A, lock)
    unsigned = change(good, proposal=change(good.proposal, signature=bytes(64)))
    assert "did not sign" in refused(book, change(unsigned, signature=A.sign(unsigned.signed_part())))
    assert "its host did not sign" in refused(book, change(good, signature=bytes(64)))
    assert "no right" in refused(book, book.entry(B, lock))
    assert "did not order" in refused(book, book.entry(B, lock, host=B))
    assert "no member" in refused(book, book.entry(D, lock))
    assert "out of order" in refused(book, change(good, seq=good.seq + 1))
    assert "did not order" in refused(book, change(good, epoch=good.epoch + 1))
    with pytest.raises(UnknownParent):
        book.history.add(change(good, previous=bytes(32)))
    stranger = propose("another", A.id, 10**6, lock, A.sign)
    assert "another room" in refused(book, order(book.head, A.id, stranger, A.sign))
    assert "no right" in refused(book, book.entry(A, book.act(Deed.ADMIT, D, public=E.public)))


def test_no_act_is_done_twice() -> None:
    book = Book(B)
    lock = book.write(A, Deed.LOCK)
    book.write(A, Deed.UNLOCK)
    assert "done before" in refused(book, order(book.head, A.id, lock.entry.proposal, A.sign))


def test_a_claim_needs_its_own_epoch_and_true_votes() -> None:
    book = Book(B, C)
    good = book.claim(B, C)
    assert "not theirs" in refused(book, change(good, epoch=good.epoch + 1))
    assert "twice" in refused(book, book.claim(B, C, C))
    assert "twice" in refused(book, book.claim(B, B))
    assert "nobody gave" in refused(book, book.claim(B, D))
    assert "nobody gave" in refused(book, change(good, votes=(Vote(C.id, bytes(64)),)))
    other = change(book.entry(B, Act(Deed.SUCCEED, peer=C.id), host=B), epoch=good.epoch)
    assert "not theirs" in refused(book, other)
    assert book.history.add(good).state.host == B.id


@pytest.mark.parametrize("wrong", [{"seq": 2}, {"epoch": 2}, {"host": B.id}, {"signature": bytes(64)}])
def test_a_log_begins_with_its_founding(wrong: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        History(change(found(A.id, A.public, "", A.sign), **wrong), KEYS.verify)


def test_more_supporters_win_and_invented_people_are_none() -> None:
    book = Book(B, C, D)
    fork = book.head
    book.history.add(book.claim(B, C, D, after=fork))
    book.write(A, Deed.LOCK)
    for name in (E,):
        book.write(A, Deed.UNLOCK)
        book.write(A, Deed.ADMIT, name, public=name.public)
    book.head = book.history.add(book.claim(A, E))
    assert book.history.best().state.host == B.id


def test_at_a_tie_the_host_of_before_wins_then_the_first_in_line() -> None:
    book = Book(B, C)
    fork = book.head
    book.history.add(book.claim(C, after=fork))
    book.history.add(book.claim(B, after=fork))
    assert book.history.best().state.host == B.id
    book.write(A, Deed.LOCK)
    assert book.history.best() is book.head


def bushy() -> list[Entry]:
    """Three branches with claims inside claims."""
    book = Book(B, C, D, E)
    trunk = book.head
    found_here = [node.entry for node in parted(book.history.root, trunk)[1]]
    book.write(A, Deed.LOCK)
    left = book.history.add(book.claim(A, B))
    right = book.history.add(book.claim(C, D, after=trunk))
    deep = book.history.add(book.claim(D, E, after=right))
    twin = book.history.add(book.claim(C, after=right))
    own = book.history.add(book.claim(E, after=trunk))
    branches = (book.head, left, right, deep, twin, own)
    return [book.history.root.entry, *found_here, *(node.entry for node in branches)]


BUSHY = bushy()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.permutations(BUSHY[1:]))
def test_the_order_in_which_entries_arrive_does_not_matter(entries: list[Entry]) -> None:
    expected = History(BUSHY[0], KEYS.verify)
    for entry in BUSHY[1:]:
        expected.add(entry)
    tree, waiting = History(BUSHY[0], KEYS.verify), entries
    while waiting:
        late = []
        for entry in waiting:
            try:
                tree.add(entry)
            except UnknownParent:
                late.append(entry)
        waiting = late
    assert tree.best().digest == expected.best().digest


def test_pruning_keeps_what_counts_and_what_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NODES", 12)
    book = Book(B, C)
    fork = book.head
    book.history.followed = book.history.add(book.claim(C, after=fork))
    book.history.add(book.claim(B, after=fork))
    for _ in range(8):
        book.write(A, Deed.UNLOCK if book.head.state.locked else Deed.LOCK)
    assert book.history.best() is book.head
    assert book.history.node(book.history.followed.digest) is not None
    assert {child.entry.host for child in fork.children} == {A.id, C.id}


def test_the_last_places_are_for_the_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LOG", 10)
    monkeypatch.setattr(module, "RESERVE", 4)
    book = Book(B)
    book.write(A, Deed.APPOINT, B)
    for do in (Deed.LOCK, Deed.LOBBY_ON, Deed.HISTORY_ON):
        book.write(A, do)
    assert "full" in refused(book, book.entry(B, book.act(Deed.UNLOCK)))
    book.write(A, Deed.UNLOCK)


def test_a_locator_finds_where_two_logs_part() -> None:
    book = Book(B)
    for _ in range(40):
        book.write(A, Deed.UNLOCK if book.head.state.locked else Deed.LOCK)
    behind = History(book.history.root.entry, KEYS.verify)
    for entry in book.history.after(book.head, [])[1:20]:
        behind.add(entry)
    missing = book.history.after(book.head, behind.locator(behind.best()))
    assert [entry.seq for entry in missing] == list(range(21, 43))
    assert len(book.history.locator(book.head)) <= 20
    for entry in missing:
        behind.add(entry)
    assert behind.best().digest == book.head.digest


def test_somebody_on_another_branch_is_sent_the_claims_beside_ours_too() -> None:
    book = Book(B, C)
    fork = book.head
    first = book.write(A, Deed.LOCK)
    beside = book.history.add(book.claim(B, after=first))
    other = book.history.add(book.claim(C, after=fork))
    book.write(A, Deed.UNLOCK)
    sent = book.history.after(book.head, book.history.locator(other))
    assert beside.entry in sent
    assert beside.entry not in book.history.after(book.head, [fork.digest])
