"""Takes decoded sound and pictures from a link's remote tracks and brings them into meshconf's formats.

Tracks must always be read, since their queues have no bound; what the listener cannot use is dropped here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

from meshconf.rtc.internals import frames_waiting
from meshconf.types import SAMPLE_RATE, SourceKind

PICTURE_BACKLOG = 2
"""Decoded pictures that may wait; older ones are stale and give way."""

SOUND_BACKLOG = 50
"""Decoded blocks of sound that may wait, 1 s of 20 ms blocks."""

MAX_PIXELS = 3840 * 2160
"""Larger pictures than ours can be are not shown."""


@dataclass
class Received:
    """Counters of one remote source."""

    frames: int = 0
    """Decoded frames handed to the listener."""
    dropped: int = 0
    """Decoded frames that came too fast or in a format that nobody here uses."""


async def drain(
    source: SourceKind,
    track: MediaStreamTrack,
    counters: Received,
    on_audio: Callable[[SourceKind, NDArray[np.int16]], None],
    on_picture: Callable[[SourceKind, av.VideoFrame], None],
) -> None:
    """Read a remote track until it ends, handing on what is usable."""
    backlog = SOUND_BACKLOG if source.is_audio else PICTURE_BACKLOG
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        if frames_waiting(track) > backlog:
            counters.dropped += 1
        elif source.is_audio and isinstance(frame, av.AudioFrame) and _is_our_sound(frame):
            counters.frames += 1
            on_audio(source, mono(frame))
        elif not source.is_audio and isinstance(frame, av.VideoFrame) and _is_our_picture(frame):
            counters.frames += 1
            on_picture(source, frame)
        else:
            counters.dropped += 1


def mono(frame: av.AudioFrame) -> NDArray[np.int16]:
    """Mix the channels of a packed 16-bit frame into one."""
    channels = frame.layout.nb_channels
    packed = frame.to_ndarray().reshape(-1, channels)
    mixed: NDArray[np.int16] = (packed.sum(axis=1, dtype=np.int32) // channels).astype(np.int16)
    return mixed


def _is_our_sound(frame: av.AudioFrame) -> bool:
    return frame.format.name == "s16" and frame.sample_rate == SAMPLE_RATE


def _is_our_picture(frame: av.VideoFrame) -> bool:
    return frame.format.name == "yuv420p" and frame.width * frame.height <= MAX_PIXELS
