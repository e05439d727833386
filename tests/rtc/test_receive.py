"""Decoded frames on their way to the listener."""

from __future__ import annotations

import asyncio
from typing import Any

import av
import numpy as np
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from numpy.typing import NDArray

from meshconf.rtc.receive import PICTURE_BACKLOG, Received, drain, mono
from meshconf.types import SAMPLE_RATE, SourceKind


def _sound(left: int, right: int, rate: int = SAMPLE_RATE) -> av.AudioFrame:
    pairs = np.tile(np.array([left, right], dtype=np.int16), 960).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(pairs, format="s16", layout="stereo")
    frame.sample_rate = rate
    return frame


async def _drained(source: SourceKind, frames: list[Any]) -> tuple[Received, list[Any]]:
    track = RemoteStreamTrack("audio" if source.is_audio else "video")
    for frame in [*frames, None]:
        track._queue.put_nowait(frame)
    taken: list[Any] = []
    counters = Received()

    def take(source: SourceKind, what: NDArray[np.int16] | av.VideoFrame) -> None:
        taken.append(what)

    async with asyncio.timeout(2):
        await drain(source, track, counters, take, take)
    return counters, taken


def test_stereo_becomes_mono_without_overflow() -> None:
    assert set(mono(_sound(32_767, 32_767)).tolist()) == {32_767}
    assert set(mono(_sound(-1_000, 3_000)).tolist()) == {1_000}
    samples = mono(_sound(1, 1))
    assert samples.dtype == np.int16 and samples.shape == (960,)


async def test_sound_is_handed_on_and_a_foreign_rate_is_not() -> None:
    counters, taken = await _drained(SourceKind.MIC, [_sound(5, 5), _sound(5, 5, rate=8_000)])
    assert (counters.frames, counters.dropped) == (1, 1)
    assert taken[0].shape == (960,)


async def test_pictures_that_come_too_fast_are_dropped_oldest_first() -> None:
    frames = [av.VideoFrame(16, 16, "yuv420p") for _ in range(10)]
    for number, frame in enumerate(frames):
        frame.pts = number
    counters, taken = await _drained(SourceKind.CAMERA, frames)
    # The mark of the track's end waits behind the pictures, so it counts among those in front of the newest.
    assert [frame.pts for frame in taken] == list(range(10 - PICTURE_BACKLOG, 10))
    assert counters.dropped == 10 - PICTURE_BACKLOG


async def test_a_picture_that_is_huge_or_in_another_format_is_not_handed_on() -> None:
    frames = [av.VideoFrame(4_096, 4_096, "yuv420p"), av.VideoFrame(16, 16, "yuv444p")]
    counters, taken = await _drained(SourceKind.SCREEN, frames)
    assert taken == []
    assert counters.dropped == 2
