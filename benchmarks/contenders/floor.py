"""No contender but what none can pass below: the codecs alone. See `programs/floor`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.contenders.base import Picture
from benchmarks.program import Program
from benchmarks.scene import render
from tests.lab.network import Host


class Floor:
    """Measures them."""

    name = "floor"

    def __init__(self, folder: Path, host: Host) -> None:
        """Args: folder: of the scenes. host: where it runs."""
        self._folder = folder
        self._host = host

    def encode(self, picture: Picture, seconds: float) -> float:
        """CPU seconds a second of a camera, its encoder and opus."""
        return self._run("encode", picture, 1, seconds)

    def decode(self, picture: Picture, senders: int, seconds: float) -> float:
        """CPU seconds a second of decoding picture and sound of so many senders."""
        return self._run("decode", picture, senders, seconds)

    def _run(self, what: str, picture: Picture, senders: int, seconds: float) -> float:
        scene = render(self._folder, picture.width, picture.height, picture.fps)
        task = json.dumps({"scene": str(scene), "senders": senders, "seconds": seconds, **asdict(picture)})
        with Program(what, "benchmarks.programs.floor", [what, task], host=self._host) as program:
            return float(program.wait_for(lambda line: line["event"] == "floor", seconds + 20)["cpu"])
