"""Members who lost each other without a goodbye find each other again, after a network was cut in two and healed.

While somebody is missing whom nobody sees, a member looks for doors of the room: on the local network, and as host at
the rendezvous. It knocks with the reunion's link, which lets nobody in who is not in the log already, and comes with
its own entry of the roster, not as a newcomer. The first link between two halves leads all others back (see `mesh`),
and over links the logs become one. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from meshconf.conference.driver import Driver
from meshconf.conference.entry import next_box, prove
from meshconf.conference.reception import Reception
from meshconf.conference.sealed import SealedRoad
from meshconf.conference.tasks import Tasks
from meshconf.errors import MeshconfError, ProtocolError
from meshconf.protocol.identity import Identity, peer_id_of
from meshconf.protocol.invite import lan_tag, room_name
from meshconf.protocol.membership import is_genuine
from meshconf.protocol.messages import Admitted, JoinRequest, Member, Relay, Signal, TurnedAway
from meshconf.protocol.reunion import pause_before_look, reunion_link
from meshconf.protocol.room.acts import Deed, Entry
from meshconf.protocol.room.history import MAX_LOG
from meshconf.protocol.room.messages import Entries
from meshconf.signaling.base import RoomSocket
from meshconf.signaling.lan_advert import LanMeeting
from meshconf.signaling.lan_browser import LanBrowser
from meshconf.signaling.rendezvous import join_room
from meshconf.types import PeerId

log = logging.getLogger("meshconf.conference")

LOOK_FOR = 1.5
"""Seconds of one look at the local network; who is there answers within 50 ms unless packets are lost."""
DOORS = 8
"""Doors at which one look knocks: adverts may be anybody's."""
CONNECT_WITHIN = 2.0
"""Seconds for a rendezvous, or the one in a member, to let us knock."""
ANSWER_WITHIN = 5.0
"""Seconds for a doorman to recognise us."""
ROAD_FOR = 15.0
"""Seconds for which signals go over the sealed road; by then the links stand."""
KNOWN_DOORS = 128
"""Announcements of which we remember whose they are."""

_REMOVED = TurnedAway(reason="removed", text="You were removed from this meeting.")
_STRANGER = TurnedAway(reason="denied", text="You are not in this meeting.")
_LATER = TurnedAway(reason="later", text="Your entry is not the newest, or you were here a moment ago.")


class Reunion:
    """Both sides of finding each other again: the search, and the answer at our door.

    Args:
        identity: our own.
        driver: mesh and room.
        reception: our doors, and where the meeting can be found.
        browse: makes a browser of the local network.
        join: knocks at a rendezvous room, as `signaling.rendezvous.join_room`.
    """

    def __init__(
        self,
        identity: Identity,
        driver: Driver,
        reception: Reception,
        *,
        browse: Callable[[], LanBrowser] = LanBrowser,
        join: Callable[..., Awaitable[RoomSocket]] = join_room,
    ) -> None:
        self.link = reunion_link(driver.room.history.root.entry)
        self._identity = identity
        self._driver = driver
        self._reception = reception
        self._browse = browse
        self._join = join
        self._doors: dict[str, PeerId] = {}
        """Whose door stands behind an announcement."""
        self._lost: frozenset[PeerId] = frozenset()
        self._news = asyncio.Event()
        self._searching = False
        self._tasks = Tasks()

    def people_changed(self) -> None:
        """Somebody came or went: search while somebody is missing."""
        lost = frozenset(self._driver.missing())
        if lost - self._lost:
            self._news.set()
        self._lost = lost
        if lost and not self._searching:
            self._searching = True
            self._tasks.spawn(self._search(), "reunion")

    def answer(self, member: Member, road: SealedRoad) -> tuple[list[Entry], Admitted | TurnedAway]:
        """Decide on somebody at our door who knows the reunion's link and has proved its identity.

        Who was removed gets the log up to that point, which proves it to whoever was cut off meanwhile.
        """
        mesh, state = self._driver.mesh, self._driver.room.state
        peer = PeerId(member.peer)
        if peer in state.removed:
            return self._until_removed(peer), _REMOVED
        person = state.people.get(peer)
        if person is None or person.public != member.public or peer == mesh.own_id or not is_genuine(member):
            return [], _STRANGER
        self._driver.admit([member], seen=True)
        known = mesh.member(peer)
        if known is None or known.joined != member.joined:
            return [], _LATER
        self._driver.add_route(peer, road.send)
        return [], Admitted(by=mesh.own_id, members=mesh.reached())

    async def close(self) -> None:
        """Search no more."""
        await self._tasks.close()

    # The search.

    async def _search(self) -> None:
        try:
            while missing := self._driver.missing():
                self._news.clear()
                pause = pause_before_look(min(missing.values()), random.random())
                try:
                    async with asyncio.timeout(pause):
                        await self._news.wait()  # somebody else was lost: begin anew with short pauses
                except TimeoutError:
                    await self._look()
        finally:
            self._searching = False

    async def _look(self) -> None:
        ways: list[Awaitable[object]] = [self._look_on_lan()] if self._reception.on_lan else []
        # One of each half is enough for a rendezvous, which counts what comes from one address.
        if self._reception.far and (self._driver.room.is_host or not self._driver.mesh.connected()):
            ways.append(self._look_at(self._reception.far))
        await asyncio.gather(*ways)

    async def _look_on_lan(self) -> None:
        wanted = {lan_tag(self.link, time.time() + shift) for shift in (-600, 0, 600)}
        passed = {name for name, peer in self._doors.items() if self._is_here(peer)} | {self._reception.instance}

        def fits(meeting: LanMeeting) -> bool:
            return meeting.instance not in passed and bool(wanted & meeting.tags)

        # A browser of its own for each look: what others remember of a network that was cut may be gone.
        browser = self._browse()
        try:
            await browser.start()
            until = time.monotonic() + LOOK_FOR
            for _ in range(DOORS):
                found = await browser.wait_for(fits, max(0.0, until - time.monotonic()))
                if found is None:
                    return
                # Any of them: the people of the other half must not all stand at one door.
                found = random.choice([meeting for meeting in browser.meetings if fits(meeting)] or [found])
                passed.add(found.instance)
                for address in found.addresses:
                    if await self._look_at(f"ws://{address}:{found.port}", instance=found.instance):
                        return
        except MeshconfError as error:
            log.debug("the local network cannot be searched: %s", error)
        finally:
            await browser.close()

    async def _look_at(self, url: str, *, instance: str | None = None) -> bool:
        """Knock at each member in a room of a rendezvous; True once one has taken us back."""
        try:
            socket = await self._join(url, room_name(self.link), timeout=CONNECT_WITHIN)
        except MeshconfError as error:
            log.debug("no door of the room at %s: %s", url, error)
            return False
        taken_back = False
        try:
            for other in random.sample(sorted(socket.members), len(socket.members)):
                taken_back = await self._knock(socket, other, instance)
                if taken_back:
                    break
        finally:
            if not taken_back:
                await socket.close()
        return taken_back

    async def _knock(self, socket: RoomSocket, other: int, instance: str | None) -> bool:
        entries: list[Entry] = []
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                road, public = await prove(socket, other, self.link, self._identity)
                peer = peer_id_of(public)
                if instance is not None:
                    self._remember(instance, peer)
                if self._is_here(peer) or peer not in self._driver.room.state.people:
                    return False
                await road.send(JoinRequest(member=self._driver.mesh.own))
                while True:
                    match road.open(await next_box(socket, other)):
                        case Entries(entries=more) if len(entries) + len(more) <= MAX_LOG:
                            entries += more
                        case Admitted(members=members):
                            break
                        case TurnedAway(reason=reason):
                            log.info("%s does not take us back: %s", peer, reason)
                            self._driver.learn(entries)
                            return False
                        case (Signal() as signal) | Relay(signal=signal):
                            road.keep(signal)
                        case _:
                            raise ProtocolError("the doorman answered something else")
        except (MeshconfError, TimeoutError) as error:
            log.debug("a door of the room stays shut: %s", error)
            return False
        self._driver.add_route(peer, road.send)
        self._tasks.spawn(self._walk(socket, road, peer), "reunion-road")
        self._driver.reunite(members, by=peer)
        return True

    async def _walk(self, socket: RoomSocket, road: SealedRoad, doorman: PeerId) -> None:
        """Read signals from the sealed road until the links stand."""
        try:
            async with asyncio.timeout(ROAD_FOR):
                async for signal in road.signals():
                    self._driver.take_signal(signal, carrier=doorman)
        except (MeshconfError, TimeoutError) as error:
            log.debug("the sealed road of the reunion ends: %s", error)
        finally:
            self._driver.drop_route(doorman, road.send)
            await socket.close()

    # Private.

    def _is_here(self, peer: PeerId) -> bool:
        mesh = self._driver.mesh
        return peer == mesh.own_id or (mesh.member(peer) is not None and peer not in self._driver.missing())

    def _remember(self, instance: str, peer: PeerId) -> None:
        self._doors[instance] = peer
        if len(self._doors) > KNOWN_DOORS:
            del self._doors[next(iter(self._doors))]

    def _until_removed(self, peer: PeerId) -> list[Entry]:
        room = self._driver.room
        entries = room.history.after(room.head, [])
        at = max(n for n, entry in enumerate(entries) if entry.act.do is Deed.REMOVE and entry.act.peer == peer)
        return entries[: at + 1]
