"""What stands behind our doors: the invites, the count of wrong guesses, and the newcomer's way into the mesh."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from meshconf.conference.admission import FULL, Admission
from meshconf.conference.allowance import Allowance, Rate
from meshconf.conference.driver import Driver
from meshconf.conference.reception import Reception
from meshconf.conference.reunion import Reunion
from meshconf.conference.sealed import SealedRoad
from meshconf.conference.tasks import Tasks
from meshconf.errors import MeshconfError, Refused
from meshconf.protocol.identity import Identity
from meshconf.protocol.invite import Code, Link
from meshconf.protocol.messages import Admitted, DoorKeys, Member, Signal, TurnedAway, WrongGuess
from meshconf.protocol.room.acts import Entry
from meshconf.protocol.room.events import StateChanged
from meshconf.types import PeerId

log = logging.getLogger("meshconf.conference")

GUESSES = Rate(messages=1 / 60, burst=10, bytes=1, burst_bytes=1)
"""Wrong guesses that one member may report from its door: each is told to the person, and ten change the code."""


class Household:
    """The doors' master (see `door.House`) in a meeting that we are in.

    Args:
        identity: our own; visitors are shown it.
        driver: mesh and room.
        admission: who comes in.
        reception: the doors themselves.
        announce: called when code or link are others than before.
        notice: takes plain sentences.
    """

    def __init__(
        self,
        identity: Identity,
        driver: Driver,
        admission: Admission,
        reception: Reception,
        *,
        announce: Callable[[], None],
        notice: Callable[[str], None],
    ) -> None:
        self.identity = identity
        self._driver = driver
        self._admission = admission
        self._reception = reception
        self._announce = announce
        self._notice = notice
        self._tasks = Tasks()
        self._guessed = Allowance(GUESSES)
        self._reunion = Reunion(identity, driver, reception)
        self._reception.reunion = self._reunion.link
        self._keys: dict[PeerId, DoorKeys] = {}
        """What each host told us last; after a cut there may have been two."""
        self._keys_of: PeerId | None = None
        """Whose keys are in force here."""

    # For the doors.

    def invites(self) -> Sequence[Code | Link]:
        """The invites in force."""
        return self._reception.invites()

    def wrong_guess(self) -> None:
        """Somebody tried a wrong code at one of our doors: the host counts, others tell the host."""
        if not self._driver.room.is_host:
            self._driver.send(self._driver.room.state.host, WrongGuess())
            return
        rotate = self._reception.wrong_guess(now=time.monotonic())
        self._notice(f"Somebody tried a wrong code ({self._reception.guesses} in the last hour).")
        if rotate:
            self._notice("Too many wrong codes: the code has changed.")
            self._tasks.spawn(self.rotate(link=False), "rotate")

    def seat(self, peer: PeerId) -> int:
        """The moment of joining that a newcomer gets: by our clock, and after any earlier visit of the same person."""
        return self._driver.mesh.seat(peer, now_ms=int(time.time() * 1000))

    def log(self) -> list[Entry]:
        """The room's log, for a newcomer."""
        room = self._driver.room
        return room.history.after(room.head, [])

    async def admit(
        self, member: Member, road: SealedRoad, ask_to_wait: Callable[[], Awaitable[None]]
    ) -> Admitted | TurnedAway:
        """Decide on a newcomer who knows the code."""
        mesh = self._driver.mesh
        refusal = await self._admission.decide(member, present=len(mesh.members), ask_to_wait=ask_to_wait)
        if refusal is not None:
            return refusal
        self._driver.add_route(PeerId(member.peer), road.send)
        self._driver.admit([member])
        there = mesh.member(PeerId(member.peer))
        if there is None or there.joined != member.joined:  # others came in while it waited in the lobby
            self._driver.drop_route(PeerId(member.peer), road.send)
            return FULL
        return Admitted(by=mesh.own_id, members=mesh.members)

    @property
    def reunion(self) -> Link:
        """The link by which members find each other again."""
        return self._reunion.link

    def reunite(self, member: Member, road: SealedRoad) -> tuple[list[Entry], Admitted | TurnedAway]:
        """Decide on somebody who says to belong here and has proved its identity."""
        return self._reunion.answer(member, road)

    def signal(self, signal: Signal, carrier: PeerId) -> None:
        """A newcomer's signal."""
        self._driver.take_signal(signal, carrier=carrier)

    def departed(self, peer: PeerId, road: SealedRoad) -> None:
        """The sealed road to a newcomer is gone."""
        self._driver.drop_route(peer, road.send)

    # For the meeting.

    def people_changed(self) -> None:
        """Somebody came or went: who is missing is searched for."""
        self._reunion.people_changed()

    def greet(self, peer: PeerId) -> None:
        """Somebody's link stands: the host shares what opening doors needs."""
        keys = self._reception.keys()
        if keys is not None and self._driver.room.is_host:
            self._driver.send(peer, keys)

    def received(self, peer: PeerId, message: DoorKeys | WrongGuess) -> None:
        """A member's word about the doors; the keys count from the host alone."""
        room = self._driver.room
        if isinstance(message, DoorKeys):
            self._keys[peer] = message
            self._take_keys_of_host()
        elif isinstance(message, WrongGuess) and room.is_host and self._guessed.spend(peer, 0, now=time.monotonic()):
            self.wrong_guess()

    def room_changed(self, event: StateChanged) -> None:
        """A new host opens the door at the rendezvous; whoever was removed knows the code, which changes."""
        self._keys = {peer: keys for peer, keys in self._keys.items() if peer in event.after.people}
        self._take_keys_of_host()
        if not self._driver.room.is_host or not self._reception.version:
            return
        if event.before.host != event.after.host:
            self._tasks.spawn(self._reception.open_far(), "open-far")
        if event.after.removed > event.before.removed:
            self._tasks.spawn(self.rotate(), "rotate")

    async def rotate(self, *, link: bool = True) -> None:
        """New words, and with `link` a new link; whoever has the old ones finds nobody.

        Raises:
            Refused: only the host can.
        """
        if not self._driver.room.is_host:
            raise Refused("Only the host can change the code.", reason="not-host")
        self._keys_of = self._driver.mesh.own_id
        await self._reception.rotate(link=link)
        self._announce()
        if (keys := self._reception.keys()) is not None:
            self._driver.broadcast(keys)

    async def close(self) -> None:
        """Do nothing more; the doors are closed by the reception."""
        await self._reunion.close()
        await self._tasks.close()

    def _take_keys_of_host(self) -> None:
        host = self._driver.room.state.host
        if (keys := self._keys.pop(host, None)) is not None:
            anew, self._keys_of = host != self._keys_of, host
            self._tasks.spawn(self._take_keys(keys, anew), "door-keys")

    async def _take_keys(self, keys: DoorKeys, anew: bool) -> None:
        try:
            fresh = await self._reception.take_keys(keys, host=self._driver.room.is_host, anew=anew)
        except MeshconfError as error:
            log.warning("the host's new invite cannot be used: %s", error)
            return
        if fresh:
            self._announce()
