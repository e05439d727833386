"""One meeting without a face: the facade over the meeting and the devices; the public Python API.

    async with Conference.host(title="stand-up", camera="test") as meeting:
        print(meeting.invite)
        async for event in meeting.events():
            ...

Everything that a face can do is a command (`do`) or a method here. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import time
from types import TracebackType
from typing import Any, Self

from meshconf.conference import commands, events
from meshconf.conference.bulletin import Bulletin, Subscription
from meshconf.conference.chair import act_of
from meshconf.conference.closing import close_all
from meshconf.conference.ears import Ears
from meshconf.conference.entry import enter
from meshconf.conference.events import Event
from meshconf.conference.face_commands import FaceCommand
from meshconf.conference.failure import event_of, sentence_in_meeting
from meshconf.conference.gallery import Gallery
from meshconf.conference.keystore import KeyStore
from meshconf.conference.meeting import Equipment, Meeting
from meshconf.conference.own_view import OwnView
from meshconf.conference.reception import Reception
from meshconf.conference.remote_control.commands import ControlCommand
from meshconf.conference.screen_commands import ScreenCommand
from meshconf.conference.sound_commands import SoundCommand
from meshconf.conference.sound_desk import SoundDesk
from meshconf.conference.statistics import LoopLag, Statistics, report
from meshconf.conference.studio import Studio
from meshconf.conference.talk.commands import TalkCommand
from meshconf.conference.talk.desk import TalkDesk
from meshconf.conference.talk.preferences import PreferenceFile
from meshconf.conference.tasks import Tasks
from meshconf.conference.viewing import PICTURES
from meshconf.conference.voice_cleaner import VoiceCleaner
from meshconf.config import Options
from meshconf.errors import DeviceError, LocalProtocolError, Refused, UsageError
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.invite import Code, Link, parse_invite
from meshconf.protocol.membership import sign_member
from meshconf.protocol.messages import Member, Want
from meshconf.protocol.room.history import History
from meshconf.protocol.room.making import found
from meshconf.protocol.room.state import RoomState
from meshconf.protocol.text import clean
from meshconf.types import Ending, PeerId, SourceKind

log = logging.getLogger("meshconf.conference")

IN_THE_LOBBY = events.Notice(text="You are in the lobby: the host or an admin has to let you in.", code="in-the-lobby")


class Conference:
    """A meeting that we are in. Use `host` or `join` as an async context manager.

    Args:
        options: what the person asks for.
        identity: who we are.
        invite: what to join by; None starts a meeting.
        known: where the people whom we met are remembered; nowhere if None.
        kept: where choices about sound are remembered; nowhere if None.
    """

    def __init__(
        self,
        options: Options,
        identity: Identity,
        invite: Code | Link | None,
        known: KeyStore | None = None,
        kept: PreferenceFile | None = None,
    ) -> None:
        self.identity = identity
        self.options = options
        self._invite = invite
        self._me = sign_member(identity, clean(options.name or _login(), 64), _now_ms())
        self._bulletin = Bulletin()
        self._tasks = Tasks()
        self._sound = SoundDesk(
            options.name, lambda: self._studio.sounds[SourceKind.MIC], tell=self._tell, notice=self.notice
        )
        self._ears = Ears(options.speaker, self._sound.open_sink)
        self._gallery = Gallery(
            windows=options.windows,
            unseen=options.unseen_pictures,
            viewed=self._bulletin.viewed,
            on_bus=lambda peer, source, bus: self._tell(events.Picture(peer=peer, source=source, bus=bus)),
            on_windows=lambda shown: self._tell(events.Windows(open=shown)),
            on_notice=self.notice,
        )
        self._reception = Reception(options, self.notice)
        self._cleaner = VoiceCleaner(
            self._ears.played, lambda error: self.notice(sentence_in_meeting(error)), on=not options.raw_mic
        )
        self._studio = Studio(
            self.self_id,
            options,
            tell=self._tell,
            on_sound=lambda block: self._ears.meter(self.self_id).feed(block),
            mirror=OwnView(self._gallery, self.self_id, lambda: self._me.name),
            on_change=self._sources_changed,
            open_microphone=self._sound.open_source,
            cleaner=self._cleaner,
        )
        self._talk = TalkDesk(options, self._studio, self._ears, kept, room=lambda: self.room, tell=self._tell)
        self._equipment = Equipment(
            options=options,
            known=known,
            ears=self._ears,
            gallery=self._gallery,
            studio=self._studio,
            reception=self._reception,
        )
        self._over = asyncio.Event()
        self._reason = Ending.LEFT
        self.missing: list[DeviceError] = []
        """Devices that the options name and that could not be opened."""
        self._inside: Meeting | None = None

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
        return self._meeting.room.is_host

    @property
    def room(self) -> RoomState:
        """Roles and rules, as the log of the room has them."""
        return self._meeting.room.state

    def events(self) -> Subscription:
        """What is the case, then what happens; ends with the meeting. Iterate it with `async for`."""
        subscription = self._bulletin.subscribe()
        subscription.stats = self.options.stats
        return subscription

    def answer(self, subscription: Subscription, event: Event) -> None:
        """Answer one face's command."""
        self._bulletin.answer(subscription, event)

    async def over(self) -> Ending:
        """Wait for the end; returns the reason."""
        await self._over.wait()
        return self._reason

    # What one can do.

    async def do(self, command: commands.AnyCommand) -> None:
        """Carry out a command of the control API.

        Raises:
            MeshconfError: it cannot be carried out; the sentence says why.
        """
        if isinstance(command, TalkCommand):
            await self._talk.do(command, self._meeting.people, self._meeting.signs)
        elif isinstance(command, SoundCommand):
            await self._sound.do(command)
        elif isinstance(command, ScreenCommand):
            self._studio.cover(command)
        elif isinstance(command, ControlCommand):
            await self._meeting.control.do(command)
        elif isinstance(command, commands.RoomCommand):
            await self._meeting.chair.act(act_of(command, self._meeting.people.admitted))
        elif isinstance(command, commands.PeopleCommand):
            await self._meeting.do(command)
        elif isinstance(command, FaceCommand):
            raise UsageError("Only an attached face has views and news of its own; for all there are want and --stats.")
        else:
            await self._do_own(command)

    def views_changed(self) -> None:
        """A face shows something else than before."""
        self._meeting.pictures.turn()

    def chat(self, text: str, to: str | None = None) -> None:
        """Write to all, or to one.

        Raises:
            UsageError: there is nothing to send, or that person is not here.
        """
        self._meeting.chat.say(text, self._meeting.people.present(to) if to is not None else None)

    async def switch(self, source: SourceKind, *, on: bool, spec: str | None = None) -> None:
        """Switch a source of ours on or off; nothing is renegotiated, and off releases the device.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        if source.is_audio:
            await self._talk.switch(source, on=on, spec=spec)
        else:
            await self._studio.switch(source, lambda: self.room, on=on, spec=spec)

    def finish(self, reason: str) -> None:
        """The meeting is over for us; `close` does the rest.

        Raises:
            ValueError: the reason is no `Ending`.
        """
        if not self._over.is_set():
            self._reason = Ending(reason)
            self._over.set()

    async def close(self) -> None:
        """Leave, and release every device, window, process and socket. May be called twice."""
        self.finish(Ending.LEFT)
        closings = [self._tasks.close, self._talk.close, self._sound.close, self._studio.close]
        if self._inside is not None:
            closings = [self._inside.leave, *closings, self._inside.close]
        try:
            # Whatever one of them fails at, the camera's light goes out.
            await close_all(*closings, self._reception.close, self._ears.close, self._gallery.close)
        finally:
            self._tell(events.Left(reason=self._reason))

    def notice(self, text: str) -> None:
        """A plain sentence for the person."""
        self._tell(events.Notice(text=text))

    # Beginning.

    async def _found(self) -> None:
        first = found(self.self_id, self.identity.public, clean(self.options.title, 64), self.identity.sign)
        meeting = self._go_in(self._me, History(first, verify), founder=True)
        await self._reception.found()
        meeting.announce_invite()
        meeting.chair.announce()
        await self._begin(meeting)

    async def _enter(self, invite: Code | Link) -> None:
        self._gallery.prepare()
        entrance = await enter(
            invite, self._me.name, self.identity, self.options, on_lobby=lambda: self._tell(IN_THE_LOBBY)
        )
        meeting = self._go_in(entrance.me, entrance.history, founder=False)
        meeting.walk_in(entrance)
        await self._begin(meeting)

    def _go_in(self, member: Member, history: History, *, founder: bool) -> Meeting:
        self._inside = Meeting(
            self.identity,
            member,
            history,
            self._equipment,
            founder=founder,
            tell=self._tell,
            finish=self.finish,
        )
        return self._inside

    async def _begin(self, meeting: Meeting) -> None:
        """Open what the options ask for; whatever is missing costs a sentence, not the meeting."""
        lag = LoopLag(meeting.pictures.lagged)
        statistics = Statistics(meeting.driver, self._ears, self._gallery, self._studio.publishers, lag)
        self._talk.begin()
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
        self._sound.changed()

    async def _start_source(self, kind: SourceKind, spec: str) -> None:
        try:
            if kind is SourceKind.MIC:
                await self._talk.microphone.begin(spec)
            else:
                await self.switch(kind, on=True, spec=spec)
        except Refused as error:
            self._tell(event_of(error))
        except DeviceError as error:
            self._tell(event_of(error))
            if spec != "default":
                self.missing.append(error)

    # Private.

    async def _do_own(self, command: commands.OwnCommand) -> None:
        match command:
            case commands.Chat(text=text, to=to):
                self.chat(text, to)
            case commands.Source(source=source, on=on, spec=spec):
                await self.switch(source, on=on, spec=spec)
            case commands.Want(peer=peer, source=source, height=height, fps=fps, paused=paused):
                want = Want(source=source, height=height, fps=fps, paused=paused)
                self._meeting.pictures.ask(self._meeting.people.present(peer), want)
            case commands.Arrange(layout=layout):
                if not self._gallery.arrange(layout):
                    raise UsageError("There are no windows on this machine.")
            case commands.RotateCode():
                await self._meeting.household.rotate()
            case commands.CleanMic(on=on):
                self._cleaner.on = on
            case commands.Typing():
                self._cleaner.typing()
            case commands.Leave():
                self.finish(Ending.LEFT)

    @property
    def _meeting(self) -> Meeting:
        if self._inside is None:
            raise LocalProtocolError("The meeting has not begun; use `async with`.")
        return self._inside

    def _tell(self, event: Event) -> None:
        self._bulletin.tell(event)
        self._talk.told(event)

    def _sources_changed(self, on: list[SourceKind]) -> None:
        if self._inside is not None:
            self._inside.set_sources(on)
            self._talk.sources_changed()
            self._sound.changed()
        for kind in PICTURES:
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
