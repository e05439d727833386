"""The peer connections of one driver: to each peer the one in use, and the one that is being built to replace it.

Makes them, negotiates them and closes them; which are wanted and what they say is for the driver to decide. A new
connection stands before the old one is dropped. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from meshconf.conference.session import Session, SessionOwner
from meshconf.conference.signals import Signals
from meshconf.conference.tasks import Tasks
from meshconf.errors import MeshconfError
from meshconf.protocol.messages import Signal
from meshconf.rtc.link import PeerLink
from meshconf.types import PeerId

log = logging.getLogger("meshconf.conference")

LAST_WORDS = 0.05
"""Seconds until a connection that we give up is closed: what was sent just now still leaves."""


class Connections:
    """Two sessions for each peer, at most.

    Args:
        owner: hears what the sessions tell.
        signals: carries our descriptions.
        make_link: makes a connection that reports to the given `listener`.
        wanted: whether somebody is still a member.
    """

    def __init__(
        self,
        owner: SessionOwner,
        *,
        signals: Signals,
        make_link: Callable[..., PeerLink],
        wanted: Callable[[PeerId], bool],
    ) -> None:
        self._owner = owner
        self._signals = signals
        self._make_link = make_link
        self._wanted = wanted
        self._current: dict[PeerId, Session] = {}
        self._trying: dict[PeerId, Session] = {}
        self._tasks = Tasks()

    def link(self, peer: PeerId) -> PeerLink | None:
        """The connection in use with a peer."""
        session = self._current.get(peer)
        return session.link if session else None

    def links(self) -> dict[PeerId, PeerLink]:
        """The connections in use."""
        return {peer: session.link for peer, session in self._current.items()}

    def in_use(self, session: Session) -> bool:
        """Whether this is the connection over which we talk to its peer."""
        return self._current.get(session.peer) is session

    def in_the_making(self, session: Session) -> bool:
        """Whether this is to become the connection to its peer."""
        return self._trying.get(session.peer) is session

    # Building.

    def offer(self, peer: PeerId, number: int) -> None:
        """Begin a session, and offer it."""
        self._tasks.spawn(self._offer(peer, number), f"offer-{peer}")

    def answer(self, peer: PeerId, signal: Signal) -> None:
        """Begin the session that a peer offers, and answer."""
        self._tasks.spawn(self._answer(peer, signal), f"answer-{peer}")

    def accept(self, peer: PeerId, signal: Signal) -> bool:
        """Take the answer to our offer; False when we do not wait for it, several members may carry the same."""
        session = self._trying.get(peer)
        if session is None or session.number != signal.session or session.answered:
            return False
        session.answered = True
        self._tasks.spawn(self._accept(session, signal), f"accept-{peer}")
        return True

    def adopt(self, session: Session) -> None:
        """The session stands and its peer has proved itself: use it, and drop the former one."""
        session.proven = True
        del self._trying[session.peer]
        former = self._current.get(session.peer)
        self._current[session.peer] = session
        self._retire(former)

    # Dropping.

    def discard(self, session: Session) -> None:
        """Give one session up."""
        for sessions in (self._trying, self._current):
            if sessions.get(session.peer) is session:
                del sessions[session.peer]
        self._retire(session)

    def release(self, peer: PeerId) -> None:
        """Give up whatever there is to a peer."""
        for sessions in (self._trying, self._current):
            self._retire(sessions.pop(peer, None))

    async def close(self) -> None:
        """Release every connection; what was sent leaves with the next turns of the loop."""
        # From here on a link that closes is one that we let go, not one that we lost.
        sessions = [*self._current.values(), *self._trying.values()]
        self._current.clear()
        self._trying.clear()
        await asyncio.sleep(LAST_WORDS)
        await self._tasks.close()
        await asyncio.gather(*(session.link.close() for session in sessions), return_exceptions=True)

    # Private.

    async def _offer(self, peer: PeerId, number: int) -> None:
        session = self._begin(peer, number)
        if session is None:
            return
        try:
            sdp = await session.link.offer()
        except MeshconfError as error:
            log.warning("an offer that cannot be made: %s", error)
            self.discard(session)
            return
        if self.in_the_making(session):
            await self._signals.send(peer, number, "offer", sdp)

    async def _answer(self, peer: PeerId, signal: Signal) -> None:
        session = self._begin(peer, signal.session)
        if session is None:
            return
        try:
            sdp = await session.link.answer(signal.sdp, signal.fingerprint)
        except (MeshconfError, ValueError) as error:
            log.warning("an offer that cannot be answered: %s", error)
            self.discard(session)
            return
        await self._signals.send(peer, session.number, "answer", sdp)

    async def _accept(self, session: Session, signal: Signal) -> None:
        try:
            await session.link.accept(signal.sdp, signal.fingerprint)
        except (MeshconfError, ValueError) as error:
            log.warning("an answer that cannot be accepted: %s", error)
            self.discard(session)

    def _begin(self, peer: PeerId, number: int) -> Session | None:
        if not self._wanted(peer):
            return None
        self._retire(self._trying.pop(peer, None))
        session = self._trying[peer] = Session(self._owner, peer, number)
        session.link = self._make_link(listener=session)
        return session

    def _retire(self, session: Session | None) -> None:
        if session is not None:
            self._tasks.spawn(_close_soon(session.link), f"close-{session.peer}")


async def _close_soon(link: PeerLink) -> None:
    try:
        await asyncio.sleep(LAST_WORDS)
    finally:
        await link.close()
