"""What we play to everybody: a file or stream as the `media` source, with the keys of a player and its position.

Whoever plays it hears it as well, from the own speaker. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from meshconf.conference.events import Event
from meshconf.conference.studio import Studio
from meshconf.conference.talk import events
from meshconf.conference.tasks import Tasks
from meshconf.devices.base import AudioSource
from meshconf.devices.open import is_place, open_audio_source
from meshconf.devices.player import Player
from meshconf.errors import UsageError
from meshconf.media.cushion import Cushion
from meshconf.protocol.room.state import RoomState
from meshconf.types import SourceKind

TELL_EVERY = 1.0
"""Seconds between two tellings of the position."""

_FROM_THE_BEGINNING = (0.0, True)
"""Position and whether to repeat, of what is switched on as a source."""


class Playback:
    """The player of the person at this machine.

    Args:
        studio: our sources.
        own: the way to our own speaker.
        room: the rules as they are.
        tell: takes events for the faces.
    """

    def __init__(
        self, studio: Studio, own: Cushion, *, room: Callable[[], RoomState], tell: Callable[[Event], None]
    ) -> None:
        self._studio = studio
        self._publisher = studio.sounds[SourceKind.MEDIA]
        self._publisher.open_source = self._open
        self._publisher.on_sound = self._sent
        self._own = own
        self._room = room
        self._tell = tell
        self._tasks = Tasks()
        self._player: Player | None = None
        self._begin = _FROM_THE_BEGINNING
        """Where the next one begins, and whether it is repeated."""
        self._told: events.Playback | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changing = asyncio.Lock()  # where a file begins belongs to one start

    @property
    def plays_a_file(self) -> bool:
        """Whether it is a file or stream that goes out as `media`, not the sound of this machine."""
        return self._player is not None and self._publisher.on

    async def play(self, place: str, *, at_s: float = 0.0, repeat: bool = False) -> None:
        """Play a file or stream, instead of what plays.

        Raises:
            UsageError: that is neither.
            Refused: the room forbids it.
            DeviceError: it is missing or cannot be read.
        """
        if not is_place(place):
            raise UsageError("A file is played as file:PATH, a stream by its address.")
        await self._switch(on=True, spec=place, begin=(at_s, repeat))

    async def switch(self, *, on: bool, spec: str | None = None) -> None:
        """Switch the source on or off, whatever it is; a file that begins so is repeated for ever.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        await self._switch(on=on, spec=spec, begin=_FROM_THE_BEGINNING)

    def pause(self) -> None:
        """Hold.

        Raises:
            UsageError: nothing plays.
        """
        self._playing().pause()
        self._tell_state()

    def resume(self) -> None:
        """Play on; raises as `pause`."""
        self._playing().resume()
        self._tell_state()

    async def stop(self) -> None:
        """Play no more."""
        if self.plays_a_file:
            await self.switch(on=False)

    def seek(self, to_s: float | None, by_s: float) -> None:
        """Go to a position, or so many seconds on.

        Raises:
            UsageError: nothing plays, or it is a live stream.
        """
        player = self._playing()
        player.seek(player.position_s + by_s if to_s is None else to_s)
        self._tell_state()

    def changed(self) -> None:
        """The source may be off by now, for whatever reason: tell it if so."""
        told = self._told
        if told is not None and told.state != "stopped" and not self.plays_a_file:
            self._told = events.Playback(state="stopped", place=told.place, duration_s=told.duration_s)
            self._tell(self._told)

    async def close(self) -> None:
        """Tell nothing any more."""
        await self._tasks.close()

    # Private.

    async def _switch(self, *, on: bool, spec: str | None, begin: tuple[float, bool]) -> None:
        async with self._changing:
            self._loop, self._begin = asyncio.get_running_loop(), begin
            try:
                await self._studio.switch(SourceKind.MEDIA, self._room, on=on, spec=spec)
            finally:
                self._begin = _FROM_THE_BEGINNING
                self.changed()
            if on and self._player is not None:
                self._tell_state()
                self._tasks.spawn(self._follow(self._player), "position")

    def _playing(self) -> Player:
        if self._player is None or not self._publisher.on:
            raise UsageError("Nothing is being played.")
        return self._player

    def _open(self, spec: str) -> AudioSource:
        """In a thread."""
        self._player = None
        if not is_place(spec):
            return open_audio_source(spec, seed=self._publisher.seed, channels=2)
        at_s, repeat = self._begin
        self._player = Player(spec, at_s=at_s, repeat=repeat, on_end=self._ended)
        return self._player

    def _sent(self, block: npt.NDArray[np.int16]) -> None:
        """A block goes out. What this machine plays anyway is heard anyway; a file is not."""
        if self.plays_a_file:
            self._own.put(block)

    def _ended(self) -> None:
        """In the player's thread: it is over, which is no failure."""
        assert self._loop is not None, "it is opened from there"
        with contextlib.suppress(RuntimeError):  # the loop closed meanwhile, and with it all that plays
            self._loop.call_soon_threadsafe(lambda: self._tasks.spawn(self._put_away(), "played-to-the-end"))

    async def _put_away(self) -> None:
        async with self._changing:  # it may have ended before it was known here
            if self._player is not None and self._player.ended:
                await self._studio.switch(SourceKind.MEDIA, self._room, on=False)
                self.changed()

    async def _follow(self, player: Player) -> None:
        while self._player is player and self._publisher.on:
            await asyncio.sleep(TELL_EVERY)
            if self._player is player and self._publisher.on and not player.paused:
                self._tell_state()

    def _tell_state(self) -> None:
        player = self._player
        if player is not None:
            self._told = events.Playback(
                state="paused" if player.paused else "playing",
                place=player.place,
                position_s=round(player.position_s, 2),
                duration_s=None if player.duration_s is None else round(player.duration_s, 2),
                repeat=player.repeat,
            )
            self._tell(self._told)
