"""The commands of the control API, typed and checked: one JSON object each, `do` names it, `id` is echoed."""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec

from meshconf.conference.command import Command, PeerRef
from meshconf.conference.face_commands import FaceCommand
from meshconf.conference.remote_control.commands import ControlCommand
from meshconf.conference.screen_commands import ScreenCommand
from meshconf.conference.sound_commands import SoundCommand
from meshconf.conference.talk.commands import TalkCommand
from meshconf.errors import UsageError
from meshconf.protocol.chat import Text
from meshconf.types import Medium, SourceKind
from meshconf.windows.wire import Layout

MAX_COMMAND = 65_536
"""Bytes of one line."""


class Chat(Command, tag="chat"):
    """Write to all, or to one."""

    text: Text
    to: PeerRef | None = None


class Source(Command, tag="source"):
    """Switch a source of ours; `from` chooses another device, file or stream."""

    source: SourceKind
    on: bool
    spec: str | None = msgspec.field(name="from", default=None)


class Want(Command, tag="want"):
    """What we show of a peer's picture."""

    peer: PeerRef
    source: SourceKind
    height: Annotated[int, msgspec.Meta(ge=0, le=8192)] = 0
    fps: Annotated[int, msgspec.Meta(ge=0, le=240)] = 0
    paused: bool = False


class Arrange(Command, tag="layout"):
    """How pictures share windows on this machine: a window for each, all equally large in one, or screens large."""

    layout: Layout


class RotateCode(Command, tag="rotate_code"):
    """A new code and link; the old ones open no door any more."""


class TransferHost(Command, tag="transfer_host"):
    """Make somebody else the host; we become a member (host)."""

    peer: PeerRef


class Appoint(Command, tag="appoint"):
    """Make somebody an admin (host)."""

    peer: PeerRef


class Dismiss(Command, tag="dismiss"):
    """Take the admin's role from somebody (host)."""

    peer: PeerRef


class Remove(Command, tag="remove"):
    """Remove somebody, who cannot come back (host and admins)."""

    peer: PeerRef


class Admit(Command, tag="admit"):
    """Let somebody in who waits in the lobby (host and admins)."""

    peer: PeerRef


class Deny(Command, tag="deny"):
    """Send somebody away who waits in the lobby (host and admins)."""

    peer: PeerRef


class Forbid(Command, tag="forbid"):
    """Forbid something to everybody but host and admins, or to one person (host and admins)."""

    kind: Medium
    peer: PeerRef | None = None


class Permit(Command, tag="permit"):
    """Permit it again, to everybody or to one person (host and admins)."""

    kind: Medium
    peer: PeerRef | None = None


class Lock(Command, tag="lock"):
    """Let nobody new in (host and admins)."""


class Unlock(Command, tag="unlock"):
    """Let people in again (host and admins)."""


class LobbyOn(Command, tag="lobby_on"):
    """Newcomers wait until somebody lets them in (host and admins)."""


class LobbyOff(Command, tag="lobby_off"):
    """Whoever has the code comes in (host and admins)."""


class HistoryOn(Command, tag="history_on"):
    """Newcomers get the chat of before (host)."""


class HistoryOff(Command, tag="history_off"):
    """Newcomers do not get the chat of before (host)."""


class End(Command, tag="end"):
    """End the meeting for all (host and admins)."""


class Verify(Command, tag="verify"):
    """Ask for the phrase that we and somebody can compare by voice; it comes as an event."""

    peer: PeerRef


class Trust(Command, tag="trust"):
    """Remember somebody under this name although the key is another than before."""

    peer: PeerRef


class Leave(Command, tag="leave"):
    """Leave the meeting."""


class CleanMic(Command, tag="clean_mic"):
    """Whether echo, noise and typing are taken out of our microphone."""

    on: bool


class Typing(Command, tag="typing"):
    """The person at a face has just pressed a key, which our microphone probably hears."""


RoomCommand = (
    TransferHost
    | Appoint
    | Dismiss
    | Remove
    | Forbid
    | Permit
    | Lock
    | Unlock
    | LobbyOn
    | LobbyOff
    | HistoryOn
    | HistoryOff
    | End
)
"""Commands that are acts in the room's log."""

PeopleCommand = Admit | Deny | Verify | Trust
"""Commands about one person, which the room's log does not hold."""

OwnCommand = Chat | Source | Want | Arrange | RotateCode | Leave | CleanMic | Typing
"""Commands about what we say, send and show."""

AnyCommand = (
    OwnCommand | TalkCommand | SoundCommand | ControlCommand | ScreenCommand | RoomCommand | PeopleCommand | FaceCommand
)

NAMES = tuple(str(kind.__struct_config__.tag) for kind in get_args(AnyCommand))
"""What `do` may be."""

EXAMPLE = '{"do":"chat","text":"hello"}'

_decoder = msgspec.json.Decoder(AnyCommand)


class _Head(msgspec.Struct):
    do: str
    id: int | None = None


class UnreadableCommand(UsageError):
    """That is no command.

    Args:
        sentence: what is wrong with it.
        id: the command's own, where it could be read: the answer echoes it.
    """

    def __init__(self, sentence: str = "", *, id: int | None = None) -> None:
        super().__init__(sentence)
        self.id = id


def parse(text: bytes | str) -> AnyCommand:
    """Read one command.

    Raises:
        UnreadableCommand: too long, not JSON, no such command, or a field that does not fit.
    """
    if len(text) > MAX_COMMAND:
        raise UnreadableCommand(f"A command has at most {MAX_COMMAND} bytes.")
    try:
        command: AnyCommand = _decoder.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _problem(text, error) from error
    return command


def _problem(text: bytes | str, error: Exception) -> UnreadableCommand:
    """Say what is wrong with a command, with its id if that much of it can be read."""
    try:
        # Text that is not UTF-8 would pass here, where it is skipped.
        head = msgspec.json.decode(str(text, "utf-8") if isinstance(text, bytes) else text, type=_Head)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return UnreadableCommand(f"That is no command: one JSON object a line is expected, such as {EXAMPLE}")
    if head.do not in NAMES:
        return UnreadableCommand(f"There is no command {head.do[:40]!r}; known are {', '.join(NAMES)}.", id=head.id)
    return UnreadableCommand(f"The command {head.do} does not fit: {error}.", id=head.id)
