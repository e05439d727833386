"""Who is who: names behind ids, ids behind names, whom we met before, and how they are doing.

An identity is proved by the connection itself; whether it is the person's whom we met under that name is told here
(trust on first use), and two people can make sure by reading a phrase to each other.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import lru_cache

from meshconf.conference import events
from meshconf.conference.events import Event
from meshconf.conference.keystore import KeyStore
from meshconf.conference.tasks import Tasks
from meshconf.errors import MeshconfError, UsageError
from meshconf.protocol.identity import Identity, safety_phrase
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import Member
from meshconf.protocol.room.authority import Room
from meshconf.protocol.text import clean
from meshconf.types import KeyVerdict, LinkPath, PeerId, PeerState

log = logging.getLogger("meshconf.conference")


class People:
    """The participants as persons.

    Args:
        identity: our own.
        mesh: who is here.
        room: who was admitted.
        known: whom we met before; None where nobody is remembered, as in a script's passing identity.
        tell: takes events for the faces.
    """

    def __init__(
        self, identity: Identity, mesh: Mesh, room: Room, known: KeyStore | None, tell: Callable[[Event], None]
    ) -> None:
        self._identity = identity
        self._mesh = mesh
        self._room = room
        self._known = known
        self._tell = tell
        self._tasks = Tasks()
        self._verdicts: dict[PeerId, KeyVerdict] = {}
        self._names: dict[PeerId, str] = {}
        """Of everybody who was here: what happened to somebody is told after they are gone."""

    # Names and ids.

    def name(self, peer: str) -> str:
        """What to call somebody, also when they are gone: by the roster, as the log has it, or by id; safe to show."""
        if peer == self._mesh.own_id:
            return self._mesh.own.name
        if (member := self._mesh.member(PeerId(peer))) is not None:
            return self._shown(member)
        person = self._room.state.people.get(PeerId(peer))
        return (clean(person.name, 64) if person else "") or self._names.get(PeerId(peer), peer)

    def present(self, who: str) -> PeerId:
        """One of the others who are here, by id or by a name that only one has.

        Raises:
            UsageError: nobody is that, or several are.
        """
        others = [member for member in self._mesh.members if member.peer != self._mesh.own_id]
        found = [m for m in others if m.peer == who] or [m for m in others if m.name.casefold() == who.casefold()]
        if len(found) != 1:
            raise UsageError(f"Nobody here is {who!r}." if not found else f"Several people are called {who!r}.")
        return PeerId(found[0].peer)

    def admitted(self, who: str) -> PeerId:
        """Anybody in the room's log by id, here or not, ourselves included; else as `present`."""
        return PeerId(who) if who in self._room.state.people else self.present(who)

    def verdict(self, peer: PeerId) -> KeyVerdict | None:
        """Whether we met the owner of somebody's key before; None where that is not known."""
        return self._verdicts.get(peer)

    # How they are doing.

    def changed(self, member: Member, state: PeerState, path: LinkPath | None = None) -> None:
        """Tell that somebody came, or that the connection changed."""
        peer = PeerId(member.peer)
        verdict = self._verdicts.get(peer)
        self._names[peer] = self._shown(member)
        self._tell(events.Peer(peer=peer, name=self._shown(member), state=state, path=path, identity=verdict))
        if state is PeerState.LEFT:
            self._verdicts.pop(peer, None)

    def proved(self, member: Member, path: LinkPath | None) -> None:
        """Somebody's connection stands, and its identity is proved: tell it, with what we know of the person."""
        self._tasks.spawn(self._recognise(member, path), f"recognise-{member.peer}")

    async def verify(self, who: str) -> None:
        """Tell the phrase that we and somebody can compare by voice.

        Raises:
            UsageError: nobody here is that.
        """
        peer = self.present(who)
        member = self._mesh.member(peer)
        assert member is not None
        phrase = await asyncio.to_thread(safety_phrase, self._identity.public, member.public)
        verdict = self._verdicts.get(peer)
        self._tell(events.Phrase(peer=peer, name=self.name(peer), phrase=phrase, identity=verdict))

    async def trust(self, who: str) -> None:
        """Remember somebody under this name, after a warning that the key is another than before.

        Raises:
            UsageError: nobody here is that.
            MeshconfError: the file of known people cannot be written.
        """
        peer = self.present(who)
        member = self._mesh.member(peer)
        assert member is not None
        if self._known is not None:
            await asyncio.to_thread(self._known.remember, member.public, self._shown(member), time.time())
        self._verdicts[peer] = KeyVerdict.KNOWN
        if self._mesh.member(peer) == member and peer in self._mesh.connected():
            self.changed(member, PeerState.CONNECTED)

    async def recognised(self, public: bytes, name: str) -> KeyVerdict | None:
        """Whether we met the owner of this key before, and under this name; None where nobody is remembered."""
        if self._known is None:
            return None
        try:
            return await asyncio.to_thread(self._known.verdict, public, name)
        except MeshconfError as error:
            log.warning("%s", error)
            return None

    async def close(self) -> None:
        """Look nobody up any more."""
        await self._tasks.close()

    async def _recognise(self, member: Member, path: LinkPath | None) -> None:
        peer, name = PeerId(member.peer), self._shown(member)
        met = peer in self._verdicts
        verdict = self._verdicts.get(peer) or await self.recognised(member.public, name)
        if verdict is KeyVerdict.CHANGED and self._is_shared(name, peer):
            # Whom we met under that name is here as well: this is somebody else of the same name.
            verdict = KeyVerdict.NEW
        if verdict is not None:
            self._verdicts[peer] = verdict
        if peer in self._mesh.connected():
            self.changed(member, PeerState.CONNECTED, path)
        if met or self._known is None:
            return
        if verdict is KeyVerdict.CHANGED:
            self._tell(events.Notice(text=_CHANGED.format(name=name)))
        elif verdict is KeyVerdict.NEW:
            try:
                await asyncio.to_thread(self._known.remember, member.public, name, time.time())
            except MeshconfError as error:
                log.warning("%s", error)

    def _is_shared(self, name: str, peer: PeerId) -> bool:
        """Whether somebody whom we do not doubt is here under the same name."""
        verdicts = self._verdicts.items()
        sure = [other for other, verdict in verdicts if verdict is not KeyVerdict.CHANGED and other != peer]
        return any(self.name(other).casefold() == name.casefold() for other in sure)

    @staticmethod
    def _shown(member: Member) -> str:
        return _safe(member.name) or member.peer


@lru_cache(maxsize=512)
def _safe(name: str) -> str:
    """Asked with each picture that arrives."""
    return clean(name, 64)


_CHANGED = (
    "{name} is here with another key than before: a new machine, or somebody else. Compare the phrase in the "
    "person's details before you trust it."
)
