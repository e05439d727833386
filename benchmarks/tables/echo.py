"""Echo: how much of the far end is left, what becomes of the near end, and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.bench import Bench
from benchmarks.echo.call import Outcome, Scene, play
from benchmarks.echo.voices import Wave, level_db
from benchmarks.program import ProgramFailed
from benchmarks.report import Table, figure
from meshconf.types import BLOCK, SAMPLE_RATE
from tests.lab import sound
from tests.support.engine import ROOT

_SPANS = ((0.0, 3.0), (3.0, 10.0), (10.0, 30.0))
_NEAR_DB = -26.0
_NOTE = (
    "ERLE: how much softer what is sent is than the echo at the microphone while nobody speaks in the room, over the "
    "seconds from the start that the column names. Recorded voices; rooms by mirror images; echo 6 dB below what is "
    "played; drivers' times are off by 0.3 ms, and by 2 ms where it says so. Gain control is off while this is "
    "measured. *As blocks come*: the canceller alone, without the far end being kept in line."
)
_TALK_NOTE = (
    "Both speak all the time. Loss: how much softer the near voice comes through than with nothing played, from its "
    "part in what is sent, 10 s after the start. Echo: by the near voice."
)

_SCENES: dict[str, Scene] = {
    "office, 0.3 s": Scene(),
    "hall, 0.6 s": Scene(reverberation_s=0.6),
    "loud, as loud as what is played": Scene(echo_db=0.0),
    "drift 100 ppm": Scene(ppm=100),
    "drift 1000 ppm": Scene(ppm=1000),
    "drift -1000 ppm, times off by 2 ms": Scene(ppm=-1000, jitter_s=0.002),
    "drift 100 ppm, as blocks come": Scene(ppm=100, aligned=False),
    "drift 1000 ppm, as blocks come": Scene(ppm=1000, aligned=False),
}


@dataclass(frozen=True)
class Sample:
    """One scene, once."""

    erle_db: tuple[float, ...]
    """For each of the spans."""
    cost_p50_ms: float
    cost_p99_ms: float
    """Processor time for 10 ms of sound."""


@dataclass(frozen=True)
class Talk:
    """Both speak."""

    loss_db: float


def measure(bench: Bench) -> list[Table]:
    """Measure in virtual time, then through a real sound server."""
    seconds = bench.seconds(30.0, 12.0)
    seeds = iter(range(1, 1_000_000))

    def room(name: str) -> Sample:
        outcome = play(replace(_SCENES[name], seconds=seconds, seed=next(seeds)))
        return _sample(outcome.echo, outcome.sent, outcome.per_frame_s)

    def talk(cell: tuple[float, float]) -> Talk:
        echo_db, ppm = cell
        return Talk(near_loss_db(Scene(ppm=ppm, near_db=_NEAR_DB, echo_db=echo_db, seconds=seconds, seed=next(seeds))))

    rooms = bench.sweep(bench.cells(list(_SCENES), list(_SCENES)[:1]), {"meshconf": room})
    loops = bench.sweep([seconds], {"meshconf": _through_a_sound_server})
    rows = [[name, *_row(rooms.of("meshconf", name))] for name in _SCENES if rooms.of("meshconf", name)]
    rows.append(["PulseAudio, speaker to microphone", *_row(loops.of("meshconf", seconds))])
    cells = bench.cells([(echo_db, ppm) for echo_db in (0.0, -6.0, -12.0) for ppm in (0.0, 1000.0)], [(-6.0, 0.0)])
    talks = bench.sweep(cells, {"meshconf": talk})
    spans = [f"ERLE {begin:.0f} to {end:.0f} s" for begin, end in _SPANS]
    losses = [
        [
            f"{echo_db:.0f} dB",
            f"{ppm:.0f} ppm",
            figure([one.loss_db for one in talks.of("meshconf", (echo_db, ppm))], 1, " dB"),
        ]
        for echo_db, ppm in cells
    ]
    return [
        Table("Echo", ["", *spans, "CPU per 10 ms p50", "p99"], rows, [_NOTE], [rooms.as_json(), loops.as_json()]),
        Table("Both speak at once", ["echo", "drift", "loss of the near voice"], losses, [_TALK_NOTE], talks.as_json()),
    ]


def erle_db(echo: Wave, sent: Wave, begin: float, end: float) -> float | None:
    """Echo return loss enhancement over some seconds (ITU-T G.168); None where they have not come."""
    span = slice(int(begin * SAMPLE_RATE), int(end * SAMPLE_RATE))
    return level_db(echo[span]) - level_db(sent[span]) if echo[span].size else None


def near_loss_db(scene: Scene) -> float:
    """How much softer the near voice is in what is sent than without anything played."""
    both = play(scene)
    alone = play(replace(scene, echo_db=-200.0))
    settled = slice(min(10 * SAMPLE_RATE, both.sent.size // 2), None)
    return -20 * float(np.log10(_part(both, alone.sent[settled], settled)))


def _part(both: Outcome, voice: Wave, span: slice) -> float:
    """The factor by which a voice is in what is sent."""
    return float(np.dot(both.sent[span], voice) / np.dot(voice, voice))


def _sample(echo: Wave, sent: Wave, per_frame_s: npt.NDArray[np.float64]) -> Sample:
    spans = (erle_db(echo, sent, begin, end) for begin, end in _SPANS)
    p50, p99 = np.percentile(per_frame_s, [50, 99]) * 1000
    return Sample(tuple(one for one in spans if one is not None), float(p50), float(p99))


def _row(samples: Sequence[Sample]) -> list[str]:
    def nth(place: int) -> Callable[[Sample], float | None]:
        return lambda one: one.erle_db[place] if place < len(one.erle_db) else None

    erle = [figure([nth(place)(one) for one in samples], 1, " dB") for place in range(len(_SPANS))]
    costs = [
        figure([one.cost_p50_ms for one in samples], 3, " ms"),
        figure([one.cost_p99_ms for one in samples], 3, " ms"),
    ]
    return [*erle, *costs]


def _through_a_sound_server(seconds: float) -> Sample | None:
    """Speaker and microphone of a sound server, the microphone hearing just what the speaker plays."""
    if sound.missing() is not None:
        return None
    with sound.SoundServer([sound.Card("loop", loop=True)]) as server:
        command = [sys.executable, "-m", "benchmarks.echo.loop", str(seconds)]
        done = subprocess.run(command, env=server.env, cwd=ROOT, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode:
        raise ProgramFailed(done.stderr)
    told = json.loads(done.stdout)
    # Each block as one sample of its own energy: only levels are asked of it.
    heard, sent = (np.repeat(np.sqrt(np.array(told[name]) / BLOCK), BLOCK) for name in ("heard", "sent"))
    return _sample(heard, sent, np.array(told["took"]) / 2)
