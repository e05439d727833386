"""A player: what it gives after each key, where it says that it is, and how it ends."""

from __future__ import annotations

import asyncio
import threading
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from meshconf.devices.base import SourceEnded
from meshconf.devices.player import Player
from meshconf.errors import DeviceError, UsageError
from meshconf.types import SAMPLE_RATE

SECONDS = 2
TENTH = 10


@pytest.fixture
def ramp(tmp_path: Path) -> str:
    """A file whose samples say how many hundredths of a second they are from the beginning, times ten."""
    path = tmp_path / "ramp.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((np.arange(SECONDS * SAMPLE_RATE) // 480 * TENTH).astype(np.int16).tobytes())
    return f"file:{path}"


@pytest.fixture
async def play(ramp: str) -> AsyncIterator[Callable[..., object]]:
    """Opens players of the ramp, and closes them."""
    opened: list[Player] = []

    async def opener(**how: object) -> Player:
        opened.append(await asyncio.to_thread(lambda: Player(ramp, **how)))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for player in opened:
        await asyncio.to_thread(player.close)


async def test_it_plays_in_order_and_knows_where_it_is(play: Callable[..., object]) -> None:
    player: Player = await play()  # type: ignore[misc]
    blocks = [int((await player.read())[0]) // TENTH for _ in range(10)]
    assert blocks == list(range(0, 20, 2))
    assert player.duration_s == SECONDS and 0.18 <= player.position_s <= 0.4


async def test_paused_it_gives_nothing_and_goes_on_where_it_was(play: Callable[..., object]) -> None:
    player: Player = await play()  # type: ignore[misc]
    await player.read()
    player.pause()
    heard = [0]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            while True:
                heard.append(int((await player.read())[0]) // TENTH)
    assert len(heard) < 5 and player.paused
    player.resume()
    assert int((await player.read())[0]) // TENTH == heard[-1] + 2


@pytest.mark.parametrize("to_s", [1.5, 0.333])
async def test_it_goes_to_the_very_sample(play: Callable[..., object], to_s: float) -> None:
    player: Player = await play()  # type: ignore[misc]
    await player.read()
    player.pause()
    player.seek(to_s)
    assert player.position_s == to_s
    player.resume()
    async with asyncio.timeout(2):
        while (said := int((await player.read())[0]) // TENTH) < 10:
            pass  # what was read before
    assert said == int(to_s * 100)


async def test_it_can_begin_anywhere(play: Callable[..., object]) -> None:
    player: Player = await play(at_s=1.0)  # type: ignore[misc]
    assert int((await player.read())[0]) // TENTH == 100


async def test_at_the_end_it_says_so_once_and_can_be_taken_back(play: Callable[..., object]) -> None:
    ended = threading.Semaphore(0)
    player: Player = await play(at_s=SECONDS - 0.05, on_end=ended.release)  # type: ignore[misc]
    assert await asyncio.to_thread(ended.acquire, timeout=3)
    assert player.ended and not ended.acquire(blocking=False)
    player.seek(1.0)
    async with asyncio.timeout(2):
        while int((await player.read())[0]) // TENTH != 100:
            pass


async def test_it_begins_again_where_that_was_chosen(play: Callable[..., object]) -> None:
    player: Player = await play(at_s=SECONDS - 0.05, repeat=True)  # type: ignore[misc]
    async with asyncio.timeout(3):
        while int((await player.read())[0]) // TENTH != 0:
            pass
    assert not player.ended


async def test_what_is_closed_gives_no_more(play: Callable[..., object]) -> None:
    player: Player = await play()  # type: ignore[misc]
    await asyncio.to_thread(player.close)
    with pytest.raises(SourceEnded):
        while True:
            await player.read()


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(DeviceError, match="no file"):
        Player("file:/nowhere.ogg")


async def test_a_live_stream_has_no_positions(play: Callable[..., object]) -> None:
    player: Player = await play()  # type: ignore[misc]
    player._tape.duration_s = None
    with pytest.raises(UsageError, match="live stream"):
        player.seek(1.0)


async def test_a_file_that_does_not_say_how_long_it_is_plays_in_its_time(play: Callable[..., object]) -> None:
    player: Player = await play()  # type: ignore[misc]
    player._tape.duration_s = None
    blocks = [int((await player.read())[0]) // TENTH for _ in range(30)]
    assert blocks == list(range(0, 60, 2)), "what is decoded faster than it is heard would be lost"


async def test_stereo_is_played_in_stereo_to_the_last_sample(tmp_path: Path) -> None:
    path, both = tmp_path / "stereo.wav", np.array([[1000, -2000]] * 1500, dtype=np.int16)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(both.tobytes())
    player = await asyncio.to_thread(Player, f"file:{path}")
    heard = np.concatenate([await player.read(), await player.read()])
    await asyncio.to_thread(player.close)
    assert np.array_equal(heard[:1500], both) and heard.shape == (1920, 2) and not heard[1500:].any()
