"""How loud somebody is heard: their own volume and that of all together."""

from __future__ import annotations

from meshconf.conference.talk.volumes import AS_IT_COMES, Volume, Volumes
from meshconf.types import PeerId

ADA, BOB = PeerId("ada"), PeerId("bob")


def test_gains_add_up_and_touch_nobody_else() -> None:
    volumes = Volumes()
    volumes.set_gain(ADA, -6)
    volumes.set_gain(None, 3)
    assert (volumes.gain_db(ADA), volumes.gain_db(BOB)) == (-3, 3)


def test_who_is_deafened_is_left_out_and_comes_back_as_loud_as_before() -> None:
    volumes = Volumes({ADA: Volume(-6)})
    volumes.deafen(ADA, True)
    assert volumes.gain_db(ADA) is None and volumes.gain_db(BOB) == 0
    volumes.deafen(ADA, False)
    assert volumes.gain_db(ADA) == -6


def test_nobody_is_heard_and_then_all_but_those_who_were_left_out_before() -> None:
    volumes = Volumes({ADA: Volume(deaf=True)})
    volumes.deafen(None, True)
    assert volumes.gain_db(ADA) is volumes.gain_db(BOB) is None
    volumes.deafen(None, False)
    assert volumes.gain_db(ADA) is None and volumes.gain_db(BOB) == 0


def test_turning_somebody_up_lets_them_be_heard() -> None:
    volumes = Volumes({ADA: Volume(deaf=True)})
    volumes.set_gain(ADA, 2)
    assert volumes.gain_db(ADA) == 2


def test_changes_are_told() -> None:
    told: list[object] = []
    volumes = Volumes(on_change=lambda peer, volume: told.append((peer, volume)))
    volumes.set_gain(ADA, 2)
    volumes.deafen(None, True)
    volumes.set_gain(ADA, 0)
    assert told == [(ADA, Volume(2)), (None, Volume(0, True)), (ADA, AS_IT_COMES)]
