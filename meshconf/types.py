"""Small types that every layer shares: identifiers, sources, roles, states of a link, endings, parts of the display.

Imports nothing of meshconf, so that anything may import it.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, NewType

PeerId = NewType("PeerId", str)
"""Sixteen lower-case base32 characters: the start of SHA-256 of the person's Ed25519 public key."""

RoomId = NewType("RoomId", str)
"""Random identifier of one meeting, chosen by its creator; says nothing about code or link."""

SAMPLE_RATE = 48_000
"""Hz; all sound inside meshconf has 16 bits at this rate, mono or stereo."""

BLOCK = 960
"""Samples in a block of sound: 20 ms, the ptime of every opus packet that we send."""

SOFTEST_DB, LOUDEST_DB = -100.0, 20.0
"""The volumes in which somebody can be heard; 0 is as it comes."""


PICTURE_CLOCK = 90_000
"""Hz of a picture's pts and of its RTP timestamp (RFC 7741, 4.1 and RFC 6184, 5.1)."""

PICTURE_TIME_BASE = Fraction(1, PICTURE_CLOCK)
"""Seconds of one tick of it."""


class Area(NamedTuple):
    """A part of the display, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def pixel(self, x: float, y: float) -> tuple[int, int]:
        """Which pixel of the display is at these shares of the sides, from 0 to 1."""
        return (
            self.left + min(int(x * self.width), self.width - 1),
            self.top + min(int(y * self.height), self.height - 1),
        )


class KeyVerdict(StrEnum):
    """Whether we met the owner of a key before."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    """Met under this name, but with another key."""


class Role(StrEnum):
    """What a member of a room may do."""

    HOST = "host"
    ADMIN = "admin"
    MEMBER = "member"

    @property
    def is_staff(self) -> bool:
        """Whether this is host or admin."""
        return self is not Role.MEMBER


class Medium(StrEnum):
    """What a room can forbid."""

    AUDIO = "audio"
    VIDEO = "video"
    SCREEN = "screen"
    CONTROL = "control"


class SourceKind(StrEnum):
    """What a participant can send; each has a fixed m-line in every peer connection."""

    MIC = "mic"
    CAMERA = "camera"
    SCREEN = "screen"
    MEDIA = "media"

    @property
    def is_audio(self) -> bool:
        """Whether the source is sound (else it is a picture)."""
        return self in (SourceKind.MIC, SourceKind.MEDIA)

    @property
    def medium(self) -> Medium:
        """What the room must permit for it."""
        if self.is_audio:
            return Medium.AUDIO
        return Medium.SCREEN if self is SourceKind.SCREEN else Medium.VIDEO


SourceKey = tuple[PeerId, SourceKind]
"""Names one source of one participant."""


class Ending(StrEnum):
    """Why a meeting is over for us."""

    LEFT = "left"
    ENDED = "ended"
    """For all."""
    REMOVED = "removed"
    ELSEWHERE = "elsewhere"
    """It goes on at another computer with our key."""
    STRANDED = "stranded"
    """We were let in, but nobody could be reached."""
    INTERRUPTED = "interrupted"
    """The program that held it was stopped."""
    DEVICE = "device"
    """A device that was asked for could not be opened."""


class PeerState(StrEnum):
    """How a remote participant is doing, as people see it."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    LEFT = "left"


class LinkPath(StrEnum):
    """What kind of path the selected ICE candidate pair takes."""

    DIRECT = "direct"
    LAN = "lan"
    RELAY = "relay"
