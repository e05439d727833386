"""A program: plays a recorded voice on the default speaker, and cleans what the default microphone hears.

`python -m benchmarks.echo.loop SECONDS`, with a sound card whose microphone hears its speaker.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import numpy as np

from benchmarks.echo.voices import recorded
from meshconf.conference.voice_cleaner import VoiceCleaner
from meshconf.devices.base import AudioSink, TimedSink
from meshconf.devices.open import open_audio_sink, open_audio_source
from meshconf.errors import DeviceError
from meshconf.media.samples import Samples
from meshconf.types import BLOCK


async def main(seconds: float) -> None:
    """Run, and say one line: each block as a sum of squares, before and after, and the processor time it took."""
    speaker = await asyncio.to_thread(open_audio_sink, "default")
    assert isinstance(speaker, TimedSink)
    microphone = await asyncio.to_thread(open_audio_source, "default")
    cleaner = VoiceCleaner(speaker.played, _missing)
    await asyncio.to_thread(cleaner.prepare, microphone)
    playing = asyncio.create_task(_play(speaker, recorded("ada", seconds + 5, -26.0).round().astype(np.int16)))
    heard: list[float] = []
    sent: list[float] = []
    took: list[float] = []
    try:
        for _ in range(int(seconds * 50)):
            block = await microphone.read()
            begun = time.process_time()
            clean = cleaner.clean(microphone, block)
            took.append(time.process_time() - begun)
            heard.append(_energy(block))
            sent.append(_energy(clean))
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        for device in (microphone, speaker):
            await asyncio.to_thread(device.close)
    sys.stdout.write(json.dumps({"heard": heard, "sent": sent, "took": took}) + "\n")


async def _play(speaker: AudioSink, sound: Samples) -> None:
    for start in range(0, sound.size - BLOCK, BLOCK):
        await speaker.pace()
        speaker.write(sound[start : start + BLOCK])


def _energy(block: Samples) -> float:
    return float(np.sum(np.square(block, dtype=np.float64)))


def _missing(error: DeviceError) -> None:
    raise error


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
