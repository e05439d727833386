"""From a microphone through two engines to a loudspeaker, in real time, on a sound server of its own.

The server tells what it heard and played by the samples of its sinks; both are read with the same delay, so that the
time between them is exact to a few milliseconds. The same is done with a program that only reads the microphone and
writes to the speaker: what that takes are the buffers of devices and sound server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.audio.spoken import spoken
from benchmarks.rendezvous import rendezvous
from meshconf.types import SAMPLE_RATE
from tests.lab import sound
from tests.support.engine import ROOT, Engine

_FORMAT = ("--raw", "--format=s16le", f"--rate={SAMPLE_RATE}", "--channels=1", "--latency-msec=10")
_CHUNK = 480
_SETTLE_S = 6.0
_WINDOW_S = 1.0
_LONGEST_S = 0.5
_ALIKE = 0.5
"""Least likeness of what was spoken and heard in a second for its delay to count."""
_EDGE = (200.0, 4000.0)
"""Hz between which they are compared: what the microphone's cleaning leaves alone."""
_PEER_S = 30.0

Sound = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Delays:
    """One way, many times."""

    p50_ms: float
    p95_ms: float


def through_engines(seconds: float) -> Delays:
    """Two engines on this machine: somebody speaks into the microphone of one, and is heard at the other."""
    ann, bob = sound.Card("ann"), sound.Card("bob")
    with sound.SoundServer([ann, bob]) as server, _speaking(server, ann), _meeting(server):
        time.sleep(_SETTLE_S)
        return _measure(server, ann, bob, seconds)


def through_devices(seconds: float) -> Delays:
    """The same devices with nothing between them."""
    ann, bob = sound.Card("ann"), sound.Card("bob")
    with sound.SoundServer([ann, bob]) as server, _speaking(server, ann):
        command = [sys.executable, "-m", "benchmarks.audio.passthrough", "ann", "bob"]
        with _process(command, server, cwd=ROOT):
            time.sleep(_SETTLE_S)
            return _measure(server, ann, bob, seconds)


def delays_s(spoken_: Sound, heard: Sound, lead_s: float = 0.0) -> list[float]:
    """How much later each second of one recording is in the other.

    Args:
        spoken_: mono at 48 kHz.
        heard: the same.
        lead_s: by how much the second one begins later than the first.

    Returns:
        Seconds, for each second in which the two are alike enough.
    """
    length, most = int(_WINDOW_S * SAMPLE_RATE), int(_LONGEST_S * SAMPLE_RATE)
    found = []
    for start in range(0, spoken_.size - length, length):
        begin = start - round(lead_s * SAMPLE_RATE)
        if begin < 0 or begin + length + most > heard.size:
            continue
        there, here = _band(spoken_[start : start + length]), _band(heard[begin : begin + length + most])
        size = 1 << (here.size + there.size).bit_length()
        products = np.fft.irfft(np.fft.rfft(here, size) * np.conj(np.fft.rfft(there, size)), size)[:most]
        squares = np.concatenate([[0.0], np.cumsum(here**2)])
        energies = squares[length : length + most] - squares[:most]
        alike = products / (np.sqrt(energies * float(there @ there)) + 1.0)
        best = int(alike.argmax())
        if alike[best] > _ALIKE:
            found.append(best / SAMPLE_RATE)
    return found


def _band(sound_: Sound) -> npt.NDArray[np.float64]:
    spectrum = np.fft.rfft(sound_.astype(np.float64))
    frequencies = np.fft.rfftfreq(sound_.size, 1 / SAMPLE_RATE)
    spectrum[(frequencies < _EDGE[0]) | (frequencies > _EDGE[1])] = 0
    return np.fft.irfft(spectrum, sound_.size)


def _measure(server: sound.SoundServer, ann: sound.Card, bob: sound.Card, seconds: float) -> Delays:
    with _Recorder(server, f"{ann.microphone}.monitor") as mouth, _Recorder(server, f"{bob.speaker}.monitor") as ear:
        time.sleep(seconds)
    (began, said), (heard_from, heard) = mouth.recording(), ear.recording()
    found = delays_s(said, heard, heard_from - began)
    if not found:
        raise OSError("nothing that was spoken was heard")
    p50, p95 = np.percentile(found, [50, 95]) * 1000
    return Delays(float(p50), float(p95))


class _Recorder:
    """Records a source, and when: its first sample came as long ago as the least late of all pieces says."""

    def __init__(self, server: sound.SoundServer, source: str) -> None:
        command = ["parec", f"--device={source}", *_FORMAT]
        self._process = subprocess.Popen(command, env=server.env, stdout=subprocess.PIPE)
        self._pieces: list[bytes] = []
        self._began = float("inf")
        self._thread = threading.Thread(target=self._read, name=f"recorder of {source}")

    def __enter__(self) -> _Recorder:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._thread.join()
        self._process.wait()

    def recording(self) -> tuple[float, Sound]:
        """Monotonic seconds of the first sample, and all of them."""
        return self._began, np.frombuffer(b"".join(self._pieces), "<i2")

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            while len(piece := pipe.read(2 * _CHUNK)) == 2 * _CHUNK:
                self._pieces.append(piece)
                self._began = min(self._began, time.monotonic() - len(self._pieces) * _CHUNK / SAMPLE_RATE)


@contextmanager
def _process(command: Sequence[str], server: sound.SoundServer, cwd: Path | None = None) -> Iterator[None]:
    with subprocess.Popen(command, env=server.env, cwd=cwd, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def _speaking(server: sound.SoundServer, card: sound.Card) -> Iterator[None]:
    with tempfile.NamedTemporaryFile(suffix=".raw") as file:
        file.write(spoken(300.0).astype("<i2").tobytes())
        file.flush()
        with _process(["pacat", "--playback", f"--device={card.microphone}", *_FORMAT, file.name], server):
            yield


@contextmanager
def _meeting(server: sound.SoundServer) -> Iterator[None]:
    """Ann speaks and Bob hears."""
    with ExitStack() as stack:
        homes = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ear-"))) for _ in range(2)]
        url = stack.enter_context(rendezvous())
        options = ("--no-lan", "--rendezvous", url, "--camera=none")
        stack.enter_context(_environment(server))
        host = Engine("ann", "host", *options, "--mic=ann", "--speaker=ann", home=homes[0])
        stack.enter_context(host)
        guest = Engine("bob", "join", host.link, *options, "--mic=none", "--speaker=bob", home=homes[1])
        stack.enter_context(guest)
        guest.wait_connected(host, seconds=_PEER_S)
        yield


@contextmanager
def _environment(server: sound.SoundServer) -> Iterator[None]:
    """Programs started here use the server."""
    before = dict(os.environ)
    os.environ.update(server.env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
