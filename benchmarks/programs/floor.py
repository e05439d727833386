"""The least that a sender or a viewer can cost: camera, codecs and a clock, with nothing sent and nothing received.

`python -m benchmarks.programs.floor encode|decode TASK`. The encoders are meshconf's own, with its settings.
"""

from __future__ import annotations

import heapq
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.programs.lines import say
from benchmarks.scene import Scene
from meshconf.codec.choice import open_encoder
from meshconf.codec.libopus import OpusEncoder
from meshconf.types import BLOCK, SAMPLE_RATE

_CLOCK = 90_000
_CLIP_S = 6
"""Seconds of pictures that are decoded; the first ones are cheap, while rate control finds its place."""
_WARM_UP = 1.0
"""Seconds that are not counted."""

Step = Callable[[], object]


def encode(task: dict[str, Any]) -> list[tuple[float, Step]]:
    """A camera and a microphone, each encoded once: what to do, and every how many seconds."""
    pictures, blocks = _pictures(task), _blocks()
    return [(1 / task["fps"], lambda: next(pictures)), (BLOCK / SAMPLE_RATE, lambda: next(blocks))]


def decode(task: dict[str, Any]) -> list[tuple[float, Step]]:
    """As many senders as the task says, decoded: the first encoded seconds again and again, from the keyframe on.

    Encoded faster than they are played, but of a scene that moves as fast: one that stands still is decoded easily.
    """
    seconds = itertools.count()
    once, sound = _pictures(task, lambda: next(seconds) / task["fps"]), _blocks()
    pictures = [av.Packet(data) for data in itertools.islice(once, _CLIP_S * task["fps"])]
    blocks = [av.Packet(data) for data in itertools.islice(sound, round(SAMPLE_RATE / BLOCK))]
    steps: list[tuple[float, Step]] = []
    for _ in range(task["senders"]):
        for packets, every, context in (
            (pictures, 1 / task["fps"], av.CodecContext.create({"VP8": "vp8", "H264": "h264"}[task["codec"]], "r")),
            (blocks, BLOCK / SAMPLE_RATE, av.CodecContext.create("libopus", "r")),
        ):
            context.thread_count = 1
            steps.append((every, _decoding(context, itertools.cycle(packets))))
    return steps


def _decoding(context: Any, packets: Iterator[av.Packet[Any]]) -> Step:
    return lambda: context.decode(next(packets))


def _pictures(task: dict[str, Any], clock: Callable[[], float] = time.time) -> Iterator[bytes]:
    scene = Scene(Path(task["scene"]), task["fps"])
    encoder = open_encoder(task["codec"], task["width"], task["height"], task["fps"], task["bitrate_bps"])
    for number in itertools.count():
        frame = av.VideoFrame.from_ndarray(scene.paint(clock()), format="yuv420p")
        frame.pts = number * _CLOCK // task["fps"]
        frame.time_base = Fraction(1, _CLOCK)
        encoded = encoder.encode(frame, keyframe=number == 0)
        if encoded is not None:
            yield encoded.data


def _blocks() -> Iterator[bytes]:
    encoder = OpusEncoder()
    block = (3277 * np.sin(np.arange(BLOCK) * 2 * np.pi * 450 / SAMPLE_RATE)).astype(np.int16)
    while True:
        encoded = encoder.encode(block)
        if encoded is not None:
            yield encoded.data


def run(steps: list[tuple[float, Step]], seconds: float) -> float:
    """Do each step in its rhythm; returns CPU seconds a second."""
    started = time.monotonic()
    due = [(started, number) for number in range(len(steps))]
    counted_from: tuple[float, float] | None = None
    while (now := time.monotonic()) < started + _WARM_UP + seconds:
        if counted_from is None and now >= started + _WARM_UP:
            counted_from = (now, time.process_time())
        at, number = due[0]
        if at > now:
            time.sleep(at - now)
        every, step = steps[number]
        step()
        heapq.heapreplace(due, (at + every, number))
    assert counted_from is not None
    return (time.process_time() - counted_from[1]) / (time.monotonic() - counted_from[0])


def main() -> None:
    """Measure and say the figure."""
    what, task = sys.argv[1], json.loads(sys.argv[2])
    steps = encode(task) if what == "encode" else decode(task)
    say({"event": "floor", "cpu": run(steps, task["seconds"])})


if __name__ == "__main__":
    main()
