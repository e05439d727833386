"""Studios under test, and mirrors for them: one that nobody looks into, one that keeps what it shows."""

from __future__ import annotations

import threading
from collections.abc import Callable

import av

from meshconf.conference.events import Event
from meshconf.conference.publishing.pictures import Canvas, Mirror
from meshconf.conference.studio import Studio
from meshconf.config import Options
from meshconf.types import PeerId, SourceKind


def studio_of(
    person: PeerId,
    *,
    tell: Callable[[Event], None],
    options: Options | None = None,
    mirror: Mirror | None = None,
    on_change: Callable[[list[SourceKind]], None] = lambda on: None,
) -> Studio:
    """Somebody's studio, whose sound has no meter; with the usual options and unseen unless told otherwise."""
    return Studio(
        person,
        options or Options(),
        tell=tell,
        on_sound=lambda block: None,
        mirror=mirror or Unseen(),
        on_change=on_change,
    )


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
