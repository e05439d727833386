"""Our seat in the room: acts that get an answer, and what is decided there as events and plain words for the faces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from meshconf.conference import commands, events
from meshconf.conference.command import Command
from meshconf.conference.events import Event
from meshconf.conference.narration import Narrator
from meshconf.errors import Refused
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import (
    ActDone,
    ActRefused,
    ClaimFailed,
    HostReturned,
    Misbehaved,
    RoomEvent,
    StateChanged,
    Undone,
)
from meshconf.protocol.room.state import RoomState
from meshconf.types import Medium, PeerId

NOTE_EVERY = 10.0
"""Seconds between two notices about what one peer tried."""


class Chair:
    """Acts for us in one room.

    Args:
        room: the authority; somebody else drives it.
        settle: called after each motion of the room.
        tell: takes events for the faces.
        name: the name behind an id, safe to show.
        present: ids of those who are here, ourselves included, in the order of joining.
    """

    def __init__(
        self,
        room: Room,
        *,
        settle: Callable[[], None],
        tell: Callable[[Event], None],
        name: Callable[[str], str],
        present: Callable[[], list[PeerId]],
    ) -> None:
        self.room = room
        self._settle = settle
        self._closed = False
        self._tell = tell
        self._name = name
        self._present = present
        self._narrator = Narrator(room.own, name)
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._noted: dict[PeerId, float] = {}

    @property
    def state(self) -> RoomState:
        """The room as it is."""
        return self.room.state

    def settle(self) -> None:
        """The room moved: carry out what it asks for; nothing more after the end."""
        if not self._closed:
            self._settle()

    async def act(self, act: Act) -> None:
        """Do something in the room; returns once it stands in the log.

        Raises:
            Refused: by the room's rules, because no host answers, or because we are out of the meeting.
        """
        if self._closed:
            raise Refused("The meeting is over.", reason="ended")
        number = self.room.propose(act, now=time.monotonic())
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self.settle()
        try:
            await answer
        finally:
            self._answers.pop(number, None)

    def decided(self, event: RoomEvent) -> None:
        """Something happened in the room."""
        match event:
            case StateChanged(before=before, entries=entries):
                host: str = before.host
                for entry in entries:
                    if (sentence := self._narrator.tell(entry, host)) is not None:
                        self._tell(events.Notice(text=sentence))
                    if entry.act.do in (Deed.TRANSFER, Deed.SUCCEED):
                        host = entry.act.peer or host
                self.announce()
            case ActDone(number=number):
                if (answer := self._answers.get(number)) is not None and not answer.done():
                    answer.set_result(None)
            case ActRefused(number=number, reason=reason, text=text):
                if (answer := self._answers.get(number)) is not None and not answer.done():
                    answer.set_exception(Refused(text, reason=reason))
            case Undone(entries=entries):
                for entry in entries:
                    act = entry.act
                    self._tell(events.Undone(act=act.do, by=entry.author, peer=act.peer, kind=act.kind))
                    if (sentence := self._narrator.tell_undone(entry)) is not None:
                        self._tell(events.Notice(text=sentence))
            case HostReturned(peer=peer):
                name = self._name(peer)
                self._tell(events.HostReturned(peer=peer, name=name))
                self._tell(events.Notice(text=f"{name}, who was host before, is back: you can hand the role back."))
            case ClaimFailed(peer=peer, host=host):
                # No blame: whoever was cut off, or slept, takes itself for the last one here.
                self._note(peer, f"{self._name(peer)} claimed to be host; {self._name(host)} is and stays it.")
            case Misbehaved(peer=peer, text=text):
                self._note(peer, f"{self._name(peer)} sent something that the room refuses: {text.rstrip('.')}.")

    def announce(self) -> None:
        """Tell the faces the room as it is."""
        state = self.state
        self._tell(
            events.RoomState(
                epoch=state.epoch,
                seq=state.seq,
                host=state.host,
                admins=list(state.admins),
                members=list(self._present()),
                locked=state.locked,
                lobby=state.lobby,
                history=state.history,
                forbidden=events.Forbidden(
                    audio=self._forbidden(Medium.AUDIO),
                    video=self._forbidden(Medium.VIDEO),
                    screen=self._forbidden(Medium.SCREEN),
                    control=self._forbidden(Medium.CONTROL),
                ),
            )
        )

    def close(self) -> None:
        """Nobody will answer any more."""
        self._closed = True
        for answer in self._answers.values():
            answer.cancel()

    def _forbidden(self, medium: Medium) -> bool | list[str]:
        state = self.state
        if medium in state.silenced and not any(kind is medium for kind, _ in state.exempt):
            return True
        present = self._present()
        return [peer for peer in state.forbidden_to(medium) if peer in present] or False

    def _note(self, peer: PeerId, sentence: str) -> None:
        """Tell something about a peer that it could make us tell without end."""
        now = time.monotonic()
        if now >= self._noted.get(peer, float("-inf")) + NOTE_EVERY:
            self._noted[peer] = now
            self._tell(events.Notice(text=sentence))


def act_of(command: commands.RoomCommand, person: Callable[[str], PeerId]) -> Act:
    """The act that a command of the control API asks for; `person` finds somebody by id or name.

    Raises:
        UsageError: as `person` does.
    """
    kind = command.kind if isinstance(command, commands.Forbid | commands.Permit) else None
    who: str | None = getattr(command, "peer", None)
    return Act(_DEEDS[type(command)], peer=None if who is None else person(who), kind=kind)


_DEEDS: dict[type[Command], Deed] = {
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
