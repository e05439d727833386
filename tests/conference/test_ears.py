"""What reaches the speaker of what peers send."""

from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest

from meshconf.codec.sound_encoder import SoundEncoder
from meshconf.conference.ears import Ears
from meshconf.media.samples import Samples
from meshconf.rtc.incoming import SoundPacket
from meshconf.types import BLOCK, PeerId, SourceKind
from tests.conference.table import until

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


async def test_whatever_fails_while_mixing_the_voices_are_heard_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sink = Sink()
    ears = Ears("speaker", lambda spec: sink)
    await ears.start()
    monkeypatch.setattr(ears.volumes, "gain_db", lambda peer: 1 / 0)
    voice = packets(music=False, left_only=False)
    ears.hear(ADA, SourceKind.MIC, SoundPacket(0, 0, voice[0], time.monotonic()))
    sink.wanted.release()
    await until(lambda: "task ears failed" in caplog.text)
    monkeypatch.undo()
    ears.hear(ADA, SourceKind.MIC, SoundPacket(1, BLOCK, voice[1], time.monotonic()))
    sink.wanted.release()
    async with asyncio.timeout(5):
        await sink.heard.get()
    await ears.close()


async def test_mixing_that_fails_for_ever_is_tried_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Sink):
        async def pace(self) -> None:
            raise ZeroDivisionError

    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 12:
            await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "sleep", pause)
    ears = Ears("speaker", lambda spec: Broken())
    await ears.start()
    while len(pauses) < 12:
        await asyncio.to_thread(lambda: None)
    await ears.close()
    assert pauses[:4] == [0.0, 0.05, 0.1, 0.2] and pauses[-1] == 5.0


async def test_a_speaker_whose_opening_is_not_waited_for_is_released() -> None:
    opening, may_open, closed = threading.Event(), threading.Event(), threading.Event()

    def open_slowly(spec: str) -> Sink:
        opening.set()
        assert may_open.wait(5)
        sink = Sink()
        sink.close = closed.set  # type: ignore[method-assign]
        return sink

    ears = Ears("speaker", open_slowly)
    starting = asyncio.create_task(ears.start())
    await until(opening.is_set)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await ears.close()
    may_open.set()
    await until(closed.is_set)
