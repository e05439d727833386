import asyncio
import time

import numpy as np
import pytest

from meshconf.devices.base import SourceEnded
from meshconf.devices.synthetic import NullSink, TestPicture, Tone, tone_frequency
from meshconf.media import stamp
from tests.devices.hearing import loudest


async def test_a_tone_has_its_frequency_without_clicks_between_blocks() -> None:
    tone = Tone(450)
    sound = np.concatenate([await tone.read() for _ in range(20)])
    assert loudest(sound) == pytest.approx(450, abs=3)
    assert np.abs(np.diff(sound.astype(np.int32))).max() < 250
    tone.close()
    with pytest.raises(SourceEnded):
        await tone.read()


async def test_tone_and_null_sink_keep_real_time() -> None:
    tone, sink = Tone(440), NullSink()
    started = time.monotonic()
    for _ in range(25):
        await sink.pace()
        sink.write(await tone.read())
    assert 0.4 < time.monotonic() - started < 1.0
    sink.close()
    with pytest.raises(SourceEnded):
        await sink.pace()


def test_names_have_lasting_and_different_tones() -> None:
    assert tone_frequency("anna") == tone_frequency("anna")
    assert len({tone_frequency(name) for name in ("anna", "ben", "carla", "host")}) >= 3
    assert all(300 <= tone_frequency(str(n)) <= 2250 for n in range(200))


async def test_the_test_picture_is_fresh_timed_and_paced() -> None:
    source = await asyncio.to_thread(TestPicture, 320, 240, 30, "anna")
    frames = [await asyncio.wait_for(source.read(), 2) for _ in range(15)]
    now = int(time.time() * 1000)
    read = stamp.read(frames[-1].to_ndarray())
    assert read is not None and (now - read) % stamp.WRAP < 150
    times = [frame.pts or 0 for frame in frames]
    assert times == sorted(times) and 0.3 < (times[-1] - times[0]) / 90_000 < 1.0
    await asyncio.to_thread(source.close)
    with pytest.raises(SourceEnded):
        for _ in range(4):
            await source.read()
