"""A newcomer who meets nobody but its doorman is told."""

from __future__ import annotations

from meshconf.conference.company import Company
from meshconf.types import PeerId, PeerState

MALLORY, ANA, BEN = PeerId("mallory"), PeerId("ana"), PeerId("ben")


def _company(*named: PeerId) -> tuple[Company, list[str]]:
    said: list[str] = []
    return Company(MALLORY, named, name=str.capitalize, notice=said.append), said


def test_whoever_reaches_nobody_but_the_doorman_is_told_once() -> None:
    company, said = _company(MALLORY, ANA, BEN)
    company.changed(MALLORY, PeerState.CONNECTED)
    company.changed(ANA, PeerState.LEFT)
    assert not said
    company.changed(BEN, PeerState.LEFT)
    company.changed(BEN, PeerState.LEFT)
    assert len(said) == 1 and "Mallory alone" in said[0]


def test_one_who_was_named_and_proves_its_key_is_enough() -> None:
    company, said = _company(MALLORY, ANA, BEN)
    company.changed(BEN, PeerState.CONNECTED)
    company.changed(ANA, PeerState.LEFT)
    company.changed(BEN, PeerState.LEFT)
    assert not said


def test_two_who_are_alone_miss_nobody() -> None:
    company, said = _company(MALLORY)
    company.changed(MALLORY, PeerState.CONNECTED)
    company.changed(MALLORY, PeerState.LEFT)
    assert not said
