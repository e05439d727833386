"""Mirrors for publishers under test: one that nobody looks into, one that keeps what it shows."""

from __future__ import annotations

import threading

import av

from meshconf.conference.publishing.pictures import Canvas
from meshconf.types import SourceKind


class Unseen:
    """Nobody looks."""

    def canvas(self, kind: SourceKind) -> Canvas | None:
        return None

    def drawn(self, kind: SourceKind) -> None:
        raise AssertionError("nothing was drawn")


class Seen:
    """Somebody looks as long as `looking` says so."""

    def __init__(self) -> None:
        self.looking = True
        self.frames: list[av.VideoFrame] = []
        self.threads: set[str] = set()
        self.told: list[SourceKind] = []

    def canvas(self, kind: SourceKind) -> Canvas | None:
        return self if self.looking else None

    def drawn(self, kind: SourceKind) -> None:
        self.told.append(kind)

    def write(self, frame: av.VideoFrame) -> None:
        self.threads.add(threading.current_thread().name)
        self.frames.append(frame)
