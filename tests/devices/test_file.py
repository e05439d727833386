import asyncio
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from meshconf.devices.file import FilePicture, FileSound
from meshconf.devices.pattern import Pattern
from meshconf.errors import DeviceError
from meshconf.media import stamp
from tests.devices.hearing import loudest

SECONDS, RATE, FPS = 0.5, 44_100, 25


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Half a second of a 600 Hz stereo tone and of the test picture painted for the seconds 0 to 0.5."""
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=FPS)
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = 320, 240, "yuv420p", 4_000_000
        sound = container.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        for n in range(int(SECONDS * FPS)):
            frame = av.VideoFrame.from_ndarray(Pattern(320, 240).paint(n / FPS), format="yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, FPS)
            container.mux(picture.encode(frame))
        wave = (np.sin(np.arange(int(RATE * SECONDS)) * 2 * np.pi * 600 / RATE) * 9000).astype(np.int16)
        block = av.AudioFrame.from_ndarray(wave.repeat(2)[None], format="s16", layout="stereo")
        block.sample_rate, block.pts = RATE, 0
        container.mux(sound.encode(block))
        container.mux(picture.encode())
    return path


async def test_sound_is_resampled_paced_and_looped(clip: Path) -> None:
    source = await asyncio.to_thread(FileSound, f"file:{clip}")
    started = time.monotonic()
    blocks = [await asyncio.wait_for(source.read(), 2) for _ in range(60)]
    taken = time.monotonic() - started
    await asyncio.to_thread(source.close)
    assert all(block.shape == (960,) and block.dtype == np.int16 for block in blocks)
    assert loudest(np.concatenate(blocks[:20])) == pytest.approx(600, abs=3)
    assert loudest(np.concatenate(blocks[40:])) == pytest.approx(600, abs=3), "the second round sounds the same"
    assert 0.9 < taken < 1.8


async def test_pictures_are_paced_and_looped(clip: Path) -> None:
    source = await asyncio.to_thread(FilePicture, f"file:{clip}", 320, 240, 30)
    frames = [await asyncio.wait_for(source.read(), 2) for _ in range(25)]
    await asyncio.to_thread(source.close)
    shown = [stamp.read(frame.to_ndarray()) for frame in frames]
    assert 0 in shown[5:], "the file began again"
    times = [(frame.pts or 0) / 90_000 for frame in frames]
    assert times == sorted(times) and 0.7 < times[-1] - times[0] < 1.5


def write_slides(path: Path) -> None:
    """Three pictures, 0.8 s apart."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=FPS)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        for n in range(3):
            frame = av.VideoFrame.from_ndarray(Pattern(320, 240).paint(float(n)), format="yuv420p")
            frame.pts, frame.time_base = n * FPS * 4 // 5, Fraction(1, FPS)
            container.mux(picture.encode(frame))
        container.mux(picture.encode())


async def test_slides_are_shown_for_as_long_as_they_say(tmp_path: Path) -> None:
    path = tmp_path / "slides.mkv"
    await asyncio.to_thread(write_slides, path)
    source = await asyncio.to_thread(FilePicture, f"file:{path}", 320, 240, 30)
    first, second = [(await asyncio.wait_for(source.read(), 5)).pts or 0 for _ in range(2)]
    await asyncio.to_thread(source.close)
    assert (second - first) / 90_000 == pytest.approx(0.8, abs=0.2)


async def test_a_lower_rate_thins_pictures_out(clip: Path) -> None:
    source = await asyncio.to_thread(FilePicture, f"file:{clip}", 160, 120, 10)
    times = [((await asyncio.wait_for(source.read(), 2)).pts or 0) / 90_000 for _ in range(5)]
    await asyncio.to_thread(source.close)
    assert min(np.diff(times)) > 0.07


@pytest.mark.parametrize("kind", ["missing", "text", "mute"])
def test_what_cannot_be_played_ends_in_a_sentence_and_a_fix(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if kind == "text":
        path.write_text("not a film")
    if kind == "mute":
        path = tmp_path / "x.wav"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
            block = av.AudioFrame.from_ndarray(np.zeros((1, 960), dtype=np.int16), format="s16", layout="mono")
            block.sample_rate = 48_000
            container.mux(stream.encode(block))
    with pytest.raises(DeviceError) as error:
        FilePicture(f"file:{path}", 320, 240, 30)
    assert error.value.fix and "Errno" not in str(error.value)


async def test_a_stream_that_nobody_serves_is_refused() -> None:
    with pytest.raises(DeviceError, match="stream") as error:
        await asyncio.to_thread(FileSound, "tcp://127.0.0.1:9")
    assert error.value.fix
