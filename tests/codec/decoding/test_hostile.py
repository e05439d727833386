"""Streams that want to hurt: they cost the decoder process its life at most, and the other streams hardly a picture."""

from __future__ import annotations

import asyncio
import random
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from meshconf.codec.decoding import limits
from meshconf.media.encoded import Codec, EncodedFrame
from tests.codec.decoding.clips import clip
from tests.codec.decoding.viewing import Watched, eventually, names, now

pytestmark = pytest.mark.lab

WEAK_DECODER = """
    # Loaded before everything else by the decoder process: it stands for a decoder with holes.
    import os
    from meshconf.codec.decoding import decoder

    whole = decoder.PictureDecoder.decode

    def decode(self, data):
        while b"spin for ever" in data:
            pass
        hoard = []
        while b"eat all memory" in data:
            hoard.append(bytearray(64 * 1024 * 1024))
        if b"crash at once" in data:
            os.abort()
        return whole(self, data)

    decoder.PictureDecoder.decode = decode
"""

PERIOD = 1 / 60
"""Seconds between two frames of the stream that means no harm."""


@pytest.fixture(autouse=True, scope="module")
def clips() -> None:
    """Encode beforehand what is sent, as that would hold up the event loop."""
    clip("VP8", 320, 240, 240)
    clip("VP8", 320, 240, 20)
    clip("H264", 320, 240, 20)


@pytest.fixture
def weak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder of processes that are started from now on has holes."""
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(WEAK_DECODER))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


class Beside:
    """A stream that goes on, 60 frames a second, while the other one does its worst."""

    def __init__(self, view: Watched, frames: int) -> None:
        self._view = view
        self._clip = clip("VP8", 320, 240, 240)[:frames]
        self.sent = 0
        self.slowest = 0.0
        """Seconds from handing a frame over to its picture, of those that were seen."""

    async def run(self, evil: Callable[[int], None]) -> None:
        """Send the clip; `evil` is called before each frame with its number."""
        self._view.host.open("good", "VP8")
        seen, due = -1, time.monotonic()
        for number, frame in enumerate(self._clip):
            evil(number)
            self._view.host.decode("good", now(frame))
            self.sent += 1
            due += PERIOD
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            reader = self._view.reader("good")
            info = reader.newest() if reader is not None else None
            if info is not None and info.timestamp > seen:
                seen = info.timestamp
                self.slowest = max(self.slowest, info.written - info.captured)


def hostile(codec: Codec, dice: random.Random) -> EncodedFrame:
    """Something that looks like a frame until one looks inside."""
    frame = dice.choice(clip(codec, 320, 240, 20))
    data = bytearray(frame.data)
    match dice.choice(["cut", "flipped", "noise", "noise behind a header", "whole", "empty"]):
        case "cut":
            del data[dice.randrange(len(data)) :]
        case "flipped":
            for _ in range(dice.choice([1, 8, 100])):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        case "noise":
            data = bytearray(dice.randbytes(dice.randrange(1, 50_000)))
        case "noise behind a header":
            data[10:] = dice.randbytes(dice.randrange(1, 50_000))
        case "empty":
            data.clear()
    return replace(frame, data=bytes(data), keyframe=dice.random() < 0.7)


async def test_seconds_of_hostile_bytes_cost_the_other_stream_nothing(own_home: Path) -> None:
    view = await Watched().started()
    dice = random.Random(4)
    beside = Beside(view, 180)
    for stream in ("evil VP8", "evil H264"):
        view.host.open(stream, "VP8")

    def evil(number: int) -> None:
        for codec in ("VP8", "H264"):
            for _ in range(3):
                view.host.decode(f"evil {codec}", hostile(codec, dice))

    await beside.run(evil)
    await eventually(lambda: view.host.counters("good").frames == beside.sent)
    assert view.host.counters("good").dropped == 0
    assert view.host.starts == 1, "FFmpeg survived it"
    assert view.host.counters("evil VP8").errors > 20
    assert beside.slowest < 0.25
    await view.close()
    assert not names()
    assert (own_home / "log" / "decoder.log").read_text() == ""


async def test_a_stream_of_giants_is_thinned_and_starves_nobody(tmp_path: Path) -> None:
    view = await Watched().started()
    giants = await asyncio.to_thread(clip, "VP8", 3840, 2160, 3)
    beside = Beside(view, 180)
    view.host.open("evil", "VP8")
    await view.show("evil", giants[0])
    assert view.pictures[-1][:3] == ("evil", 3840, 2160)
    flood = [giants[0], *[giants[1 + n % 2] for n in range(59)]]

    def evil(number: int) -> None:
        for n in range(4):
            view.host.decode("evil", now(flood[(4 * number + n) % 60]))

    await beside.run(evil)
    await eventually(lambda: view.host.counters("good").frames == beside.sent)
    assert view.host.counters("good").dropped == 0
    assert view.host.counters("evil").dropped > 50
    assert view.host.counters("evil").frames > 10, "it has its share"
    assert beside.slowest < 0.4, "a few giants' time"
    assert view.host.starts == 1
    await view.close()


async def test_a_stream_that_changes_its_size_with_each_frame_makes_few_buses_and_little_noise() -> None:
    view = await Watched().started()
    beside = Beside(view, 120)
    view.host.open("evil", "VP8")
    sizes = await asyncio.to_thread(lambda: [clip("VP8", 32 + 16 * n, 32 + 16 * n, 1)[0] for n in range(40)])

    def evil(number: int) -> None:
        for n in range(3):
            view.host.decode("evil", now(sizes[(7 * number + 5 * n) % 40]))

    await beside.run(evil)
    await eventually(lambda: view.host.counters("good").frames == beside.sent)
    told = [news for news in view.pictures if news[0] == "evil"]
    assert len({news[3] for news in told}) < 12
    assert len(told) < 30
    assert len(names()) == 3, "the board and two buses"
    await view.close()


@pytest.mark.parametrize("trick", [b"spin for ever", b"crash at once", b"eat all memory"])
@pytest.mark.usefixtures("weak")
async def test_a_stream_that_ends_the_decoder_is_left_out_when_it_does_it_again(
    trick: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meshconf.codec.decoding.quarantine.FIRST_PENALTY", 60.0)
    if trick == b"eat all memory" and sys.platform != "linux":
        pytest.skip("only Linux keeps to a limit of address space")
    view = await Watched().started()
    frames = clip("VP8", 320, 240, 20)
    poison = replace(frames[0], data=frames[0].data + trick)
    for stream in ("good", "evil"):
        view.host.open(stream, "VP8")
        await view.show(stream, frames[0])
    for death in range(2):
        view.asked.clear()
        thrown = time.monotonic()
        view.host.decode("evil", now(poison))
        await eventually(lambda: not view.host.ready)
        await eventually(lambda: view.host.ready)
        await eventually(lambda: "good" in view.asked)
        await view.show("good", clip("VP8", 320, 240, 20, first=20 + 10 * death)[0])
        assert time.monotonic() - thrown < 6, "it takes less than a second on a quiet machine"
    for n in range(60):
        view.host.decode("evil", now(poison))
        await view.show("good", clip("VP8", 320, 240, 240)[n])
    assert view.host.starts == 3, "the evil one has no way in any more"
    await view.close()
    assert not names()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit of address space")
async def test_the_process_cannot_take_the_memory_of_the_machine() -> None:
    view = await Watched().started()
    assert view.host.pid is not None
    process = psutil.Process(view.host.pid)
    _, most = process.rlimit(psutil.RLIMIT_AS)
    assert most <= process.memory_info().vms + limits.HEADROOM + 2**26
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert process.num_threads() == 1
    assert process.nice() > 0
    await view.close()
