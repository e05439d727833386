"""What reaches the speaker of what peers send."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from meshconf.codec.sound_encoder import SoundEncoder
from meshconf.conference.ears import Ears
from meshconf.devices.base import Samples
from meshconf.rtc.incoming import SoundPacket
from meshconf.types import BLOCK, PeerId, SourceKind

ADA = PeerId("ada")


class Sink:
    """A speaker that wants its next block as soon as a packet has come for it."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Samples] = asyncio.Queue()
        self.wanted = asyncio.Semaphore(0)

    async def pace(self) -> None:
        await self.wanted.acquire()

    def write(self, samples: Samples) -> None:
        self.heard.put_nowait(samples)

    def close(self) -> None:
        pass


async def loudness(packets: list[bytes]) -> tuple[float, float]:
    """Of the left and the right half of the last second that the speaker got."""
    sink = Sink()
    ears = Ears("speaker", lambda spec: sink)
    await ears.start()
    heard, now = [], time.monotonic()
    for number, payload in enumerate(packets):
        ears.hear(ADA, SourceKind.MEDIA, SoundPacket(number, number * BLOCK, payload, now + number * 0.02))
        sink.wanted.release()
        heard.append(await sink.heard.get())
    await ears.close()
    left, right = np.sqrt(np.square(np.concatenate(heard[-20:]).astype(np.float64)).mean(axis=0))
    return float(left), float(right)


def packets(*, music: bool, left_only: bool) -> list[bytes]:
    encoder = SoundEncoder(music=music)
    tone = (8000 * np.sin(np.arange(BLOCK) * (2 * np.pi * 500 / 48_000))).astype(np.int16)
    block = np.stack([tone, np.zeros_like(tone)], axis=1) if left_only else tone
    made = [encoder.encode(block, n * 0.02) for n in range(60)]
    return [frame.data for frame in made if frame is not None]


async def test_what_was_on_the_left_is_heard_on_the_left() -> None:
    left, right = await loudness(packets(music=True, left_only=True))
    assert left > 3000 and right < left / 50


async def test_a_voice_is_in_the_middle() -> None:
    left, right = await loudness(packets(music=False, left_only=False))
    assert left > 3000 and left == right


async def test_a_stream_that_becomes_stereo_is_heard_in_stereo() -> None:
    left, right = await loudness(packets(music=False, left_only=False) + packets(music=True, left_only=True))
    assert left > 3000 and right < left / 10
