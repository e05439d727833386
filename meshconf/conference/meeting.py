"""The inside of a meeting that we are in: mesh, room and all that hangs on them, wired together.

Made once the room's log is there, by founding or by being let in. As the application above the driver it turns what
happens in mesh and room into what the parts do and the faces hear. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshconf.conference import events
from meshconf.conference.admission import Admission
from meshconf.conference.application import ApplicationMessage
from meshconf.conference.chair import Chair
from meshconf.conference.chat import MeetingChat
from meshconf.conference.closing import close_all
from meshconf.conference.commands import Admit, Deny, PeopleCommand, Trust, Verify
from meshconf.conference.company import Company
from meshconf.conference.driver import Driver
from meshconf.conference.ears import Ears
from meshconf.conference.entry import Entrance
from meshconf.conference.events import Event
from meshconf.conference.gallery import Gallery, Listener
from meshconf.conference.household import Household
from meshconf.conference.keystore import KeyStore
from meshconf.conference.people import People
from meshconf.conference.picture_exchange import PictureExchange
from meshconf.conference.quality import NOTHING, Quality
from meshconf.conference.reception import Reception
from meshconf.conference.remote_control.desk import ControlDesk
from meshconf.conference.remote_sources import RemoteSources
from meshconf.conference.studio import Studio
from meshconf.conference.talk.hearing import Hearing
from meshconf.conference.talk.signs import SignBoard
from meshconf.conference.tasks import Tasks
from meshconf.config import Options
from meshconf.errors import MeshconfError
from meshconf.media.congestion.uplink import Uplink
from meshconf.protocol.control.messages import ControlMessage
from meshconf.protocol.events import MeshEvent, PeerChanged, SourcesChanged
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import DoorKeys, Member, Want, WrongGuess
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import RoomEvent, StateChanged
from meshconf.protocol.room.history import History
from meshconf.protocol.signs import SignMessage
from meshconf.protocol.text import clean
from meshconf.rtc.ice import IceConfig
from meshconf.types import Ending, PeerId, PeerState, SourceKind

if TYPE_CHECKING:
    from meshconf.media.encoded import EncodedFrame
    from meshconf.rtc.incoming import SoundPacket

log = logging.getLogger("meshconf.conference")

ROAD_FOR = 15.0
"""Seconds for which a newcomer keeps the sealed road to its doorman; by then the mesh stands by itself."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a meeting works with: there before it, and closed after it by whoever made it."""

    options: Options
    """What the person asks for."""
    known: KeyStore | None
    """Where the people whom we met are remembered; nowhere if None."""
    ears: Ears
    """Where sound goes."""
    gallery: Gallery
    """Where pictures go."""
    studio: Studio
    """Our own sources."""
    reception: Reception
    """Our doors."""


class Meeting:
    """What a meeting consists of while we are in it.

    Args:
        identity: who we are.
        member: our entry in the roster.
        history: the room's log.
        equipment: what it works with.
        founder: whether it is our own new room.
        tell: takes events for the faces.
        finish: called with the reason when the meeting is over for us.
    """

    def __init__(
        self,
        identity: Identity,
        member: Member,
        history: History,
        equipment: Equipment,
        *,
        founder: bool,
        tell: Callable[[Event], None],
        finish: Callable[[Ending], None],
    ) -> None:
        options, ears, studio = equipment.options, equipment.ears, equipment.studio
        self._studio = studio
        self._gallery = equipment.gallery
        self._reception = equipment.reception
        self._tell = tell
        self.finish = finish
        self._tasks = Tasks()
        self._company: Company | None = None
        self.room = Room(identity.peer_id, history, sign=identity.sign, verify=verify, now=time.monotonic())
        self.mesh = Mesh(member, founder=founder, welcomes=self.room.welcomes)
        uplink = Uplink()
        self.driver = Driver(
            self.mesh,
            self.room,
            identity=identity,
            feeds=studio.feeds,
            ice=IceConfig(options.stun, options.turn, options.relay_only, options.loopback),
            application=self,
            probe=uplink.probe,
        )
        self.people = People(identity, self.mesh, self.room, equipment.known, tell)
        name = self.people.name
        self.chat = MeetingChat(identity, self.driver, self.people, tell)
        self.signs = SignBoard(self.room.own, self.driver, name=name, room=lambda: self.room.state, tell=tell)
        self.control = ControlDesk(self.driver, self.people, studio, self._gallery, tell)
        self.chair = Chair(self.room, settle=self.driver.settle, tell=tell, name=name, present=self.mesh.present)
        self.admission = Admission(self.chair, tell, self.people.recognised)
        self.household = Household(
            identity,
            self.driver,
            self.admission,
            self._reception,
            announce=self.announce_invite,
            notice=self.notice,
        )
        self._remote_sources = RemoteSources(
            ears,
            self._gallery,
            allows=lambda peer, medium: self.room.state.allows(peer, medium),
            tell=tell,
            name=name,
        )
        self.pictures = PictureExchange(self.driver, studio, ears, shown=self._shown, uplink=uplink, notice=self.notice)
        self._begin_media()
        self._reception.serve(self.household)
        self._reception.count_people(len(self.mesh.members))

    def walk_in(self, entrance: Entrance) -> None:
        """We were let in: tell it, and connect to everybody who is there."""
        admitted, state = entrance.admitted, self.room.state
        doorman = PeerId(admitted.by)
        others = [member for member in admitted.members if member.peer != self.room.own]
        self._tell(
            events.Joined(
                room=self.room.id,
                self=self.room.own,
                host=state.host,
                title=state.title,
                name=self.mesh.own.name,
                peers=[events.Named(member.peer, clean(member.name, 64) or member.peer) for member in others],
            )
        )
        self.chair.announce()
        self.driver.add_route(doorman, entrance.road.send)
        self._tasks.spawn(self._take_signals(entrance), "sealed-road")
        named = [PeerId(member.peer) for member in others]
        self._company = Company(doorman, named, name=self.people.name, notice=self.notice)
        self.driver.admit(others, by=doorman)

    def announce_invite(self) -> None:
        """Tell the faces code and link."""
        self._tell(
            events.Room(
                room=self.room.id,
                invite=str(self._reception.code or ""),
                link=str(self._reception.link or ""),
                self=self.room.own,
                title=self.room.state.title,
                name=self.mesh.own.name,
            )
        )

    def set_sources(self, on: list[SourceKind]) -> None:
        """Tell everybody what we send now."""
        self.mesh.set_sources(on)
        self.driver.settle()
        self.control.sources_changed()
        self.pictures.turn()

    async def do(self, command: PeopleCommand) -> None:
        """Let somebody in or not, compare words, remember a key.

        Raises:
            MeshconfError: it cannot be done; the sentence says why.
        """
        match command:
            case Admit(peer=peer):
                await self.admission.admit(peer)
            case Deny(peer=peer):
                self.admission.deny(peer)
            case Verify(peer=peer):
                await self.people.verify(peer)
            case Trust(peer=peer):
                await self.people.trust(peer)

    async def leave(self) -> None:
        """Hand over and do nothing more; the links stand until `close`, so that everybody hears of it."""
        parts = (self.people, self.household, self.admission, self._tasks)
        await close_all(self.control.close, self._hand_over, *(part.close for part in parts))

    async def close(self) -> None:
        """Say goodbye and release every link."""
        await self.driver.close()

    # The application above the driver.

    def notice(self, text: str) -> None:
        """A plain sentence for the person."""
        self._tell(events.Notice(text=text))

    def happened(self, event: MeshEvent) -> None:
        """Turn what happened in the mesh into events for the faces."""
        if self._company is not None and isinstance(event, PeerChanged):
            self._company.changed(PeerId(event.member.peer), event.state)
        match event:
            case PeerChanged(state=PeerState.CONNECTED):
                pass  # `greeted` tells it, when the path is known
            case PeerChanged(member=member, state=state):
                self.control.changed(PeerId(member.peer), state)
                self.people.changed(member, state)
                if state is PeerState.LEFT:
                    self._remote_sources.forget(PeerId(member.peer))
                    self.pictures.forget(PeerId(member.peer))
                    self.signs.forget(PeerId(member.peer))
                    self.chat.forget(PeerId(member.peer))
                else:
                    self.pictures.connecting()
                self._reception.count_people(len(self.mesh.members))
                self.chair.announce()
                self.household.people_changed()
            case SourcesChanged(peer=peer, source=source, on=on):
                self._remote_sources.switched(peer, source, on)
                self.control.switched(peer, source, on)

    def decided(self, event: RoomEvent) -> None:
        """Turn what happened in the room into events for the faces, and do what it asks of us."""
        self.chair.decided(event)
        self.admission.decided(event)
        if isinstance(event, StateChanged):
            self._remote_sources.ruled()
            self.control.ruled(event)
            self._studio.ruled(event.after)
            self.household.room_changed(event)
            if event.after.ended:
                self.finish(Ending.ENDED)
            elif self.room.own in event.after.removed:
                self.finish(Ending.REMOVED)

    def received(self, peer: PeerId, message: ApplicationMessage) -> None:
        """Messages beside mesh and room."""
        if isinstance(message, DoorKeys | WrongGuess):
            self.household.received(peer, message)
        elif isinstance(message, Want):
            self.pictures.wanted(peer, message)
        elif isinstance(message, ControlMessage):
            self.control.received(peer, message)
        elif isinstance(message, SignMessage):
            self.signs.received(peer, message)
        else:
            self.chat.received(peer, message)

    def greeted(self, peer: PeerId) -> None:
        """A link stands, its owner's identity is proved."""
        self._remote_sources.reconnected(peer)
        self.household.greet(peer)
        self.chat.greet(peer)
        self.signs.greet(peer)
        self.pictures.turn()
        member, link = self.mesh.member(peer), self.driver.link(peer)
        if member is not None and link is not None:
            self.people.proved(member, link.path())

    def heard(self, peer: PeerId, source: SourceKind, packet: SoundPacket) -> None:
        """A packet of a peer's sound."""
        self._remote_sources.heard(peer, source, packet)

    def saw(self, peer: PeerId, source: SourceKind, frame: EncodedFrame) -> None:
        """A whole picture of a peer, to be decoded."""
        self._remote_sources.saw(peer, source, frame)
        self.pictures.saw(peer, source, frame)

    # Private.

    def _begin_media(self) -> None:
        """Take turns with pictures, notice who cannot be heard, and listen to what the windows need."""
        self._tasks.spawn(self.pictures.run(), "pictures")
        hearing = Hearing(
            lambda: {peer: link.media for peer, link in self.driver.links().items()},
            name=self.people.name,
            tell=self._tell,
        )
        self._tasks.spawn(hearing.run(), "hearing")
        self._gallery.listen(
            Listener(
                first_picture=self._remote_sources.shown,
                keyframe_needed=self._keyframe_needed,
                wanted=self.pictures.turn,
                input=self.control.acted,
            )
        )

    def _keyframe_needed(self, peer: PeerId, source: SourceKind) -> None:
        link = self.driver.link(peer)
        if link is not None:
            link.media.request_keyframe(source)

    def _shown(self, peer: PeerId, source: SourceKind) -> Quality:
        """The quality in which a peer's source is shown here: what is forbidden is not."""
        if not self.room.state.allows(peer, source.medium):
            return NOTHING
        return self._gallery.wanted(peer, source)

    async def _hand_over(self) -> None:
        """A host that leaves makes the next in line host, so that nobody has to wait for its loss to be noticed."""
        heir = self.room.successor()
        if self.room.is_host and heir is not None and not self.room.state.ended:
            with contextlib.suppress(MeshconfError):
                await self.chair.act(Act(Deed.TRANSFER, peer=heir))
        self.chair.close()

    async def _take_signals(self, entrance: Entrance) -> None:
        """Take signals from the sealed road until the mesh stands."""
        doorman = PeerId(entrance.admitted.by)
        try:
            async with asyncio.timeout(ROAD_FOR):
                async for signal in entrance.road.signals():
                    self.driver.take_signal(signal, carrier=doorman)
        except (MeshconfError, TimeoutError) as error:
            log.info("the sealed road ends: %s", error)
        finally:
            self.driver.drop_route(doorman, entrance.road.send)
            await entrance.socket.close()
