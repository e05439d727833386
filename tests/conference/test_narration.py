"""Each act in the words of its author, of whom it concerns, and of everybody else."""

from __future__ import annotations

import pytest

from meshconf.conference.narration import Narrator
from meshconf.protocol.room.acts import NOTHING, Act, Deed, Entry, Proposal
from meshconf.types import Medium

NAMES = {"a": "Ana", "b": "Ben", "c": "Cid"}


def entry(act: Act, *, author: str = "a", host: str = "a") -> Entry:
    """An act in the log; what the words are made of, and no true signature."""
    return Entry(1, 2, NOTHING, host, Proposal("room", author, 1, act, b""), b"")


def told(what: Entry, *, former: str = "a") -> list[str | None]:
    """What Ana, Ben and Cid are told."""
    return [Narrator(own, NAMES.__getitem__).tell(what, former) for own in NAMES]


TO_BEN = [
    (Act(Deed.REMOVE, peer="b"), "{} removed {} from the meeting."),
    (Act(Deed.APPOINT, peer="b"), "{} made {} an admin."),
    (Act(Deed.DISMISS, peer="b"), "{} took the admin's role from {}."),
    (Act(Deed.TRANSFER, peer="b"), "{} made {} the host."),
    (Act(Deed.FORBID, peer="b", kind=Medium.AUDIO), "{} forbade {} sound."),
    (Act(Deed.FORBID, peer="b", kind=Medium.VIDEO), "{} forbade {} cameras."),
    (Act(Deed.PERMIT, peer="b", kind=Medium.SCREEN), "{} permitted {} screens."),
    (Act(Deed.PERMIT, peer="b", kind=Medium.CONTROL), "{} permitted {} remote control."),
]


@pytest.mark.parametrize(("act", "sentence"), TO_BEN, ids=lambda value: getattr(value, "do", None))
def test_an_act_towards_a_person_has_three_points_of_view(act: Act, sentence: str) -> None:
    assert told(entry(act)) == [
        sentence.format("You", "Ben"),
        sentence.format("Ana", "you"),
        sentence.format("Ana", "Ben"),
    ]


TO_ALL = [
    (Act(Deed.LOCK), "locked the meeting: nobody new can join."),
    (Act(Deed.UNLOCK), "unlocked the meeting."),
    (Act(Deed.LOBBY_ON), "opened a lobby: newcomers wait until host or admin lets them in."),
    (Act(Deed.LOBBY_OFF), "closed the lobby: whoever has the code can join."),
    (Act(Deed.HISTORY_ON), "opened the chat of before to newcomers."),
    (Act(Deed.HISTORY_OFF), "closed the chat of before to newcomers."),
    (Act(Deed.END), "ended the meeting for all."),
    (Act(Deed.FORBID, kind=Medium.VIDEO), "forbade everybody cameras."),
    (Act(Deed.PERMIT, kind=Medium.AUDIO), "permitted everybody sound."),
]


@pytest.mark.parametrize(("act", "rest"), TO_ALL, ids=lambda value: getattr(value, "do", None))
def test_an_act_towards_all_names_its_author(act: Act, rest: str) -> None:
    assert told(entry(act, author="b")) == [f"Ben {rest}", f"You {rest}", f"Ben {rest}"]


def test_every_deed_that_people_do_has_words() -> None:
    spoken = {act.do for act, _ in [*TO_BEN, *TO_ALL]}
    assert set(Deed) - spoken == {Deed.FOUND, Deed.ADMIT, Deed.SUCCEED}


def test_who_does_something_to_oneself_is_not_named_twice() -> None:
    act = Act(Deed.PERMIT, peer="b", kind=Medium.AUDIO)
    assert told(entry(act, author="b"))[:2] == ["Ben permitted themselves sound.", "You permitted yourself sound."]


def test_a_succession_is_told_with_whoever_was_lost() -> None:
    succeed = entry(Act(Deed.SUCCEED, peer="b"), author="b", host="b")
    assert told(succeed) == [
        "Ben is the host now: you could not be reached.",
        "You are the host now: Ana could not be reached.",
        "Ben is the host now: Ana could not be reached.",
    ]


def test_a_host_who_only_renews_its_mandate_is_not_talked_of() -> None:
    assert told(entry(Act(Deed.SUCCEED, peer="a"))) == [None] * 3


def test_that_somebody_came_is_told_elsewhere() -> None:
    assert told(entry(Act(Deed.ADMIT, peer="b"))) == [None] * 3


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (Act(Deed.LOCK), "does not hold any more that you locked the meeting"),
        (Act(Deed.REMOVE, peer="b"), "does not hold any more that you removed Ben"),
        (Act(Deed.ADMIT, peer="b"), "Ben came in meanwhile and is being let in anew"),
    ],
    ids=lambda value: getattr(value, "do", None),
)
def test_what_was_undone_is_said_with_the_reason(act: Act, sentence: str) -> None:
    words = Narrator("a", NAMES.__getitem__).tell_undone(entry(act))
    assert words is not None
    assert sentence in words and "split" in words


def test_a_claim_that_did_not_hold_is_not_talked_of() -> None:
    assert Narrator("a", NAMES.__getitem__).tell_undone(entry(Act(Deed.SUCCEED, peer="b"), author="b")) is None
