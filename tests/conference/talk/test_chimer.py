"""Which events ring."""

from __future__ import annotations

import numpy as np

from meshconf.conference.events import Joined, Named, Peer
from meshconf.conference.talk.chimer import Chimer
from meshconf.media.chimes import Chime, Chimes, rendered
from meshconf.types import PeerState


def peer(name: str, state: PeerState) -> Peer:
    return Peer(peer=name, name=name, state=state)


def heard(chimes: Chimes) -> list[Chime]:
    blocks = []
    while (block := chimes.pull()) is not None:
        blocks.append(block)
    sound = np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.int16)
    found = []
    while sound.size:
        chime = next(one for one in Chime if np.array_equal(sound[: rendered(one).size], rendered(one)))
        found.append(chime)
        sound = sound[rendered(chime).size :]
    return found


def test_who_comes_and_goes_rings_once() -> None:
    chimes = Chimes()
    chimer = Chimer(chimes, on=True)
    for state in (PeerState.CONNECTING, PeerState.CONNECTED, PeerState.RECONNECTING, PeerState.CONNECTED):
        chimer.told(peer("bob", state))
    assert heard(chimes) == [Chime.JOIN]
    chimer.told(peer("bob", PeerState.LEFT))
    assert heard(chimes) == [Chime.LEAVE]


def test_whoever_was_there_before_us_comes_without_a_sound_and_goes_with_one() -> None:
    chimes = Chimes()
    chimer = Chimer(chimes, on=True)
    chimer.told(Joined(room="r", self="ada", host="bob", title="", name="Ada", peers=[Named("bob", "Bob")]))
    chimer.told(peer("bob", PeerState.CONNECTED))
    assert heard(chimes) == []
    chimer.told(peer("bob", PeerState.LEFT))
    assert heard(chimes) == [Chime.LEAVE]


def test_who_never_got_here_leaves_without_a_sound() -> None:
    chimes = Chimes()
    chimer = Chimer(chimes, on=True)
    chimer.told(peer("bob", PeerState.CONNECTING))
    chimer.told(peer("bob", PeerState.LEFT))
    assert heard(chimes) == []


def test_they_can_be_switched_off_and_on() -> None:
    chimes = Chimes()
    chimer = Chimer(chimes, on=True)
    chimer.told(peer("bob", PeerState.CONNECTED))
    chimer.switch(False)
    chimer.told(peer("cleo", PeerState.CONNECTED))
    assert heard(chimes) == [] and not chimer.on
    chimer.switch(True)
    chimer.told(peer("dan", PeerState.CONNECTED))
    assert heard(chimes) == [Chime.JOIN]
