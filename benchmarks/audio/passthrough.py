"""A program: plays on one device what another hears, block by block as the speaker asks, and does nothing else.

`python -m benchmarks.audio.passthrough MICROPHONE SPEAKER`
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque

import numpy as np

from meshconf.devices.base import AudioSource
from meshconf.devices.open import open_audio_sink, open_audio_source
from meshconf.media.samples import Samples
from meshconf.types import BLOCK


async def main(microphone_name: str, speaker_name: str) -> None:
    """Run until the process is ended."""
    speaker = await asyncio.to_thread(open_audio_sink, speaker_name)
    microphone = await asyncio.to_thread(open_audio_source, microphone_name)
    heard: deque[Samples] = deque(maxlen=2)
    hearing = asyncio.create_task(_hear(microphone, heard))
    while not hearing.done():
        await speaker.pace()
        speaker.write(heard.popleft() if heard else np.zeros(BLOCK, dtype=np.int16))


async def _hear(microphone: AudioSource, heard: deque[Samples]) -> None:
    while True:
        heard.append(await microphone.read())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
