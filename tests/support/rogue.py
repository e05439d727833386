"""A member with a modified program, as a process of its own: all of `meshconf`, and a lie whenever it is told one.

    python -m tests.support.rogue join CODE --headless

takes the same command line and the same commands; `{"do":"lie","lie":NAME,...}` carries out a method of `Rogue`. It
reaches into private parts, as whoever changes the program does. The same lies in virtual time are in `liars`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

import msgspec

from meshconf.cli.main import main
from meshconf.conference import conference, driver, events
from meshconf.conference.allowance import Rate
from meshconf.conference.conference import Conference
from meshconf.conference.control_socket import obey as obey_honestly
from meshconf.conference.distribution import EVERYTHING
from meshconf.conference.door import Door
from meshconf.conference.sealed import SealedRoad
from meshconf.headless import run
from meshconf.protocol.chat import Chat, Line
from meshconf.protocol.messages import Admitted, AnyMessage, Member, Sources, TurnedAway, encode
from meshconf.protocol.room.acts import Act, Deed, Entry
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.history import Node
from meshconf.protocol.room.messages import Beat, CallVote, Entries, Fetch, Propose, RoomMessage, parcel
from meshconf.rtc.link import PeerLink
from meshconf.signaling.rendezvous import open_room
from meshconf.types import PeerId, SourceKind
from rendezvous.limits import Limits
from rendezvous.server import RendezvousServer
from tests.support.forgery import ESCAPES, GARBAGE, Branch
from tests.support.rogue_hands import STEP, RogueHands

HEARD: deque[RoomMessage] = deque(maxlen=500)
"""All that the room was told by others."""
UNLIMITED = Rate(messages=1e6, burst=1e6, bytes=1e9, burst_bytes=1e9)
"""It answers every offer at once."""


class Rogue(RogueHands):
    """What the program does in one meeting that it should not."""

    def __init__(self, meeting: Conference) -> None:
        super().__init__(meeting)
        self.room, self.identity = meeting._meeting.room, meeting.identity
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: list[PeerLink] = []

    # Rules.

    async def ignore_rules(self) -> None:
        """Send whatever is on, whatever the room says and whether anybody wants it."""
        self.meeting._studio.ruled = lambda room: None  # type: ignore[method-assign]
        distribution = self.meeting._meeting.pictures._distribution
        distribution._shown = lambda peer, kind, rungs: EVERYTHING  # type: ignore[method-assign]

    async def flicker(self) -> None:
        """Say again and again that the sources are off and on."""
        for _ in range(5):
            self._tell_all(Sources(on=[]), Sources(on=[SourceKind.MIC, SourceKind.CAMERA]))

    async def act_as_admin(self, peer: str) -> None:
        """Ask the host, rightly signed, for what only admins may."""
        self._tell_all(Propose(proposal=self._branch().wish(Act(Deed.REMOVE, peer=peer))))

    async def act_as_host(self) -> None:
        """Order something as if one were host."""
        branch = self._branch()
        self._tell_all(Entries(entries=[branch.forge_order(self.me, branch.wish(Act(Deed.LOCK)))]))

    # The log.

    async def usurp(self) -> None:
        """Claim to be host while the host lives, and remove everybody else."""
        branch = self._branch()
        before = len(branch.log)
        branch.claim()
        for peer in self._others():
            branch.order(Act(Deed.REMOVE, peer=peer))
        self._tell_all(Entries(entries=branch.log[before:]))

    async def forge_transfer(self) -> None:
        """Make oneself host by an act and an entry that bear the host's name."""
        branch, host = self._branch(), self.room.state.host
        self._tell_all(Entries(entries=[branch.forge_order(host, branch.wish(Act(Deed.TRANSFER, peer=self.me), host))]))

    async def forge_order(self) -> None:
        """Put an own act into the log in the host's name."""
        branch = self._branch()
        self._tell_all(Entries(entries=[branch.forge_order(self.room.state.host, branch.wish(Act(Deed.LOCK)))]))

    async def forge_wish(self, peer: str) -> None:
        """Ask for something in the name of somebody else."""
        self._tell_all(Propose(proposal=self._branch().wish(Act(Deed.LOCK), peer)))

    async def forge_beat(self) -> None:
        """Be the host's heart."""
        state = self.room.state
        self._tell_all(Beat(state.epoch, state.host, self.room.head.digest, 10**9, bytes(64)))

    async def forge_line(self, peer: str) -> None:
        """Say something in the name of somebody else."""
        self._tell_all(self._line("I did not say this", author=peer))

    async def replay(self) -> None:
        """Say all again that was ever said: the log from its founding, each act in it, old beats and answers."""
        log = self._branch().log
        for entry in log[1:8]:
            self._tell_all(Propose(proposal=entry.proposal), Entries(entries=[entry]))
        while (part := parcel(log)) is not None:
            self._tell_all(part)
            log = log[len(part.entries) :]
        self._tell_all(*list(HEARD)[:60])

    # Noise.

    async def flood(self, what: str, rate: int, seconds: float) -> None:
        """Send one kind of message `rate` times a second to everybody, also over each new connection."""
        self._spawn(self._flood(what, rate, seconds))

    async def garbage(self, which: str, peer: str) -> None:
        """Send somebody what is no message."""
        link = self.driver.link(PeerId(peer))
        assert link is not None and link.send("ctl", GARBAGE[which])

    async def say_escapes(self) -> None:
        """Chat that steers terminals, as no honest program would send it."""
        self._tell_all(self._line(ESCAPES))

    # Coming back.

    async def cling(self) -> None:
        """Stay when removed, and hold on to the old sockets."""
        finish = self.meeting.finish
        self.meeting._meeting.finish = lambda reason: finish(reason) if reason != "removed" else None
        self.driver._connections.release = lambda peer: None  # type: ignore[method-assign]
        self._kept = [link for peer in self._others() if (link := self.driver.link(peer)) is not None]

    async def speak_on(self) -> None:
        """Use the old sockets, and ask everybody for new ones by every road that is left."""
        for link in self._kept:
            link.send("ctl", encode(self._line("still here")))
        for peer in self.room.state.people:
            await self.driver._signals.send(peer, 10**6, "offer", "v=0\r\n")
            await self.driver._signals.send(peer, 10**6, "again")

    # A door of its own.

    async def open_door(self, log: str) -> None:
        """Let newcomers in at a door of one's own, with another log than the room's; says where in a notice.

        `branch`: it begins where nothing was forbidden yet, and the true host admits the newcomer as well;
        `private`: the same, and nobody is asked; `other`: a room of one's own, with the same people.
        """
        server = RendezvousServer("127.0.0.1", 0, limits=Limits.for_lan())
        await server.start()
        url = f"ws://127.0.0.1:{server.port}"
        reception, house = self.meeting._reception, self.meeting._meeting.household
        socket = await open_room(url, reception._names(), reception._token)
        honest, forged = house.admit, list[Entry]()

        async def admit(
            member: Member, road: SealedRoad, ask_to_wait: Callable[[], Awaitable[None]]
        ) -> Admitted | TurnedAway:
            forged[:] = self._forged(member, log)
            if log == "branch":
                return await honest(member, road, ask_to_wait)
            self.driver.mesh._welcomes = lambda peer: True
            self.driver.add_route(PeerId(member.peer), road.send)
            self.driver.admit([member])
            return Admitted(by=self.me, members=self.driver.mesh.members)

        house.admit, house.log = admit, lambda: list(forged)  # type: ignore[method-assign]
        self._spawn(Door(socket, house).serve())
        self.meeting.notice(url)

    # Private.

    def _forged(self, newcomer: Member, log: str) -> list[Entry]:
        people = self.room.state.people
        if log == "other":
            branch = Branch.founded(self.identity, self.room.state.title)
            for peer, person in people.items():
                if peer != self.me:
                    branch.order(Act(Deed.ADMIT, peer=peer, name=person.name, public=person.public))
        else:
            branch = self._branch(back=lambda node: self.me not in node.state.people or bool(node.state.silenced))
            branch.claim()
        branch.order(Act(Deed.ADMIT, peer=newcomer.peer, name=newcomer.name, public=newcomer.public))
        return branch.log

    def _branch(self, back: Callable[[Node], bool] = lambda node: False) -> Branch:
        """The log that we follow, up to where `back` says no more that it must be shortened."""
        node = self.room.head
        while back(node) and node.parent is not None:
            node = node.parent
        return Branch(self.identity, self.room.history.after(node, []))

    def _line(self, text: str, author: str | None = None) -> Chat:
        line = Line(author or self.me, int(time.time() * 1000), text, bytes(64))
        return Chat(line=msgspec.structs.replace(line, signature=self.identity.sign(line.signed_part(self.room.id))))

    async def _flood(self, what: str, rate: int, seconds: float) -> None:
        branch = self._branch()
        make: dict[str, Callable[[], AnyMessage]] = {
            "room": lambda: Fetch(known=[]),
            "votes": lambda: CallVote(parent=self.room.head.digest),
            "chat": lambda: self._line("spam " * 50),
            "proposals": lambda: Propose(proposal=branch.wish(Act(Deed.LOCK))),
            "beats": lambda: Beat(branch.head.state.epoch, self.room.state.host, branch.head.digest, 10**9, bytes(64)),
        }
        message, began, sent = make[what](), time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(int(passed * rate) - sent):
                self._tell_all(message)
            sent = int(passed * rate)
            await asyncio.sleep(STEP)
        self.meeting.notice(f"sent {sent}")

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_rogues: dict[Conference, Rogue] = {}
_receive = Room.receive


async def obey(meeting: Conference, line: bytes | str) -> events.Event | None:
    """As in `meshconf`, and lies."""
    command = json.loads(line)
    if command.pop("do") != "lie":
        return await obey_honestly(meeting, line)
    number, name = command.pop("id", None), command.pop("lie")
    rogue = _rogues.setdefault(meeting, Rogue(meeting))
    await getattr(rogue, name)(**command)
    return events.Ok(id=number)


def receive(self: Room, peer: PeerId, message: RoomMessage, *, now: float) -> None:
    """As in `meshconf`, and remembered."""
    HEARD.append(message)
    _receive(self, peer, message, now=now)


def unclean(text: str, limit: int, *, lines: bool = False) -> str:
    """A name as it was given, whatever is in it."""
    return text[:limit]


if __name__ == "__main__":
    with (
        patch.object(driver, "OFFERS", UNLIMITED),
        patch.object(run, "obey", obey),
        patch.object(Room, "receive", receive),
        patch.object(conference, "clean", unclean),
    ):
        sys.exit(main())
