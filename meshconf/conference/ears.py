"""What we hear: every peer's sound through its own play-out, mixed for the one speaker, paced by the speaker's clock.

The speaker is one that stays: where there is none, it plays to nowhere in real time, and meters and counters go on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from meshconf.codec.libopus import open_opus_decoder
from meshconf.codec.opus_settings import is_stereo
from meshconf.conference.talk.volumes import Volumes
from meshconf.conference.tasks import Tasks
from meshconf.devices.base import AudioSink, TimedSink
from meshconf.devices.opening import open_or_release
from meshconf.media.chimes import Chimes
from meshconf.media.cushion import Cushion
from meshconf.media.level import FLOOR_DB, SpeakingDetector, level_db
from meshconf.media.mixer import Mixer
from meshconf.media.voice.playout import VoicePlayout
from meshconf.rtc.incoming import SoundPacket
from meshconf.types import BLOCK, SAMPLE_RATE, PeerId, SourceKey, SourceKind

BLOCK_S = BLOCK / SAMPLE_RATE
"""Seconds of sound that are mixed at a time."""

CHANNELS = 2
"""Of the speaker; what is played to one that has fewer is mixed."""

_PAUSE, _LONGEST_PAUSE = 0.05, 5.0  # seconds before mixing begins anew, doubled each time that it fails early
_STEADY = 10.0  # seconds after which a failure is a new story


@dataclass(slots=True)
class Meter:
    """Loudness of one participant's microphone, ourselves included."""

    db: float = FLOOR_DB
    heard: float = 0.0
    """Monotonic time of the last block."""
    detector: SpeakingDetector = field(default_factory=SpeakingDetector)

    def feed(self, samples: npt.NDArray[np.int16]) -> None:
        """Take a block."""
        self.heard = time.monotonic()
        self.db = level_db(samples)
        self.detector.update(self.db, self.heard)

    def read(self) -> tuple[float, bool]:
        """dBFS, and whether the person speaks; silence once nothing arrives any more."""
        if time.monotonic() - self.heard > 0.5:
            return FLOOR_DB, False
        return self.db, self.detector.speaking


class Ears:
    """Play-out, mix and meters of all peers' sound."""

    def __init__(self, spec: str, open_sink: Callable[[str], AudioSink]) -> None:
        self._spec = spec
        self._open_sink = open_sink
        self._playouts: dict[SourceKey, VoicePlayout] = {}
        self._meters: dict[PeerId, Meter] = {}
        self.volumes = Volumes()
        """How loud everybody is in our mix."""
        self.chimes = Chimes()
        """Small sounds for this speaker alone."""
        self.own = Cushion()
        """What we play to everybody and want to hear as well."""
        self._mixer = Mixer(CHANNELS)
        self._tasks = Tasks()
        self._sink: AudioSink | None = None
        self._began = 0.0
        self._pause = 0.0
        self.late_blocks = 0
        """Blocks that were mixed a whole block too late."""

    async def start(self) -> None:
        """Open the speaker and begin to mix.

        Raises:
            DeviceError: the speaker is missing; `silence` is then the way on.
        """
        self._sink = await open_or_release(self._open_sink, self._spec)
        self._mix()

    async def silence(self) -> None:
        """Go on without a speaker."""
        self._spec = "null"
        await self.start()

    async def close(self) -> None:
        """Stop and release the speaker."""
        await self._tasks.close()
        if self._sink is not None:
            await asyncio.to_thread(self._sink.close)

    def hear(self, peer: PeerId, source: SourceKind, packet: SoundPacket) -> None:
        """A packet of a peer's sound."""
        playout = self._playouts.get((peer, source))
        # Once a stream was stereo it stays so: mono is decoded to both sides.
        if playout is None or (playout.channels < CHANNELS and is_stereo(packet.payload)):
            channels = CHANNELS if is_stereo(packet.payload) else 1
            playout = self._playouts[peer, source] = VoicePlayout(open_opus_decoder(channels), channels=channels)
        playout.push(packet.sequence, packet.timestamp, packet.payload, packet.arrived)

    def reconnected(self, peer: PeerId) -> None:
        """What follows of a peer's sound comes over another connection than before."""
        for (speaker, _), playout in self._playouts.items():
            if speaker == peer:
                playout.renumber()

    def forget(self, peer: PeerId, source: SourceKind | None = None) -> None:
        """The peer, or one of its sources, is gone."""
        for stream in [stream for stream in self._playouts if stream[0] == peer and source in (None, stream[1])]:
            del self._playouts[stream]
        if source in (None, SourceKind.MIC):
            self._meters.pop(peer, None)

    def played(self) -> list[tuple[float, npt.NDArray[np.int16]]]:
        """What the loudspeaker has played since the last call, and when; nothing where there is none."""
        return self._sink.played() if isinstance(self._sink, TimedSink) else []

    def meter(self, peer: PeerId) -> Meter:
        """The meter of a peer (or of ourselves)."""
        return self._meters.setdefault(peer, Meter())

    def playout(self, peer: PeerId, source: SourceKind) -> VoicePlayout | None:
        """How a stream is played; None before it began."""
        return self._playouts.get((peer, source))

    def meters(self) -> dict[PeerId, Meter]:
        """All meters."""
        return self._meters

    def _mix(self) -> None:
        assert self._sink is not None
        self._tasks.spawn(self._run(self._sink, self._pause), "ears", on_failure=self._failed)

    def _failed(self, error: BaseException) -> None:
        """Whatever it was: mix anew, without the streams of before, one of which may be to blame."""
        steady = time.monotonic() - self._began > _STEADY
        self._pause = _PAUSE if steady else min(max(2 * self._pause, _PAUSE), _LONGEST_PAUSE)
        self._playouts.clear()
        self._mixer = Mixer(CHANNELS)
        self._mix()

    async def _run(self, sink: AudioSink, pause: float) -> None:
        await asyncio.sleep(pause)
        self._began = before = time.monotonic()
        while True:
            await sink.pace()
            now = time.monotonic()
            if now - before > 2 * BLOCK_S:
                self.late_blocks += 1
            before = now
            sink.write(self._mixer.mix(self._voices(now)))

    def _voices(self, now: float) -> Iterator[tuple[npt.NDArray[np.int16], float]]:
        """The next block of everybody, and how loud it shall be."""
        for (peer, source), playout in self._playouts.items():
            block = playout.pull(now)
            if source is SourceKind.MIC:
                self.meter(peer).feed(block)
            if (gain_db := self.volumes.gain_db(peer)) is not None:
                yield block, gain_db
        if (own := self.own.pull()) is not None and not self.volumes.of(None).deaf:
            yield own, self.volumes.of(None).gain_db
        if (chime := self.chimes.pull()) is not None:
            yield chime, 0.0
