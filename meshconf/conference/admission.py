"""Who comes in: newcomers who know the code, as the room's rules have it, and those who wait in the lobby.

At our own door we are the doorman; as host or admin we also hear who waits at the others' doors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from meshconf.conference import events
from meshconf.conference.chair import Chair
from meshconf.conference.events import Event
from meshconf.conference.tasks import Tasks
from meshconf.errors import Refused, UsageError
from meshconf.protocol.identity import peer_id_of
from meshconf.protocol.membership import is_genuine
from meshconf.protocol.messages import MAX_PEOPLE, Member, TurnedAway
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import Denied, Knocked, RoomEvent, StateChanged
from meshconf.protocol.room.messages import Knock
from meshconf.protocol.room.rules import require_staff
from meshconf.protocol.room.state import RoomState
from meshconf.protocol.text import clean
from meshconf.types import KeyVerdict, PeerId

LOBBY = 20
"""People who wait at one door; further ones are asked to come back."""
KNOCK_EVERY = 5.0
"""Seconds until host and admins are told again who waits: they may be new in that role."""
FORGET_AFTER = 15.0
"""Seconds without a new knock until somebody who waits at another's door is not shown any more."""

FULL = TurnedAway(reason="full", text="The meeting is full.")
_CROWDED = TurnedAway(reason="full", text="Too many people wait at this door; try again in a moment.")
_LOCKED = TurnedAway(reason="locked", text="The meeting is locked; ask the host to unlock it.")
_REMOVED = TurnedAway(reason="removed", text="You were removed from this meeting.")
_DENIED = TurnedAway(reason="denied", text="The host did not let you in.")
_SELF = TurnedAway(reason="self", text="You are in this meeting already, with this very identity.")
_UNSIGNED = TurnedAway(reason="denied", text="Your entry for the roster is not signed by you.")
_AGAIN = TurnedAway(reason="again", text="You have knocked once more, and wait there.")


class _Word(Enum):
    """How waiting may end, other than by being turned away."""

    ADMITTED = auto()
    ASK = auto()
    """Nobody has to decide any more: the doorman asks the room itself."""


Recognise = Callable[[bytes, str], Awaitable[KeyVerdict | None]]
"""Whether we met the owner of a key before, under that name."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits to be let in."""

    peer: PeerId
    public: bytes
    name: str
    doormen: dict[PeerId, float]
    """At whose doors, each with the loop time at which that is forgotten unless the doorman knocks again."""


class Admission:
    """Decides with the room who comes in."""

    def __init__(self, chair: Chair, tell: Callable[[Event], None], recognise: Recognise) -> None:
        self._chair = chair
        self._tell = tell
        self._recognise = recognise
        self._tasks = Tasks()
        self._at_door: dict[PeerId, asyncio.Future[TurnedAway | _Word]] = {}
        """Who waits at our own door; the answer to come."""
        self._waiting: dict[PeerId, Waiting] = {}
        """Whom we may let in, at whichever door."""
        self._watch: asyncio.Task[None] | None = None
        """Forgets those whose doorman knocks no more."""

    @property
    def _room(self) -> Room:
        return self._chair.room

    async def close(self) -> None:
        """Let nobody in any more."""
        await self._tasks.close()

    # The doorman.

    async def decide(
        self, member: Member, *, present: int, ask_to_wait: Callable[[], Awaitable[None]]
    ) -> TurnedAway | None:
        """Decide on a newcomer who proved the code and its identity; None when it is admitted.

        Args:
            member: its entry for the roster.
            present: how many are in the meeting.
            ask_to_wait: tells it that it is in the lobby.
        """
        peer, state = PeerId(member.peer), self._room.state
        if peer == self._room.own:
            return _SELF
        if not is_genuine(member):
            return _UNSIGNED
        if peer in state.removed:
            return _REMOVED
        if present >= MAX_PEOPLE:
            return FULL
        if peer in state.people:
            return None
        if state.locked:
            return _LOCKED
        if state.lobby:
            return await self._wait(member, ask_to_wait)
        return await self._admit(member)

    async def _admit(self, member: Member) -> TurnedAway | None:
        act = Act(Deed.ADMIT, peer=member.peer, name=_name(member.name, member.peer), public=member.public)
        try:
            await self._chair.act(act)
        except Refused as error:
            if member.peer in self._room.state.people:
                return None  # through another door meanwhile
            return TurnedAway(reason=error.reason, text=str(error))
        return None

    async def _wait(self, member: Member, ask_to_wait: Callable[[], Awaitable[None]]) -> TurnedAway | None:
        if len(self._at_door) >= LOBBY:
            return _CROWDED
        peer = PeerId(member.peer)
        knock = Knock(peer=peer, public=member.public, name=_name(member.name, member.peer))
        self._answer(peer, _AGAIN)
        answer: asyncio.Future[TurnedAway | _Word] = asyncio.get_running_loop().create_future()
        self._at_door[peer] = answer
        try:
            await ask_to_wait()
            while not answer.done():
                self._announce(knock)
                await asyncio.wait({answer}, timeout=KNOCK_EVERY)
            match answer.result():
                case TurnedAway() as refusal:
                    return refusal
                case _Word.ADMITTED:
                    return None
                case _Word.ASK:
                    return await self._admit(member)
        finally:
            if self._at_door.get(peer) is answer:
                del self._at_door[peer]
                self._announce(Knock(peer=peer, public=member.public, name=knock.name, waiting=False))

    def _announce(self, knock: Knock) -> None:
        self._room.knock(knock)
        self._chair.settle()
        if self._may_admit:
            self._knocked(self._room.own, knock)

    # Host and admins.

    @property
    def _may_admit(self) -> bool:
        return self._room.state.is_staff(self._room.own)

    def find(self, who: str) -> PeerId:
        """Somebody who waits, by id or by a name that only one has.

        Raises:
            UsageError: nobody waits by that name, or several do.
        """
        waiting = list(self._waiting.values())
        found = [one for one in waiting if one.peer == who] or [
            one for one in waiting if one.name.casefold() == who.casefold()
        ]
        if len(found) != 1:
            raise UsageError(f"Nobody called {who!r} waits." if not found else f"Several who wait are called {who!r}.")
        return found[0].peer

    async def admit(self, who: str) -> None:
        """Let somebody in who waits.

        Raises:
            UsageError: nobody waits by that name.
            Refused: that is not ours to say.
        """
        require_staff(self._room.state, self._room.own)
        one = self._waiting[self.find(who)]
        await self._chair.act(Act(Deed.ADMIT, peer=one.peer, name=one.name, public=one.public))

    def deny(self, who: str) -> None:
        """Send somebody away who waits.

        Raises:
            UsageError: nobody waits by that name.
            Refused: that is not ours to say.
        """
        require_staff(self._room.state, self._room.own)
        peer = self.find(who)
        name = self._waiting[peer].name
        self._room.deny(peer)
        self._chair.settle()
        self._answer(peer, _DENIED)
        self._gone(peer)
        self._tell(events.Notice(text=f"You did not let {name} in."))

    def decided(self, event: RoomEvent) -> None:
        """Something happened in the room."""
        match event:
            case StateChanged(after=after):
                for peer in list(self._at_door):
                    if (word := _word(peer, after)) is not None:
                        self._answer(peer, word)
                for peer in [peer for peer in self._waiting if peer in after.people or not self._may_admit]:
                    self._gone(peer)
            case Knocked(by=doorman, peer=peer, public=public, name=name, waiting=waiting):
                self._knocked(doorman, Knock(peer=peer, public=public, name=_name(name, peer), waiting=waiting))
            case Denied(peer=peer):
                self._answer(peer, _DENIED)

    def _knocked(self, doorman: PeerId, knock: Knock) -> None:
        peer = PeerId(knock.peer)
        one = self._waiting.get(peer)
        if not knock.waiting:
            if one is not None:
                self._left(one, doorman)
            return
        # The person is let in by this key: a doorman must not show us one and have another let in.
        if peer_id_of(knock.public) != peer or (one is None and len(self._waiting) >= 4 * LOBBY):
            return
        if one is None:
            one = self._waiting[peer] = Waiting(peer, knock.public, knock.name, {})
            self._tasks.spawn(self._show(knock), f"lobby-{peer}")
        one.doormen[doorman] = asyncio.get_running_loop().time() + FORGET_AFTER
        if self._watch is None or self._watch.done():
            self._watch = self._tasks.spawn(self._expire(), "lobby")

    async def _show(self, knock: Knock) -> None:
        verdict = await self._recognise(knock.public, knock.name)
        if knock.peer in self._waiting:
            self._tell(events.Lobby(peer=knock.peer, name=knock.name, waiting=True, identity=verdict))

    async def _expire(self) -> None:
        now = asyncio.get_running_loop().time
        while self._waiting:
            first = min(until for one in self._waiting.values() for until in one.doormen.values())
            await asyncio.sleep(max(0.0, first - now()))
            for one in list(self._waiting.values()):
                for doorman in [doorman for doorman, until in one.doormen.items() if until <= now()]:
                    self._left(one, doorman)

    def _left(self, one: Waiting, doorman: PeerId) -> None:
        """It waits no more at this door; perhaps it does at another."""
        one.doormen.pop(doorman, None)
        if not one.doormen:
            self._gone(one.peer)

    def _gone(self, peer: PeerId) -> None:
        if (one := self._waiting.pop(peer, None)) is not None:
            self._tell(events.Lobby(peer=peer, name=one.name, waiting=False))

    def _answer(self, peer: PeerId, answer: TurnedAway | _Word) -> None:
        future = self._at_door.get(peer)
        if future is not None and not future.done():
            future.set_result(answer)


def _name(name: str, peer: str) -> str:
    """What to call somebody: as they want, unless there is nothing to see of it."""
    return clean(name, 64) or peer


def _word(peer: PeerId, state: RoomState) -> TurnedAway | _Word | None:
    """What the room as it is now means for somebody who waits; None for: wait on."""
    if peer in state.people:
        return _Word.ADMITTED
    if peer in state.removed:
        return _REMOVED
    if state.locked:
        return _LOCKED
    return None if state.lobby else _Word.ASK
