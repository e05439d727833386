"""One meeting without a face: the facade over mesh, media and doors; the public Python API.

    async with Conference.host(title="stand-up", camera="test") as meeting:
        print(meeting.invite)
        async for event in meeting.events():
            ...

Everything that a face can do is a command (`do`) or a method here. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import logging
import os
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from meshconf.conference import commands, events
from meshconf.conference.admission import Admission
from meshconf.conference.bulletin import Bulletin, Subscription
from meshconf.conference.chair import Chair, act_of
from meshconf.conference.chat import MeetingChat
from meshconf.conference.company import Company
from meshconf.conference.driver import Driver
from meshconf.conference.ears import Ears
from meshconf.conference.entry import Entrance, enter
from meshconf.conference.events import Event as ApiEvent
from meshconf.conference.failure import event_of
from meshconf.conference.gallery import Gallery
from meshconf.conference.household import Household
from meshconf.conference.keystore import KeyStore
from meshconf.conference.people import People
from meshconf.conference.reception import Reception
from meshconf.conference.remote_sources import RemoteSources
from meshconf.conference.statistics import LoopLag, Statistics, report
from meshconf.conference.studio import Studio
from meshconf.conference.tasks import Tasks
from meshconf.config import Options
from meshconf.errors import DeviceError, MeshconfError, Refused
from meshconf.protocol.chat import ChatMessage
from meshconf.protocol.events import Event, PeerChanged, SourcesChanged
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.invite import Code, Link, parse_invite
from meshconf.protocol.membership import sign_member
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import DoorKeys, Want, WrongGuess
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import RoomEvent, StateChanged
from meshconf.protocol.room.history import History
from meshconf.protocol.room.making import found
from meshconf.protocol.room.state import RoomState
from meshconf.protocol.text import clean
from meshconf.rtc.ice import IceConfig
from meshconf.types import PeerId, PeerState, SourceKind

if TYPE_CHECKING:
    import av

log = logging.getLogger("meshconf.conference")

ROAD_FOR = 15.0
"""Seconds for which a newcomer keeps the sealed road to its doorman; by then the mesh stands by itself."""

IN_THE_LOBBY = "You are in the lobby: the host or an admin has to let you in."


class Conference:
    """A meeting that we are in. Use `host` or `join` as an async context manager.

    Args:
        options: what the person asks for.
        identity: who we are.
        invite: what to join by; None starts a meeting.
        known: where the people whom we met are remembered; nowhere if None.
    """

    def __init__(
        self, options: Options, identity: Identity, invite: Code | Link | None, known: KeyStore | None = None
    ) -> None:
        self.identity = identity
        self.options = options
        self._invite = invite
        self._known = known
        self._bulletin = Bulletin()
        self._tasks = Tasks()
        self._ears = Ears(options.speaker, self.notice)
        self._gallery = Gallery(windows=options.windows, on_notice=self.notice)
        self._reception = Reception(options, self.notice)
        self._studio = Studio(
            self.self_id,
            options,
            tell=self._tell,
            on_sound=lambda block: self._ears.meter(self.self_id).feed(block),
            on_picture=self._show_own,
            on_change=self._sources_changed,
        )
        self._over = asyncio.Event()
        self._reason = "left"
        self.missing: list[DeviceError] = []
        """Devices that the options name and that could not be opened."""
        self._driver: Driver
        self._people: People
        self._chair: Chair
        self._admission: Admission
        self._remote_sources: RemoteSources
        self._household: Household
        self._company: Company | None = None
        self._chat: MeetingChat
        self._me = sign_member(identity, clean(options.name or _login(), 64), _now_ms())

    # Starting and joining.

    @classmethod
    def host(cls, *, identity: Identity | None = None, known: KeyStore | None = None, **options: Any) -> Self:
        """A new meeting; keyword arguments as in `meshconf.config.Options`.

        Args:
            identity: who we are; a passing identity if None.
            known: where the people whom we met are remembered; nowhere if None.
            **options: as in `meshconf.config.Options`.
        """
        return cls(Options(**options), identity or _guest(), None, known)

    @classmethod
    def join(
        cls, invite: str, *, identity: Identity | None = None, known: KeyStore | None = None, **options: Any
    ) -> Self:
        """The meeting behind a code or link; the other arguments are those of `host`.

        Raises:
            MalformedInvite: it is neither.
        """
        return cls(Options(**options), identity or _guest(), parse_invite(invite), known)

    async def __aenter__(self) -> Self:
        """Start or join.

        Raises:
            MeshconfError: as `conference.entry.enter` and `Reception.found`; nothing is left running then.
        """
        try:
            await (self._found() if self._invite is None else self._enter(self._invite))
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # What there is to know.

    @property
    def invite(self) -> str:
        """The code in force."""
        return str(self._reception.code or "")

    @property
    def link(self) -> str:
        """The link in force."""
        return str(self._reception.link or "")

    @property
    def self_id(self) -> PeerId:
        """Our own id."""
        return self.identity.peer_id

    @property
    def is_host(self) -> bool:
        """Whether we are the host."""
        return self._chair.room.is_host

    @property
    def room(self) -> RoomState:
        """Roles and rules, as the log of the room has them."""
        return self._chair.state

    def events(self) -> Subscription:
        """What is the case, then what happens; ends with the meeting. Iterate it with `async for`."""
        subscription = self._bulletin.subscribe()
        subscription.stats = self.options.stats
        return subscription

    def answer(self, subscription: Subscription, event: ApiEvent) -> None:
        """Answer one face's command."""
        self._bulletin.answer(subscription, event)

    async def over(self) -> str:
        """Wait for the end; returns the reason: left, ended, removed, interrupted."""
        await self._over.wait()
        return self._reason

    # What one can do.

    async def do(self, command: commands.AnyCommand) -> None:
        """Carry out a command of the control API.

        Raises:
            MeshconfError: it cannot be carried out; the sentence says why.
        """
        match command:
            case commands.Chat(text=text, to=to):
                self.chat(text, to)
            case commands.Source(source=source, on=on, spec=spec):
                await self.switch(source, on=on, spec=spec)
            case commands.Volume(peer=peer, gain_db=gain):
                self._ears.set_gain(self._people.present(peer), gain)
            case commands.Want(peer=peer, source=source, height=height, fps=fps, paused=paused):
                self._driver.send(
                    self._people.present(peer), Want(source=source, height=height, fps=fps, paused=paused)
                )
            case commands.RotateCode():
                await self._household.rotate()
            case commands.Admit(peer=peer):
                await self._admission.admit(peer)
            case commands.Deny(peer=peer):
                self._admission.deny(peer)
            case commands.Verify(peer=peer):
                await self._people.verify(peer)
            case commands.Trust(peer=peer):
                await self._people.trust(peer)
            case commands.Leave():
                self.finish("left")
            case commands.Subscribe():
                pass  # about one face's view, which `control.obey` has
            case _:
                await self._chair.act(act_of(command, self._people.admitted))

    def chat(self, text: str, to: str | None = None) -> None:
        """Write to all, or to one.

        Raises:
            UsageError: there is nothing to send, or that person is not here.
        """
        self._chat.say(text, self._people.present(to) if to is not None else None)

    async def switch(self, source: SourceKind, *, on: bool, spec: str | None = None) -> None:
        """Switch a source of ours on or off; nothing is renegotiated, and off releases the device.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        await self._studio.switch(source, lambda: self.room, on=on, spec=spec)

    def finish(self, reason: str) -> None:
        """The meeting is over for us; `close` does the rest."""
        if not self._over.is_set():
            self._reason = reason
            self._over.set()

    async def close(self) -> None:
        """Leave, and release every device, window, process and socket. May be called twice."""
        self.finish("left")
        inside = hasattr(self, "_driver")
        if inside:
            await self._hand_over()
            self._chair.close()
            await self._people.close()
            await self._household.close()
            await self._admission.close()
        await self._tasks.close()
        await self._studio.close()
        if inside:
            await self._driver.close()
        for feed in self._studio.feeds.values():
            feed.close()
        for part in (self._reception, self._ears, self._gallery):
            try:
                await part.close()
            except (MeshconfError, OSError) as error:
                log.warning("closing %s: %s", type(part).__name__, error)
        self._tell(events.Left(reason=self._reason))

    def notice(self, text: str) -> None:
        """A plain sentence for the person."""
        self._tell(events.Notice(text=text))

    # Beginning.

    async def _found(self) -> None:
        first = found(self.self_id, self.identity.public, clean(self.options.title, 64), self.identity.sign)
        self._drive(History(first, verify), founder=True)
        await self._reception.found()
        self._announce_invite()
        await self._begin()

    async def _enter(self, invite: Code | Link) -> None:
        entrance = await enter(
            invite, self._me.name, self.identity, self.options, on_lobby=lambda: self.notice(IN_THE_LOBBY)
        )
        self._me = entrance.me
        admitted = entrance.admitted
        self._drive(entrance.history, founder=False)
        doorman = PeerId(admitted.by)
        self._driver.add_route(doorman, entrance.road.send)
        others = [member for member in admitted.members if member.peer != self.self_id]
        self._tell(
            events.Joined(
                room=self._chair.room.id,
                self=self.self_id,
                host=self.room.host,
                title=self.room.title,
                name=self._me.name,
                peers=[events.Named(member.peer, clean(member.name, 64)) for member in others],
            )
        )
        self._tasks.spawn(self._walk_in(entrance), "sealed-road")
        named = [PeerId(member.peer) for member in others]
        self._company = Company(doorman, named, name=self._people.name, notice=self.notice)
        self._driver.admit(others, by=doorman)
        await self._begin()

    def _drive(self, history: History, *, founder: bool) -> None:
        options, identity = self.options, self.identity
        room = Room(self.self_id, history, sign=identity.sign, verify=verify, now=time.monotonic())
        mesh = Mesh(self._me, founder=founder, welcomes=room.welcomes)
        self._driver = Driver(
            mesh,
            room,
            identity=identity,
            feeds=self._studio.feeds,
            ice=IceConfig(options.stun, options.turn, options.relay_only, options.loopback),
            application=self,
        )
        self._people = People(identity, mesh, room, self._known, self._tell)
        self._chat = MeetingChat(identity, self._driver, self._people, self._tell)
        name = self._people.name
        self._chair = Chair(room, settle=self._driver.settle, tell=self._tell, name=name, present=mesh.present)
        self._admission = Admission(self._chair, self._tell, self._people.recognised)
        self._remote_sources = RemoteSources(
            self._ears,
            self._gallery,
            allows=lambda peer, medium: room.state.allows(peer, medium),
            tell=self._tell,
            name=name,
        )
        self._household = Household(
            identity,
            self._driver,
            self._admission,
            self._reception,
            announce=self._announce_invite,
            notice=self.notice,
        )
        self._reception.serve(self._household)
        self._chair.announce()

    async def _begin(self) -> None:
        """Open what the options ask for; whatever is missing costs a sentence, not the meeting."""
        lag = LoopLag()
        statistics = Statistics(self._driver, self._ears, self._gallery, self._studio.publishers, lag)
        self._tasks.spawn(lag.run(), "loop-lag")
        self._tasks.spawn(report(self._bulletin, self._ears, statistics), "report")
        wanted = {
            SourceKind.MIC: self.options.mic,
            SourceKind.CAMERA: self.options.camera,
            SourceKind.SCREEN: self.options.screen,
        }
        await asyncio.gather(
            self._start_ears(),
            self._gallery.start(),
            *(self._start_source(kind, spec) for kind, spec in wanted.items() if spec != "none"),
        )

    async def _start_ears(self) -> None:
        try:
            await self._ears.start()
        except DeviceError as error:
            self._tell(event_of(error))
            if self.options.speaker != "default":
                self.missing.append(error)
            await self._ears.silence()

    async def _start_source(self, kind: SourceKind, spec: str) -> None:
        try:
            await self.switch(kind, on=True, spec=spec)
        except Refused as error:
            self._tell(event_of(error))
        except DeviceError as error:
            self._tell(event_of(error))
            if spec != "default":
                self.missing.append(error)

    async def _walk_in(self, entrance: Entrance) -> None:
        """Read signals from the sealed road until the mesh stands."""
        doorman = PeerId(entrance.admitted.by)
        try:
            async with asyncio.timeout(ROAD_FOR):
                async for signal in entrance.road.signals():
                    await self._driver.take_signal(signal, carrier=doorman)
        except (MeshconfError, TimeoutError) as error:
            log.info("the sealed road ends: %s", error)
        finally:
            self._driver.drop_route(doorman, entrance.road.send)
            await entrance.socket.close()

    # The application above the driver.

    def happened(self, event: Event) -> None:
        """Turn what happened in the mesh into events for the faces."""
        if self._company is not None and isinstance(event, PeerChanged):
            self._company.changed(PeerId(event.member.peer), event.state)
        match event:
            case PeerChanged(state=PeerState.CONNECTED):
                pass  # `greeted` tells it, when the path is known
            case PeerChanged(member=member, state=state):
                self._people.changed(member, state)
                if state is PeerState.LEFT:
                    self._remote_sources.left(PeerId(member.peer))
                self._reception.count_people(len(self._driver.mesh.members))
                self._chair.announce()
                self._household.people_changed()
            case SourcesChanged(peer=peer, source=source, on=on):
                self._remote_sources.switched(peer, source, on)

    def decided(self, event: RoomEvent) -> None:
        """Turn what happened in the room into events for the faces, and do what it asks of us."""
        self._chair.decided(event)
        self._admission.decided(event)
        if isinstance(event, StateChanged):
            self._remote_sources.ruled()
            self._studio.ruled(event.after)
            self._household.room_changed(event)
            if event.after.ended:
                self.finish("ended")
            elif self.self_id in event.after.removed:
                self.finish("removed")

    def received(self, peer: PeerId, message: DoorKeys | Want | WrongGuess | ChatMessage) -> None:
        """Messages beside mesh and room."""
        if isinstance(message, DoorKeys | WrongGuess):
            self._household.received(peer, message)
        elif not isinstance(message, Want):
            self._chat.received(peer, message)

    def greeted(self, peer: PeerId) -> None:
        """A link stands, its owner's identity is proved."""
        self._household.greet(peer)
        self._chat.greet(peer)
        member, link = self._driver.mesh.member(peer), self._driver.link(peer)
        if member is not None and link is not None:
            self._people.proved(member, link.path())

    def heard(self, peer: PeerId, source: SourceKind, samples: npt.NDArray[np.int16]) -> None:
        """Sound of a peer."""
        self._remote_sources.heard(peer, source, samples)

    def saw(self, peer: PeerId, source: SourceKind, frame: av.VideoFrame) -> None:
        """A picture of a peer."""
        self._remote_sources.saw(peer, source, frame)

    # Private.

    def _tell(self, event: ApiEvent) -> None:
        self._bulletin.tell(event)

    async def _hand_over(self) -> None:
        """A host that leaves makes the next in line host, so that nobody has to wait for its loss to be noticed."""
        room = self._chair.room
        heir = room.successor()
        if room.is_host and heir is not None and not room.state.ended:
            with contextlib.suppress(MeshconfError):
                await self._chair.act(Act(Deed.TRANSFER, peer=heir))

    def _announce_invite(self) -> None:
        self._tell(
            events.Room(
                room=self._chair.room.id,
                invite=self.invite,
                link=self.link,
                self=self.self_id,
                title=self.room.title,
                name=self._me.name,
            )
        )

    def _show_own(self, kind: SourceKind, frame: av.VideoFrame) -> None:
        self._gallery.show(self.self_id, kind, f"{self._me.name} (you)", frame)

    def _sources_changed(self, on: list[SourceKind]) -> None:
        self._driver.mesh.set_sources(on)
        self._driver.settle()
        for kind in SourceKind:
            if kind not in on:
                self._gallery.forget(self.self_id, kind)


def _now_ms() -> int:
    return int(time.time() * 1000)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _guest() -> Identity:
    return Identity.generate(os.urandom)
