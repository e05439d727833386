"""Which small sound goes with what happens; hears every event that the faces hear."""

from __future__ import annotations

from meshconf.conference.events import Event, Joined, Peer
from meshconf.conference.remote_control.events import Control
from meshconf.conference.talk.events import Hand
from meshconf.media.chimes import Chime, Chimes
from meshconf.types import PeerState


class Chimer:
    """Rings for the person at this machine.

    Args:
        chimes: what the mixer plays besides voices.
        on: whether it rings.
    """

    def __init__(self, chimes: Chimes, on: bool) -> None:
        self._chimes = chimes
        self._on = on
        self._met: set[str] = set()
        """Who is here, and has been told to be: whoever was here before us comes without a sound."""

    @property
    def on(self) -> bool:
        """Whether it rings."""
        return self._on

    def switch(self, on: bool) -> None:
        """Ring, or be quiet at once."""
        self._on = on
        if not on:
            self._chimes.hush()

    def told(self, event: Event) -> None:
        """The faces were told this."""
        if (chime := self._chime(event)) is not None and self._on:
            self._chimes.ring(chime)

    def _chime(self, event: Event) -> Chime | None:
        match event:
            case Joined(peers=peers):
                self._met.update(person.peer for person in peers)
            case Peer(peer=peer, state=PeerState.CONNECTED) if peer not in self._met:
                self._met.add(peer)
                return Chime.JOIN
            case Peer(peer=peer, state=PeerState.LEFT) if peer in self._met:
                self._met.discard(peer)
                return Chime.LEAVE
            case Hand(peer=peer, up=True) if peer in self._met:
                return Chime.HAND
            case Control(role="controlled", state="requested"):
                return Chime.CONTROL
        return None
