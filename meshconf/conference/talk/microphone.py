"""Our own microphone: mute at once, push-to-talk, and what becomes of the device meanwhile. Runs on the event loop.

The switch decides, the publisher's flag is set in the same turn of the loop, and blocks of sound are encoded in that
loop too: when a command to mute is answered, nothing more leaves. Opening and closing the device comes after that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from meshconf.conference.events import Event, Notice
from meshconf.conference.studio import Studio
from meshconf.conference.talk import events
from meshconf.conference.tasks import Tasks
from meshconf.config import MutedMic, Options
from meshconf.media.mute import LONGEST_PRESS, MuteSwitch
from meshconf.media.unheard import DeadMicrophone, TalkingWhileMuted
from meshconf.protocol.room.state import RoomState
from meshconf.types import SourceKind

TALKING_MUTED = "You are talking, but you are muted."
DEAD = (
    "Your microphone gives nothing but silence: nobody hears you. Is it muted by a switch or in the system's settings?"
)
RELEASED = "Nobody has said for too long that the key to talk is still held: it counts as released."


class OwnMicrophone:
    """The microphone of the person at this machine.

    Args:
        studio: our sources; this is the only one who mutes there.
        options: how the meeting begins.
        while_muted: what becomes of the device while we are muted.
        room: the rules as they are.
        tell: takes events for the faces.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        studio: Studio,
        options: Options,
        while_muted: MutedMic,
        *,
        room: Callable[[], RoomState],
        tell: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._studio = studio
        self._publisher = studio.sounds[SourceKind.MIC]
        self._room = room
        self._tell = tell
        self._clock = clock
        self._switch = MuteSwitch(options.start_muted, options.push_to_talk)
        self._while_muted: MutedMic = while_muted
        self._opening = asyncio.Lock()  # what is decided about the device holds until it is done
        self._tasks = Tasks()
        self._timer: asyncio.TimerHandle | None = None
        self._talking_muted = TalkingWhileMuted()
        self._dead = DeadMicrophone()
        self._told: events.Microphone | None = None
        self._publisher.muted = self._switch.muted
        self._publisher.on_captured = self._captured

    async def mute(self) -> None:
        """Nothing leaves any more; the device is released where the person wants that."""
        self._switch.mute()
        self._obey()
        await self._let_go()

    async def unmute(self) -> None:
        """Be heard; opens the device if it is not open.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        self._studio.require(SourceKind.MIC, self._room())
        self._switch.unmute()
        self._obey()
        await self._open()

    async def set_push_to_talk(self, on: bool) -> None:
        """Begin or end the mode; it keeps the device open, so that no word waits for it.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        if on:
            self._studio.require(SourceKind.MIC, self._room())
        self._switch.set_push_to_talk(on)
        self._obey()
        await (self._open() if on else self._let_go())

    async def press(self, hold: float = LONGEST_PRESS) -> None:
        """The key to talk is down, or still down; without further word it counts as released after `hold` seconds.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        self._studio.require(SourceKind.MIC, self._room())
        self._switch.press(self._clock(), hold)
        self._obey()
        await self._open()

    async def release(self) -> None:
        """The key to talk is up."""
        self._switch.release()
        self._obey()
        await self._let_go()

    async def set_while_muted(self, mic: MutedMic) -> None:
        """What becomes of the device while we are muted."""
        self._while_muted = mic
        self.changed()
        await self._let_go()

    async def switch(self, *, on: bool, spec: str | None = None) -> None:
        """Switch the source on or off, with its device; on means heard, except where one talks by a key.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        if on:
            self._studio.require(SourceKind.MIC, self._room())
            if not self._switch.push_to_talk:
                self._switch.unmute()
        else:
            self._switch.release()
        self._obey()
        async with self._opening:
            await self._studio.switch(SourceKind.MIC, self._room, on=on, spec=spec)

    async def begin(self, spec: str) -> None:
        """Open the device that the options name, muted if they say so.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        if self._keeps_open:
            async with self._opening:
                await self._studio.switch(SourceKind.MIC, self._room, on=True, spec=spec)
        else:
            self._publisher.spec = spec

    def changed(self) -> None:
        """Something about the microphone may be other than before: tell it if so."""
        on = self._publisher.on
        if not on:
            self._dead.pause()
        news = events.Microphone(
            muted=self._switch.muted,
            open=on,
            on_air=on and self._switch.on_air,
            push_to_talk=self._switch.push_to_talk,
            while_muted=self._while_muted,
        )
        if self._told is None or _facts(news) != _facts(self._told):
            self._told = news
            self._tell(news)

    async def close(self) -> None:
        """Watch nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        await self._tasks.close()

    # Private.

    @property
    def _keeps_open(self) -> bool:
        return self._switch.on_air or self._switch.push_to_talk or self._while_muted != "release"

    def _obey(self) -> None:
        """Let the sound be as the switch says, from the next block on."""
        was, self._publisher.muted = self._publisher.muted, not self._switch.on_air
        if self._publisher.on and self._publisher.muted is not was:
            self._studio.announce(SourceKind.MIC)
        self.changed()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (due := self._switch.due) is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - self._clock()), self._held_too_long)

    async def _open(self) -> None:
        async with self._opening:
            if not self._publisher.on and self._keeps_open:
                await self._studio.switch(SourceKind.MIC, self._room, on=True)

    async def _let_go(self) -> None:
        async with self._opening:
            if self._publisher.on and not self._keeps_open:
                await self._studio.switch(SourceKind.MIC, self._room, on=False)

    def _held_too_long(self) -> None:
        self._timer = None
        if self._switch.expire(self._clock()):
            self._tell(Notice(text=RELEASED, code="released"))
        self._obey()
        self._tasks.spawn(self._let_go(), "release-microphone")

    def _captured(self, block: npt.NDArray[np.int16], clean: npt.NDArray[np.int16]) -> None:
        """What the device gave, and what remains of it without echo and noise."""
        now = self._clock()
        if self._publisher.lost:
            self._dead.pause()  # whoever lost the device says so
            return
        if self._switch.on_air:
            if self._dead.hear(block, now):
                self._tell(Notice(text=DEAD, code="dead-microphone"))
            return
        self._dead.pause()
        if self._while_muted == "listen" and self._talking_muted.hear(clean, now):
            self._tell(Notice(text=TALKING_MUTED, code="talking-while-muted"))


def _facts(event: events.Microphone) -> tuple[object, ...]:
    return event.muted, event.open, event.on_air, event.push_to_talk, event.while_muted
