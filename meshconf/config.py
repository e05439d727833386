"""What a person asks of a meeting: one frozen record, each option documented where it stands.

The faces fill it in; order of precedence: defaults, then environment, then flags.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MutedMic = Literal["keep", "release", "listen"]
"""What becomes of the microphone while one is muted: kept open, so that one is heard at once again, its sound thrown
away unseen; released; or kept and listened to on this machine, to tell whoever talks all the same."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of `meshconf host` and `meshconf join`, and of `meshconf.Conference`."""

    name: str = ""
    """What others see; empty means the login name of this machine."""

    title: str = ""
    """The meeting's title; only the host's counts."""

    rendezvous: str | None = None
    """ws:// or wss:// address of a rendezvous; None means the local network only."""

    lan: bool = True
    """Whether to announce and look for meetings on the local network."""

    listed: bool = False
    """Whether people of the local network see title and number of people without an invite."""

    camera: str = "none"
    """Picture source: none, default, a device name, test, file:PATH, a stream address."""

    mic: str = "none"
    """Sound source, as for the camera."""

    start_muted: bool = False
    """Whether the microphone is muted at first."""

    push_to_talk: bool = False
    """Whether one is heard only while a key is held."""

    muted_mic: MutedMic | None = None
    """What becomes of the microphone while one is muted; None: as it was the last time, at first kept."""

    sounds: bool = True
    """Whether small sounds may tell who comes and goes; False keeps them out of this meeting."""

    speaker: str = "null"
    """Where the others are heard: default, a device name, null (nowhere, in real time), none."""

    music: bool = False
    """Send the microphone as music: stereo, at a higher rate, and as it is."""

    raw_mic: bool = False
    """Whether a microphone is sent as it is, with echo and noise: for music, or where a card cancels echo itself."""

    screen: str = "none"
    """Screen source: none, default (the first monitor), a monitor's number, all, region:WxH+X+Y, test, file:PATH."""

    stun: str | None = None
    """stun: address; None asks nobody for our public address."""

    turn: str | None = None
    """turn: or turns: address, with user and password as turn:user:password@host:port."""

    relay_only: bool = False
    """Use relayed candidates only, so that peers do not learn our address."""

    windows: bool = True
    """Show pictures in windows where there is a display."""

    unseen_pictures: bool = True
    """Without windows, whether to receive all pictures in full, as scripts do; else only what a face shows."""

    loopback: bool = False
    """Offer 127.0.0.1 as well; for meetings within one machine that has no other interface."""

    stats: bool = False
    """Report a `stats` event a second."""

    camera_size: tuple[int, int, int] = (640, 360, 30)
    """Width and height in pixels and pictures a second of the camera's largest rung."""

    codec: Literal["auto", "VP8", "H264"] = "auto"
    """How pictures are encoded: as suits this computer, or always so."""
