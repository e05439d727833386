"""The commands of the control API about talking and hearing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from meshconf.conference.command import Command, PeerRef
from meshconf.config import MutedMic
from meshconf.media.mute import LONGEST_PRESS
from meshconf.types import LOUDEST_DB, SOFTEST_DB

Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


class Mute(Command, tag="mute"):
    """Nothing of our microphone leaves this machine any more, not even silence."""


class Unmute(Command, tag="unmute"):
    """We are heard; opens the microphone if it is not open."""


class PushToTalk(Command, tag="ptt"):
    """`on` and `off` are the mode, in which the open microphone waits for the key; `down` and `up` are the key.

    The key works outside the mode, too: who is muted is heard while it is held.
    """

    state: Literal["on", "off", "down", "up"]
    hold_s: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_PRESS)] = LONGEST_PRESS
    """Of `down`: seconds after which the key counts as released, unless it is said to be down again."""


class WhileMuted(Command, tag="while_muted"):
    """What becomes of the microphone while we are muted; remembered."""

    mic: MutedMic


class Volume(Command, tag="volume"):
    """How loud we hear a peer, or all; remembered."""

    gain_db: Annotated[float, msgspec.Meta(ge=SOFTEST_DB, le=LOUDEST_DB)]
    peer: PeerRef | None = None


class Deafen(Command, tag="deafen"):
    """Hear a peer no more, or nobody, or (`on` false) again; that of a peer is remembered."""

    peer: PeerRef | None = None
    on: bool = True


class Sounds(Command, tag="sounds"):
    """Whether small sounds tell us who comes, goes and wants something; remembered."""

    on: bool


class Hand(Command, tag="hand"):
    """Take our hand up or down; with `peer`, ask for somebody's to come down (host and admins)."""

    up: bool
    peer: PeerRef | None = None


class Play(Command, tag="play"):
    """Play the sound of a file or stream to everybody, from `at_s` on, once or again and again."""

    place: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)] = msgspec.field(name="from")
    at_s: Seconds = 0.0
    repeat: bool = False


class Pause(Command, tag="pause"):
    """Hold what plays; nothing of it is sent meanwhile."""


class Resume(Command, tag="resume"):
    """Play on."""


class Stop(Command, tag="stop"):
    """Play no more."""


class Seek(Command, tag="seek"):
    """Go to a position, or so many seconds on (`by_s`, negative for back)."""

    to_s: Seconds | None = None
    by_s: Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)] = 0.0


MicrophoneCommand = Mute | Unmute | PushToTalk | WhileMuted
HearingCommand = Volume | Deafen
PlaybackCommand = Play | Pause | Resume | Stop | Seek
TalkCommand = MicrophoneCommand | HearingCommand | PlaybackCommand | Sounds | Hand
