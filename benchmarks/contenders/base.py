"""What a contender is: it seats people on hosts and lets them meet. Viewers tell what they see."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from benchmarks.reading import Second
from tests.lab.network import Host

Codec = Literal["VP8", "H264"]
Watching = Literal["nothing", "all", "lightly"]
"""Lightly: everything is taken, acknowledged and thrown away undecoded, by contenders that can."""


@dataclass(frozen=True)
class Picture:
    """What a camera gives and an encoder is asked for."""

    width: int
    height: int
    fps: int
    bitrate_bps: int
    codec: Codec = "VP8"

    def __str__(self) -> str:
        return f"{self.width}x{self.height}@{self.fps} {self.codec}"


@dataclass(frozen=True)
class Seat:
    """One participant."""

    name: str
    host: Host
    sends: Picture | None = None
    """Camera and microphone; None sends neither."""
    watches: Watching = "nothing"


class Meeting(Protocol):
    """A meeting in which every picture that somebody watches has arrived."""

    def pid(self, seat: str) -> int:
        """The process of a seat; its descendants belong to it."""

    def readings(self, since: float) -> dict[tuple[str, str], list[Second]]:
        """What viewers said after a Unix time, by viewer and sender."""

    def loop_lags_ms(self, seat: str, since: float) -> list[float]:
        """The worst lag of each second of a seat's event loop; empty where there is none."""

    def heights_sent(self, seat: str, since: float) -> set[int]:
        """Heights in pixels that a seat has sent its camera in, where it may choose; empty where it always obeys."""


class Contender(Protocol):
    """One of those who are compared."""

    name: str

    def missing(self, picture: Picture) -> str | None:
        """Why it cannot be measured here, in a word or two, or None."""

    def meet(self, seats: Sequence[Seat], *, stamps: bool = False) -> AbstractContextManager[Meeting]:
        """Let them meet until the block is left.

        Args:
            seats: who; everybody who watches sees everybody else who sends.
            stamps: whether viewers are to read the age of every picture, which costs them time.
        """


class CannotMeet(Exception):
    """The meeting did not come about."""
