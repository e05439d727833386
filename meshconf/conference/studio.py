"""Our own sources: switched on and off, as far as the room lets us, and what the others are told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from meshconf.conference import events
from meshconf.conference.events import Event
from meshconf.conference.media_words import WORDS
from meshconf.conference.publishing.pictures import CODECS, Mirror, PicturePublisher
from meshconf.conference.publishing.publisher import AnyPublisher
from meshconf.conference.publishing.screen import ScreenPublisher
from meshconf.conference.publishing.sound import Cleaner, OpenSource, SoundPublisher
from meshconf.conference.screen_commands import Freeze, ScreenCommand
from meshconf.conference.tasks import Tasks
from meshconf.config import Options
from meshconf.errors import DeviceError, Refused, UsageError
from meshconf.media.samples import Samples
from meshconf.protocol.room.state import RoomState
from meshconf.rtc.feed import Feed
from meshconf.types import PeerId, SourceKind

_SCREEN = (1280, 720, 15)
"""Width, height and pictures a second of what is shared in a screen's place: a file, a stream, the test picture."""

Shown = TypeVar("Shown", bound=PicturePublisher)


class Studio:
    """What we send.

    Args:
        own: our id.
        options: which devices, how large a picture.
        tell: takes events for the faces.
        on_sound: our own sound, for the level meter.
        mirror: lets us see our own pictures.
        on_change: called with the sources that are on, whenever they are others than before.
        open_microphone: opens our microphone; as any other sound if None.
        cleaner: cleans what it gives.
    """

    def __init__(
        self,
        own: PeerId,
        options: Options,
        *,
        tell: Callable[[Event], None],
        on_sound: Callable[[Samples], None],
        mirror: Mirror,
        on_change: Callable[[list[SourceKind]], None],
        open_microphone: OpenSource | None = None,
        cleaner: Cleaner | None = None,
    ) -> None:
        self._own = own
        self._options = options
        self._tell = tell
        self._on_change = on_change
        self._tasks = Tasks()
        self.feeds = {kind: Feed(kind) for kind in SourceKind}
        self.sounds: Mapping[SourceKind, SoundPublisher] = {
            SourceKind.MIC: self._heard(
                SourceKind.MIC, on_sound, music=options.music, open_source=open_microphone, cleaner=cleaner
            ),
            SourceKind.MEDIA: self._heard(SourceKind.MEDIA, on_sound, music=True),
        }
        self.screen = self._shown(ScreenPublisher, SourceKind.SCREEN, _SCREEN, mirror)
        self.pictures: Mapping[SourceKind, PicturePublisher] = {
            SourceKind.CAMERA: self._shown(PicturePublisher, SourceKind.CAMERA, options.camera_size, mirror),
            SourceKind.SCREEN: self.screen,
        }
        everything: dict[SourceKind, AnyPublisher] = {**self.sounds, **self.pictures}
        self.publishers: Mapping[SourceKind, AnyPublisher] = {kind: everything[kind] for kind in SourceKind}

    async def switch(
        self, source: SourceKind, room: Callable[[], RoomState], *, on: bool, spec: str | None = None
    ) -> None:
        """Switch a source on or off as the room allows; nothing is renegotiated, and off releases the device.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        publisher = self.publishers[source]
        if on:
            self.require(source, room())
            was_on = publisher.on
            try:
                await publisher.start(spec or (publisher.spec if publisher.spec != "none" else "default"))
            except DeviceError:
                if was_on:  # what ran before has been closed
                    self.announce(source)
                raise
            if not room().allows(self._own, source.medium):  # forbidden while the device opened
                await publisher.stop()
                self.announce(source, "forbidden")
            self.require(source, room())
        else:
            await publisher.stop()
        self.announce(source)

    def cover(self, command: ScreenCommand) -> None:
        """Freeze or blank what others see of our screen, or show it again.

        Raises:
            UsageError: no screen is shared.
        """
        if not self.screen.on:
            raise UsageError("Your screen is not shared.")
        cast = self.screen.cast
        if isinstance(command, Freeze):
            cast.freeze(not cast.frozen if command.on is None else command.on)
        else:
            cast.blank(not cast.blanked if command.on is None else command.on)
        self.announce(SourceKind.SCREEN)

    def ruled(self, room: RoomState) -> None:
        """The room's rules changed: what they forbid stops."""
        for kind, publisher in self.publishers.items():
            if publisher.on and not room.allows(self._own, kind.medium):
                self._tasks.spawn(self._stop(kind), f"forbidden-{kind}")

    async def close(self) -> None:
        """Release every device."""
        await self._tasks.close()
        await asyncio.gather(*(publisher.stop() for publisher in self.publishers.values()), return_exceptions=True)

    def require(self, source: SourceKind, room: RoomState) -> None:
        """See that the room lets us send that.

        Raises:
            Refused: it does not.
        """
        if not room.allows(self._own, source.medium):
            raise Refused(f"Host or admin have forbidden {WORDS[source.medium].many} here.", reason="forbidden")

    async def _stop(self, kind: SourceKind) -> None:
        await self.publishers[kind].stop()
        self.announce(kind, "forbidden")

    def announce(self, kind: SourceKind, off: Literal["off", "forbidden"] = "off") -> None:
        """Tell everybody whether they get this source now; one that is muted is off to them."""
        on = [source for source, publisher in self.publishers.items() if publisher.on_air]
        self._on_change(on)
        showing = self.screen.cast.showing if kind is SourceKind.SCREEN and kind in on else None
        self._tell(events.Source(peer=self._own, source=kind, state="on" if kind in on else off, showing=showing))

    def _lost(self, kind: SourceKind, sentence: str) -> None:
        self._tell(events.Error(code="device", message=sentence))
        self.announce(kind)

    def _heard(
        self,
        kind: SourceKind,
        on_sound: Callable[[Samples], None],
        *,
        music: bool,
        open_source: OpenSource | None = None,
        cleaner: Cleaner | None = None,
    ) -> SoundPublisher:
        return SoundPublisher(
            kind,
            self.feeds[kind],
            seed=self._options.name,
            music=music,
            on_sound=on_sound,
            on_lost=self._lost,
            open_source=open_source,
            cleaner=cleaner,
        )

    def _shown(self, publisher: type[Shown], kind: SourceKind, size: tuple[int, int, int], mirror: Mirror) -> Shown:
        return publisher(
            kind,
            self.feeds[kind],
            seed=self._options.name,
            size=size,
            codecs=CODECS if self._options.codec == "auto" else (self._options.codec,),
            mirror=mirror,
            on_lost=self._lost,
        )
