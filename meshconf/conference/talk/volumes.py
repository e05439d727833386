"""How loud we hear whom: a gain for each person and one for all, and who is not heard. Kept by identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from meshconf.types import PeerId


class Volume(msgspec.Struct, frozen=True):
    """How loud somebody is heard."""

    gain_db: float = 0.0
    deaf: bool = False
    """Whether they are not heard at all."""


AS_IT_COMES = Volume()


class Volumes:
    """The volumes in force.

    Args:
        people: those of people, by id.
        everybody: that of all.
        on_change: called with whose changed (None: that of all) and to what.
    """

    def __init__(
        self,
        people: Mapping[PeerId, Volume] | None = None,
        everybody: Volume = AS_IT_COMES,
        on_change: Callable[[PeerId | None, Volume], None] = lambda peer, volume: None,
    ) -> None:
        self._people = dict(people or {})
        self._everybody = everybody
        self._on_change = on_change

    def of(self, peer: PeerId | None) -> Volume:
        """Somebody's, or that of all."""
        return self._everybody if peer is None else self._people.get(peer, AS_IT_COMES)

    def set_gain(self, peer: PeerId | None, gain_db: float) -> None:
        """Hear somebody, or all, louder or softer; whoever is turned up or down is heard again."""
        self._set(peer, Volume(gain_db))

    def deafen(self, peer: PeerId | None, on: bool) -> None:
        """Do not hear somebody, or anybody, any more, or again."""
        self._set(peer, Volume(self.of(peer).gain_db, on))

    def gain_db(self, peer: PeerId) -> float | None:
        """What the mixer adds to somebody's sound; None where it is left out."""
        theirs = self.of(peer)
        return None if theirs.deaf or self._everybody.deaf else theirs.gain_db + self._everybody.gain_db

    def _set(self, peer: PeerId | None, volume: Volume) -> None:
        if peer is None:
            self._everybody = volume
        elif volume == AS_IT_COMES:
            self._people.pop(peer, None)
        else:
            self._people[peer] = volume
        self._on_change(peer, volume)
