"""meshconf itself: one headless engine a participant, commanded and read over the JSON lines of its contract.

They find each other at a rendezvous on the lab's own hub. Whoever watches says so with `want`, whoever does not says
that the picture may pause. Those who watch lightly are engines, too, but sit in one process without a decoder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.contenders.base import Meeting, Picture, Seat
from benchmarks.contenders.peers import wait_until_it_flows, watched
from benchmarks.program import Program
from benchmarks.reading import Second, second_of
from benchmarks.scene import render
from tests.lab.json_program import Line
from tests.lab.network import Host

CONNECTED_WITHIN = 30.0


class MeshconfEngine:
    """A `Contender`."""

    name = "meshconf"

    def __init__(self, folder: Path, rendezvous: str) -> None:
        """Args: folder: of the scenes. rendezvous: address that every host reaches."""
        self._folder = folder
        self._rendezvous = rendezvous

    def missing(self, picture: Picture) -> str | None:
        """See `Contender`."""
        return None

    @contextmanager
    def meet(self, seats: Sequence[Seat], *, stamps: bool = False) -> Iterator[Meeting]:
        """See `Contender`; an engine reads the age of up to ten pictures a second, always."""
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meshconf-benchmark-")))
            first = stack.enter_context(self._start(seats[0], home, None))
            engines: dict[str, Engine] = {seats[0].name: first}
            link = str(first.wait_for(lambda line: line["event"] == "room")["link"])
            light: Program | None = None
            for seat in seats[1:]:
                if seat.watches == "lightly":
                    light = light or stack.enter_context(self._start_light(seat.host))
                    engine: Engine = LightEngine(light, seat.name, link)
                else:
                    engine = stack.enter_context(self._start(seat, home, link))
                engine.wait_for(lambda line: line["event"] == "joined")
                engines[seat.name] = engine
            yield EngineMeeting(seats, engines)

    def _start(self, seat: Seat, home: Path, link: str | None) -> Program:
        options = [f"--name={seat.name}", "--headless", "--no-windows", "--no-lan", "--stats", "--speaker=null"]
        options.append(f"--rendezvous={self._rendezvous}")
        if (picture := seat.sends) is not None:
            scene = render(self._folder, picture.width, picture.height, picture.fps)
            options += ["--camera=test", "--mic=test", f"--size={picture.width}x{picture.height}x{picture.fps}"]
            options += [f"--codec={picture.codec}", f"--scene={scene}"]
        environment = {"MESHCONF_HOME": str(home / seat.name), **({} if link is None else {"MESHCONF_INVITE": link})}
        what = "host" if link is None else "join"
        return Program(seat.name, "benchmarks.programs.engine", [what, *options], host=seat.host, env=environment)

    def _start_light(self, host: Host) -> Program:
        return Program("light viewers", "benchmarks.programs.light_engines", [self._rendezvous], host=host)


class LightEngine:
    """One of many viewers in a program; an `Engine`."""

    def __init__(self, program: Program, seat: str, link: str) -> None:
        """Join."""
        self._program = program
        self._seat = seat
        self.pid = program.pid
        self.ask({"link": link})

    def wait_for(self, wanted: Callable[[Line], bool], seconds: float = 20.0) -> Line:
        """See `Program`; what it said itself."""
        return self._program.wait_for(lambda line: line.get("seat") == self._seat and wanted(line), seconds)

    def said(self, kind: str, since: float = 0.0) -> list[tuple[float, Line]]:
        """See `Program`; what it said itself."""
        return [(at, line) for at, line in self._program.said(kind, since) if line["seat"] == self._seat]

    def ask(self, command: Line, seconds: float = 20.0) -> Line:
        """See `Program`."""
        return self._program.ask({**command, "seat": self._seat}, seconds)


Engine = Program | LightEngine


class EngineMeeting:
    """A `Meeting` of engines."""

    def __init__(self, seats: Sequence[Seat], engines: dict[str, Engine]) -> None:
        """Wait until all are connected with all, and say who wants to see what."""
        self._seen = list(watched(seats))
        self._engines = engines
        self._ids = {name: _own_id(engine) for name, engine in engines.items()}
        for name, engine in engines.items():
            for other in self._ids:
                if other != name:
                    engine.wait_for(_connected(self._ids[other]), CONNECTED_WITHIN)
        for viewer in seats:
            for sender in seats:
                if viewer is not sender and (picture := sender.sends) is not None:
                    paused = (viewer.name, sender.name) not in self._seen
                    want = {"height": picture.height, "fps": picture.fps, "paused": paused}
                    self._want(viewer.name, sender.name, want)
        wait_until_it_flows(self, seats)

    def pid(self, seat: str) -> int:
        """See `Meeting`."""
        return self._engines[seat].pid

    def readings(self, since: float) -> dict[tuple[str, str], list[Second]]:
        """See `Meeting`."""
        found: dict[tuple[str, str], list[Second]] = {pair: [] for pair in self._seen}
        for (viewer, sender), seconds in found.items():
            for at, line in self._engines[viewer].said("stats", since):
                link = next((one for one in line["links"] if one["peer"] == self._ids[sender]), None)
                # A link that is being made anew is not listed, and shows nothing.
                seconds.append(Second(at, frozen_ms=1000.0) if link is None else second_of(link, at))
        return found

    def loop_lags_ms(self, seat: str, since: float) -> list[float]:
        """See `Meeting`."""
        return [line["loop_lag_ms"] for _, line in self._engines[seat].said("stats", since)]

    def heights_sent(self, seat: str, since: float) -> set[int]:
        """See `Meeting`."""
        encoders = [one for _, line in self._engines[seat].said("stats", since) for one in line["encoders"]]
        rungs = {one["rung"] for one in encoders if one["source"] == "camera" and one["viewers"]}
        # A rung is called as people call it: 360p30.
        return {int(rung.partition("p")[0]) for rung in rungs if rung.partition("p")[0].isdigit()}

    def _want(self, viewer: str, sender: str, want: Line) -> None:
        self._engines[viewer].ask({"do": "want", "peer": self._ids[sender], "source": "camera", **want})


def _own_id(engine: Engine) -> str:
    return str(engine.wait_for(lambda line: line["event"] in ("room", "joined"))["self"])


def _connected(peer: str) -> Callable[[Line], bool]:
    return lambda line: line["event"] == "peer" and line["peer"] == peer and line["state"] == "connected"
