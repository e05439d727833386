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
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt

from meshconf.conference import commands, events
from meshconf.conference.admission import Admission
from meshconf.conference.bulletin import Bulletin, Subscription
from meshconf.conference.chair import Chair
from meshconf.conference.driver import Driver
from meshconf.conference.ears import Ears
from meshconf.conference.entry import Entrance, enter
from meshconf.conference.events import Event as ApiEvent
from meshconf.conference.failure import event_of
from meshconf.conference.floor import MEDIUM, Floor
from meshconf.conference.gallery import Gallery
from meshconf.conference.publisher import Publisher
from meshconf.conference.reception import Reception
from meshconf.conference.sealed import SealedRoad
from meshconf.conference.statistics import LoopLag, Statistics
from meshconf.conference.tasks import Tasks
from meshconf.config import Options
from meshconf.errors import DeviceError, MeshconfError, Refused, UsageError
from meshconf.protocol.events import ChatReceived, Event, PeerChanged, SourcesChanged
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.invite import Code, Link, parse_invite
from meshconf.protocol.membership import sign_member
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import Admitted, DoorKeys, Member, Relay, Signal, TurnedAway, Want, WrongGuess
from meshconf.protocol.room.acts import Act, Deed, Entry
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import RoomEvent, StateChanged
from meshconf.protocol.room.history import History
from meshconf.protocol.room.making import found
from meshconf.protocol.room.state import RoomState
from meshconf.protocol.text import clean
from meshconf.rtc.feed import PacketFeed
from meshconf.rtc.ice import IceConfig
from meshconf.signaling.base import Received
from meshconf.types import PeerId, PeerState, SourceKind

if TYPE_CHECKING:
    import av

log = logging.getLogger("meshconf.conference")

LEVELS_EVERY = 0.2
ROAD_FOR = 15.0
"""Seconds for which a newcomer keeps the sealed road to its doorman; by then the mesh stands by itself."""

IN_THE_LOBBY = "You are in the lobby: the host or an admin has to let you in."

_SCREEN = (1280, 720, 15)
_SCREEN_BPS = 2_000_000


class Conference:
    """A meeting that we are in. Use `host` or `join` as an async context manager."""

    def __init__(self, options: Options, identity: Identity, invite: Code | Link | None) -> None:
        self.identity = identity
        self.options = options
        self._invite = invite
        self._bulletin = Bulletin()
        self._tasks = Tasks()
        self._ears = Ears(options.speaker, self.notice)
        self._gallery = Gallery(windows=options.windows, on_notice=self.notice)
        self._reception = Reception(options, self, self.notice)
        self._feeds = {kind: PacketFeed(kind) for kind in SourceKind}
        self._publishers = {kind: self._publisher(kind) for kind in SourceKind}
        self._over = asyncio.Event()
        self._reason = "left"
        self.missing: list[DeviceError] = []
        """Devices that the options name and that could not be opened."""
        self._driver: Driver
        self._chair: Chair
        self._admission: Admission
        self._floor: Floor
        self._me = sign_member(identity, clean(options.name or _login(), 64), _now_ms())

    # Starting and joining.

    @classmethod
    def host(cls, *, identity: Identity | None = None, **options: Any) -> Self:
        """A new meeting; keyword arguments as in `meshconf.config.Options`."""
        return cls(Options(**options), identity or _guest(), None)

    @classmethod
    def join(cls, invite: str, *, identity: Identity | None = None, **options: Any) -> Self:
        """The meeting behind a code or link.

        Raises:
            MalformedInvite: it is neither.
        """
        return cls(Options(**options), identity or _guest(), parse_invite(invite))

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
                self._ears.set_gain(self._known(peer), gain)
            case commands.Want(peer=peer, source=source, height=height, fps=fps, paused=paused):
                self._driver.send(self._known(peer), Want(source=source, height=height, fps=fps, paused=paused))
            case commands.RotateCode():
                await self._rotate()
            case commands.Admit(peer=peer):
                await self._admission.admit(peer)
            case commands.Deny(peer=peer):
                self._admission.deny(peer)
            case commands.Leave():
                self.finish("left")
            case commands.Subscribe():
                pass
            case _:
                await self._chair.act(self._act_of(command))

    def chat(self, text: str, to: str | None = None) -> None:
        """Write to all, or to one."""
        peer = self._known(to) if to is not None else None
        text = clean(text, 4000, lines=True)
        if not text:
            raise UsageError("there is nothing to send")
        if not self._driver.mesh.say(text, peer):
            raise UsageError("that person cannot be reached at the moment")
        self._driver.settle()
        self._tell(events.Chat(peer=self.self_id, name=self._me.name, text=text, to=peer))

    async def switch(self, source: SourceKind, *, on: bool, spec: str | None = None) -> None:
        """Switch a source of ours on or off; nothing is renegotiated, and off releases the device.

        Raises:
            DeviceError: the device is missing or refuses.
        """
        publisher = self._publishers[source]
        if on:
            self._must_be_allowed(source)
            chosen = spec or (publisher.spec if publisher.spec != "none" else "default")
            await publisher.start(chosen)
        else:
            await publisher.stop()
        self._source_switched(source)

    def finish(self, reason: str) -> None:
        """The meeting is over for us; `close` does the rest."""
        if not self._over.is_set():
            self._reason = reason
            self._over.set()

    async def close(self) -> None:
        """Leave, and release every device, window, process and socket. May be called twice."""
        self.finish("left")
        if hasattr(self, "_driver"):
            await self._hand_over()
            self._chair.close()
        await self._tasks.close()
        await asyncio.gather(*(publisher.stop() for publisher in self._publishers.values()), return_exceptions=True)
        if hasattr(self, "_driver"):
            await self._driver.close()
        for feed in self._feeds.values():
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
        self._driver.admit(others, by=doorman)
        await self._begin()

    def _drive(self, history: History, *, founder: bool) -> None:
        options, identity = self.options, self.identity
        room = Room(self.self_id, history, sign=identity.sign, verify=verify, now=time.monotonic())
        self._driver = Driver(
            Mesh(self._me, founder=founder, welcomes=room.welcomes),
            room,
            identity=identity,
            feeds=self._feeds,
            ice=IceConfig(options.stun, options.turn, options.relay_only, options.loopback),
            application=self,
        )
        self._chair = Chair(
            room, settle=self._driver.settle, tell=self._tell, name=self._name, present=self._driver.mesh.present
        )
        self._admission = Admission(self._chair, self._tell)
        self._floor = Floor(
            self._ears,
            self._gallery,
            allows=lambda peer, medium: room.state.allows(peer, medium),
            tell=self._tell,
            name=self._name,
        )
        self._chair.announce()

    async def _begin(self) -> None:
        """Open what the options ask for; whatever is missing costs a sentence, not the meeting."""
        self._lag = LoopLag()
        self._tasks.spawn(self._lag.run(), "loop-lag")
        self._tasks.spawn(self._report(), "report")
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
            self._device_missing(error)
            if self.options.speaker != "default":
                self.missing.append(error)
            await self._ears.silence()

    async def _start_source(self, kind: SourceKind, spec: str) -> None:
        try:
            await self.switch(kind, on=True, spec=spec)
        except Refused as error:
            self._tell(event_of(error))
        except DeviceError as error:
            self._device_missing(error)
            if spec != "default":
                self.missing.append(error)

    def _device_missing(self, error: DeviceError) -> None:
        self._tell(event_of(error))

    async def _walk_in(self, entrance: Entrance) -> None:
        """Read signals from the sealed road until the mesh stands."""
        doorman = PeerId(entrance.admitted.by)
        try:
            async with asyncio.timeout(ROAD_FOR):
                while True:
                    news = await entrance.socket.receive()
                    if isinstance(news, Received) and news.sender == entrance.road.other:
                        match entrance.road.open(news.box):
                            case Signal() as signal:
                                await self._driver.take_signal(signal, carrier=doorman)
                            case Relay(signal=signal):
                                await self._driver.take_signal(signal, carrier=doorman)
        except (MeshconfError, TimeoutError) as error:
            log.info("the sealed road ends: %s", error)
        finally:
            self._driver.drop_route(doorman, entrance.road.send)
            await entrance.socket.close()

    # The house behind the doors.

    def invites(self) -> Sequence[Code | Link]:
        """The invites in force."""
        return self._reception.invites()

    def wrong_guess(self) -> None:
        """Somebody tried a wrong code at one of our doors: the host counts, others tell the host."""
        if not self.is_host:
            self._driver.send(self.room.host, WrongGuess())
            return
        now = time.monotonic()
        rotate = self._reception.wrong_guess(now=now)
        self.notice(f"somebody tried a wrong code ({self._reception.guesses} in the last hour)")
        if rotate:
            self.notice("too many wrong codes: the code has changed")
            self._tasks.spawn(self._rotate(link=False), "rotate")

    def seat(self, peer: PeerId) -> int:
        """The moment of joining that a newcomer gets: by our clock, and after any earlier visit of the same person."""
        return self._driver.mesh.seat(peer, now_ms=_now_ms())

    def log(self) -> list[Entry]:
        """The room's log, for a newcomer."""
        room = self._chair.room
        return room.history.after(room.head, [])

    async def admit(
        self, member: Member, road: SealedRoad, ask_to_wait: Callable[[], Awaitable[None]]
    ) -> Admitted | TurnedAway:
        """Decide on a newcomer who knows the code."""
        mesh = self._driver.mesh
        refusal = await self._admission.decide(member, present=len(mesh.connected()) + 1, ask_to_wait=ask_to_wait)
        if refusal is not None:
            return refusal
        self._driver.add_route(PeerId(member.peer), road.send)
        self._driver.admit([member])
        return Admitted(by=self.self_id, members=mesh.members)

    async def signal(self, signal: Signal, carrier: PeerId) -> None:
        """A newcomer's signal."""
        await self._driver.take_signal(signal, carrier=carrier)

    def departed(self, peer: PeerId, road: SealedRoad) -> None:
        """The sealed road to a newcomer is gone."""
        self._driver.drop_route(peer, road.send)

    # The application above the driver.

    def happened(self, event: Event) -> None:
        """Turn what happened in the mesh into events for the faces."""
        match event:
            case PeerChanged(member=member, state=state):
                self._peer_changed(PeerId(member.peer), member, state)
            case SourcesChanged(peer=peer, source=source, on=on):
                self._floor.switched(peer, source, on)
            case ChatReceived(peer=peer, text=text, private=private):
                shown = clean(text, 4000, lines=True)
                to = self.self_id if private else None
                if shown:
                    self._tell(events.Chat(peer=peer, name=self._name(peer), text=shown, to=to))

    def decided(self, event: RoomEvent) -> None:
        """Turn what happened in the room into events for the faces, and do what it asks of us."""
        self._chair.decided(event)
        self._admission.decided(event)
        if isinstance(event, StateChanged):
            self._room_changed(event)

    def received(self, peer: PeerId, message: DoorKeys | Want | WrongGuess) -> None:
        """Messages beside the mesh."""
        match message:
            case DoorKeys():
                if peer == self.room.host:
                    self._tasks.spawn(self._take_keys(message), "door-keys")
            case WrongGuess() if self.is_host:
                self.wrong_guess()
            case WrongGuess() | Want():
                pass

    def greeted(self, peer: PeerId) -> None:
        """A link stands: whoever opens doors shares the keys with the newcomer."""
        keys = self._reception.keys()
        if keys is not None and self.is_host:
            self._driver.send(peer, keys)
        member = self._driver.mesh.member(peer)
        if member is not None:
            self._tell_peer(peer, member, PeerState.CONNECTED)

    def heard(self, peer: PeerId, source: SourceKind, samples: npt.NDArray[np.int16]) -> None:
        """Sound of a peer."""
        self._floor.heard(peer, source, samples)

    def saw(self, peer: PeerId, source: SourceKind, frame: av.VideoFrame) -> None:
        """A picture of a peer."""
        self._floor.saw(peer, source, frame)

    # Private.

    def _tell(self, event: ApiEvent) -> None:
        self._bulletin.tell(event)

    def _tell_peer(self, peer: PeerId, member: Member, state: PeerState) -> None:
        link = self._driver.link(peer)
        path = link.path() if link is not None and state is PeerState.CONNECTED else None
        self._tell(events.Peer(peer=peer, name=clean(member.name, 64), state=state, path=path))

    def _peer_changed(self, peer: PeerId, member: Member, state: PeerState) -> None:
        if state is PeerState.CONNECTED:
            return  # `greeted` tells it, when the path is known
        self._tell_peer(peer, member, state)
        if state is PeerState.LEFT:
            self._floor.left(peer)
        self._people_changed()

    def _people_changed(self) -> None:
        self._reception.count_people(len(self._driver.mesh.members))
        self._chair.announce()

    def _room_changed(self, event: StateChanged) -> None:
        """The log went on: whoever we are, we live by it."""
        state = event.after
        if state.ended:
            self.finish("ended")
        elif self.self_id in state.removed:
            self.finish("removed")
        self._floor.ruled()
        for kind, publisher in self._publishers.items():
            if publisher.on and not state.allows(self.self_id, MEDIUM[kind]):
                self._tasks.spawn(self._stop_forbidden(kind), f"forbidden-{kind}")
        if self.is_host and self._reception.version:
            if event.before.host != self.self_id:
                self._tasks.spawn(self._reception.open_far(), "open-far")
            if state.removed > event.before.removed:
                self._tasks.spawn(self._rotate(), "rotate")

    async def _stop_forbidden(self, kind: SourceKind) -> None:
        await self._publishers[kind].stop()
        self._source_switched(kind, "forbidden")

    def _must_be_allowed(self, source: SourceKind) -> None:
        if not self.room.allows(self.self_id, MEDIUM[source]):
            raise Refused(f"The host or an admin has forbidden {MEDIUM[source]} here.", reason="forbidden")

    def _act_of(self, command: commands.RoomCommand) -> Act:
        """The act behind a command of the room."""
        deed = _DEEDS[type(command)]
        kind = command.kind if isinstance(command, commands.Forbid | commands.Permit) else None
        who = getattr(command, "peer", None)
        if who is None:
            return Act(deed, kind=kind)
        return Act(deed, peer=self._person(who), kind=kind)

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

    async def _take_keys(self, keys: DoorKeys) -> None:
        try:
            fresh = await self._reception.take_keys(keys, host=self.is_host)
        except MeshconfError as error:
            log.warning("the host's new invite cannot be used: %s", error)
            return
        if fresh:
            self._announce_invite()

    async def _rotate(self, *, link: bool = True) -> None:
        if not self.is_host:
            raise Refused("only the host can change the code", reason="not-host")
        await self._reception.rotate(link=link)
        self._announce_invite()
        if (keys := self._reception.keys()) is not None:
            self._driver.broadcast(keys)

    async def _report(self) -> None:
        """Levels five times a second and statistics once, while somebody wants them."""
        statistics = Statistics(self._driver, self._ears, self._gallery, self._publishers, self._lag)
        next_stats = time.monotonic() + 1.0
        while True:
            await asyncio.sleep(LEVELS_EVERY)
            if self._bulletin.levels_wanted:
                levels = {str(peer): events.Level(*meter.read()) for peer, meter in self._ears.meters().items()}
                self._tell(events.Levels(levels=levels))
            if time.monotonic() >= next_stats:
                next_stats += 1.0
                if self._bulletin.stats_wanted:
                    self._tell(await statistics.take())

    def _publisher(self, kind: SourceKind) -> Publisher:
        screen = kind in (SourceKind.SCREEN, SourceKind.MEDIA)
        return Publisher(
            kind,
            self._feeds[kind],
            seed=self.options.name,
            size=_SCREEN if screen else self.options.camera_size,
            bitrate_bps=_SCREEN_BPS if screen else self.options.camera_bps,
            on_sound=self._own_sound,
            on_picture=lambda frame: self._gallery.show(self.self_id, kind, f"{self._me.name} (you)", frame),
            on_lost=self._source_lost,
        )

    def _own_sound(self, block: npt.NDArray[np.int16]) -> None:
        self._ears.meter(self.self_id).feed(block)

    def _source_lost(self, kind: SourceKind, sentence: str) -> None:
        self._tell(events.Error(code="device", message=sentence))
        self._source_switched(kind)

    def _source_switched(self, kind: SourceKind, off: Literal["off", "forbidden"] = "off") -> None:
        on = [source for source, publisher in self._publishers.items() if publisher.on]
        self._driver.mesh.set_sources(on)
        self._driver.settle()
        if kind not in on:
            self._gallery.forget(self.self_id, kind)
        self._tell(events.Source(peer=self.self_id, source=kind, state="on" if kind in on else off))

    def _name(self, peer: str) -> str:
        """What to call somebody: by the roster, or as the log has it, or at the worst by id."""
        if peer == self.self_id:
            return self._me.name
        if (member := self._driver.mesh.member(PeerId(peer))) is not None:
            return clean(member.name, 64)
        person = self.room.people.get(PeerId(peer))
        return (clean(person.name, 64) if person else "") or peer

    def _person(self, who: str) -> PeerId:
        """Somebody in the room, here or not: by id, or by a name that only one has here."""
        return PeerId(who) if who in self.room.people else self._known(who)

    def _known(self, peer: str) -> PeerId:
        """A peer by id, or by a name that only one has."""
        others = [member for member in self._driver.mesh.members if member.peer != self.self_id]
        found = [m for m in others if m.peer == peer] or [m for m in others if m.name.casefold() == peer.casefold()]
        if len(found) != 1:
            raise UsageError(f"nobody here is {peer!r}" if not found else f"several people are called {peer!r}")
        return PeerId(found[0].peer)


_DEEDS: dict[type[commands.Command], Deed] = {
    commands.TransferHost: Deed.TRANSFER,
    commands.Appoint: Deed.APPOINT,
    commands.Dismiss: Deed.DISMISS,
    commands.Remove: Deed.REMOVE,
    commands.Forbid: Deed.FORBID,
    commands.Permit: Deed.PERMIT,
    commands.Lock: Deed.LOCK,
    commands.Unlock: Deed.UNLOCK,
    commands.LobbyOn: Deed.LOBBY_ON,
    commands.LobbyOff: Deed.LOBBY_OFF,
    commands.HistoryOn: Deed.HISTORY_ON,
    commands.HistoryOff: Deed.HISTORY_OFF,
    commands.End: Deed.END,
}


def _now_ms() -> int:
    return int(time.time() * 1000)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _guest() -> Identity:
    return Identity.generate(os.urandom)
