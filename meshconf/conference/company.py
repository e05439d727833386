"""Whether a newcomer meets anybody but the one who let it in: a doorman could lead it into a meeting of its own.

The members whom a doorman names are believed until each proves its key; if none ever does, the person is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from meshconf.types import PeerId, PeerState

_ALONE = (
    "Of all who are said to be here you reach {name} alone, who let you in. The network may be in the way; or this is "
    "not the meeting that you were invited to. Ask the others by another way."
)


class Company:
    """The members who were named at the door.

    Args:
        doorman: who named them.
        named: all of them.
        name: the name behind an id, safe to show.
        notice: takes a plain sentence.
    """

    def __init__(
        self, doorman: PeerId, named: Iterable[PeerId], *, name: Callable[[str], str], notice: Callable[[str], None]
    ) -> None:
        self._doorman = doorman
        self._expected = set(named) - {doorman}
        self._name = name
        self._notice = notice

    def changed(self, peer: PeerId, state: PeerState) -> None:
        """The connection to somebody changed."""
        if peer == self._doorman or not self._expected:
            return
        if state is PeerState.CONNECTED:
            self._expected.clear()
        elif state is PeerState.LEFT:
            self._expected.discard(peer)
            if not self._expected:
                self._notice(_ALONE.format(name=self._name(self._doorman)))
