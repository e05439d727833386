"""Choices about sound: carried out, told, and there again in the next meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from meshconf.conference.ears import Ears
from meshconf.conference.events import Event, Peer
from meshconf.conference.talk import commands, events
from meshconf.conference.talk.desk import TalkDesk
from meshconf.conference.talk.preferences import PreferenceFile
from meshconf.config import Options
from meshconf.devices.open import open_audio_sink
from meshconf.protocol.room.state import RoomState
from meshconf.types import PeerId, PeerState
from tests.conference.mirror import studio_of

ADA = PeerId("abcdefghij234567")


class Everybody:
    """People and their signs, as far as the desk asks."""

    def __init__(self) -> None:
        self.deaf: list[bool] = []

    def present(self, who: str) -> PeerId:
        return ADA

    def deafened(self, on: bool) -> None:
        self.deaf.append(on)


class Meeting:
    """One meeting of the person whose choices lie in that folder."""

    def __init__(self, folder: Path, **options: Any) -> None:
        given = Options(**options)
        self.told: list[Event] = []
        self.ears = Ears("null", open_audio_sink)
        studio = studio_of(PeerId("own"), tell=self.told.append, options=given)
        self.everybody = Everybody()
        self.desk = TalkDesk(
            given,
            studio,
            self.ears,
            PreferenceFile(folder),
            room=lambda: RoomState(host=ADA, people={}),
            tell=self.told.append,
        )
        self.desk.begin()

    async def do(self, command: commands.TalkCommand) -> None:
        await self.desk.do(command, cast(Any, self.everybody), cast(Any, self.everybody))

    def comes(self) -> None:
        """Ada is here."""
        self.desk.told(Peer(peer=ADA, name="Ada", state=PeerState.CONNECTED))

    @property
    def volumes(self) -> list[tuple[str | None, float, bool]]:
        return [(event.peer, event.gain_db, event.deaf) for event in self.told if isinstance(event, events.Volume)]

    @property
    def rings(self) -> bool:
        return [event.on for event in self.told if isinstance(event, events.Sounds)][-1]


async def test_what_is_chosen_in_one_meeting_holds_in_the_next(tmp_path: Path) -> None:
    first = Meeting(tmp_path)
    await first.do(commands.Volume(peer="Ada", gain_db=-6))
    await first.do(commands.Deafen(peer="Ada"))
    await first.do(commands.Volume(gain_db=3))
    await first.do(commands.Sounds(on=False))
    await first.do(commands.WhileMuted(mic="listen"))
    await first.desk.close()
    second = Meeting(tmp_path)
    second.comes()
    second.comes()
    assert second.volumes == [(None, 3, False), (ADA, -6, True)] and not second.rings
    assert second.ears.volumes.gain_db(ADA) is None and second.ears.volumes.gain_db(PeerId("bob")) == 3
    microphone = next(event for event in second.told if isinstance(event, events.Microphone))
    assert microphone.while_muted == "listen"
    await second.desk.close()


async def test_hearing_nobody_is_for_this_meeting_and_seen_by_all(tmp_path: Path) -> None:
    first = Meeting(tmp_path)
    await first.do(commands.Deafen())
    assert first.everybody.deaf == [True] and first.ears.volumes.gain_db(ADA) is None
    await first.desk.close()
    second = Meeting(tmp_path)
    assert second.ears.volumes.gain_db(ADA) == 0 and second.volumes == []
    await second.desk.close()


async def test_an_option_silences_one_meeting_only(tmp_path: Path) -> None:
    first = Meeting(tmp_path, sounds=False)
    assert not first.rings
    await first.desk.close()
    second = Meeting(tmp_path)
    assert second.rings
    await second.desk.close()
