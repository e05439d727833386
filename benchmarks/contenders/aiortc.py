"""A minimal honest program on aiortc's stock API, one process a participant: see `programs/aiortc_peer`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.contenders.base import Meeting, Picture, Seat
from benchmarks.contenders.ends import ProgramEnd, light_viewers
from benchmarks.contenders.peers import PeerMeeting
from benchmarks.program import Program
from benchmarks.scene import render


class PlainAiortc:
    """A `Contender`."""

    name = "aiortc"

    def __init__(self, folder: Path) -> None:
        """Args: folder: of the scenes."""
        self._folder = folder

    def missing(self, picture: Picture) -> str | None:
        """See `Contender`."""
        return None

    @contextmanager
    def meet(self, seats: Sequence[Seat], *, stamps: bool = False) -> Iterator[Meeting]:
        """See `Contender`."""
        with ExitStack() as stack:
            ends = light_viewers(stack, seats)
            for seat in seats:
                if seat.watches != "lightly":
                    program = stack.enter_context(self._start(seat, stamps))
                    ends[seat.name] = ProgramEnd(program, seat.name)
            yield PeerMeeting(seats, ends)

    def _start(self, seat: Seat, stamps: bool) -> Program:
        task: dict[str, object] = {"seat": seat.name, "stamps": stamps}
        if (picture := seat.sends) is not None:
            scene = render(self._folder, picture.width, picture.height, picture.fps)
            task |= {"scene": str(scene), **asdict(picture)}
        return Program(seat.name, "benchmarks.programs.aiortc_peer", [json.dumps(task)], host=seat.host)
