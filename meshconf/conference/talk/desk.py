"""Carries out what a person wants about talking and hearing, and remembers it. Runs on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from meshconf.conference.ears import Ears
from meshconf.conference.events import Event, Peer
from meshconf.conference.people import People
from meshconf.conference.studio import Studio
from meshconf.conference.talk import commands, events
from meshconf.conference.talk.chimer import Chimer
from meshconf.conference.talk.microphone import OwnMicrophone
from meshconf.conference.talk.playback import Playback
from meshconf.conference.talk.preferences import PreferenceFile, Preferences
from meshconf.conference.talk.signs import SignBoard
from meshconf.conference.talk.volumes import AS_IT_COMES, Volume, Volumes
from meshconf.conference.tasks import Tasks
from meshconf.config import Options
from meshconf.errors import UsageError
from meshconf.protocol.room.state import RoomState
from meshconf.types import PeerId, PeerState, SourceKind

SAVE_AFTER = 1.0
"""Seconds until a choice is written down: whoever turns somebody up presses the key several times."""


class TalkDesk:
    """Talking and hearing in one meeting.

    Args:
        options: what the person asks for.
        studio: our own sources.
        ears: what we hear.
        kept: where choices are remembered; nowhere if None.
        room: the rules as they are.
        tell: takes events for the faces.
    """

    def __init__(
        self,
        options: Options,
        studio: Studio,
        ears: Ears,
        kept: PreferenceFile | None,
        *,
        room: Callable[[], RoomState],
        tell: Callable[[Event], None],
    ) -> None:
        self._kept = kept
        self._tell = tell
        self._tasks = Tasks()
        self._told: set[PeerId] = set()
        """Of whom the faces know how loud we hear them."""
        self._unsaved = False
        self._saving: asyncio.Task[None] | None = None
        self._chosen = kept.load() if kept is not None else Preferences()
        self._volumes = ears.volumes = Volumes(
            self._chosen.volumes(), Volume(self._chosen.gain_db), on_change=self._volume_changed
        )
        self.chimer = Chimer(ears.chimes, options.sounds and self._chosen.sounds)
        self.playback = Playback(studio, ears.own, room=room, tell=tell)
        self.microphone = OwnMicrophone(
            studio, options, options.muted_mic or self._chosen.while_muted, room=room, tell=tell
        )

    async def do(self, command: commands.TalkCommand, people: People, signs: SignBoard) -> None:
        """Carry out a command.

        Args:
            command: what is wanted.
            people: who is here.
            signs: where hands are.

        Raises:
            MeshconfError: it cannot be carried out; the sentence says why.
        """
        match command:
            case commands.Mute() | commands.Unmute() | commands.PushToTalk() | commands.WhileMuted():
                await self._speak(command)
            case commands.Volume() | commands.Deafen():
                self._listen(command, people, signs)
            case commands.Hand(peer=None, up=up):
                signs.raise_hand(up)
            case commands.Hand(peer=str() as peer, up=False):
                signs.lower_hand_of(people.present(peer))
            case commands.Hand():
                raise UsageError("Nobody's hand can be taken up but one's own.")
            case commands.Sounds(on=on):
                self._ring(on)
            case _:
                await self._play(command)

    def begin(self) -> None:
        """Tell the faces what is the case."""
        self.microphone.changed()
        self._tell(events.Sounds(on=self.chimer.on))
        if (everybody := self._volumes.of(None)) != AS_IT_COMES:
            self._tell(_volume(None, everybody))

    async def switch(self, source: SourceKind, *, on: bool, spec: str | None = None) -> None:
        """Switch one of the two sources that sound.

        Raises:
            Refused: the room forbids it.
            DeviceError: the device is missing or refuses.
        """
        await (self.microphone if source is SourceKind.MIC else self.playback).switch(on=on, spec=spec)

    def sources_changed(self) -> None:
        """A source of ours may have been switched, or ended."""
        self.microphone.changed()
        self.playback.changed()

    def told(self, event: Event) -> None:
        """The faces were told this: let it be heard, and say how loud we hear whoever comes, where we chose that."""
        self.chimer.told(event)
        if isinstance(event, Peer) and event.state is PeerState.CONNECTED:
            peer = PeerId(event.peer)
            if peer not in self._told and (volume := self._volumes.of(peer)) != AS_IT_COMES:
                self._tell(_volume(peer, volume))
            self._told.add(peer)
        elif isinstance(event, Peer) and event.state is PeerState.LEFT:
            self._told.discard(PeerId(event.peer))

    async def close(self) -> None:
        """Write down what was chosen last."""
        await self.microphone.close()
        await self.playback.close()
        await self._tasks.close()
        if self._unsaved:
            await self._save()

    # Private.

    async def _speak(self, command: commands.MicrophoneCommand) -> None:
        match command:
            case commands.Mute():
                await self.microphone.mute()
            case commands.Unmute():
                await self.microphone.unmute()
            case commands.PushToTalk(state="on" | "off" as state):
                await self.microphone.set_push_to_talk(state == "on")
            case commands.PushToTalk(state="down", hold_s=hold):
                await self.microphone.press(hold)
            case commands.PushToTalk():
                await self.microphone.release()
            case commands.WhileMuted(mic=mic):
                self._chosen.while_muted = mic
                self._remember()
                await self.microphone.set_while_muted(mic)

    def _listen(self, command: commands.HearingCommand, people: People, signs: SignBoard) -> None:
        peer = None if command.peer is None else people.present(command.peer)
        match command:
            case commands.Volume(gain_db=gain_db):
                self._volumes.set_gain(peer, gain_db)
            case commands.Deafen(on=on):
                self._volumes.deafen(peer, on)
        if peer is None:  # who turns all up or down hears them again
            signs.deafened(self._volumes.of(None).deaf)

    async def _play(self, command: commands.PlaybackCommand) -> None:
        match command:
            case commands.Play(place=place, at_s=at_s, repeat=repeat):
                await self.playback.play(place, at_s=at_s, repeat=repeat)
            case commands.Pause():
                self.playback.pause()
            case commands.Resume():
                self.playback.resume()
            case commands.Stop():
                await self.playback.stop()
            case commands.Seek(to_s=to_s, by_s=by_s):
                self.playback.seek(to_s, by_s)

    def _ring(self, on: bool) -> None:
        self._chosen.sounds = on
        self._remember()
        self.chimer.switch(on)
        self._tell(events.Sounds(on=on))

    def _volume_changed(self, peer: PeerId | None, volume: Volume) -> None:
        self._chosen.set_volume(peer, volume)
        self._tell(_volume(peer, volume))
        self._remember()

    def _remember(self) -> None:
        self._unsaved = self._kept is not None
        if self._unsaved and (self._saving is None or self._saving.done()):
            self._saving = self._tasks.spawn(self._save_soon(), "remember-sound")

    async def _save_soon(self) -> None:
        while self._unsaved:
            await asyncio.sleep(SAVE_AFTER)
            await self._save()

    async def _save(self) -> None:
        self._unsaved = False
        if self._kept is not None:
            await asyncio.to_thread(self._kept.save, self._chosen)


def _volume(peer: PeerId | None, volume: Volume) -> events.Volume:
    return events.Volume(peer=peer, gain_db=volume.gain_db, deaf=volume.deaf)
