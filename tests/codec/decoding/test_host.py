"""Streams through a real decoder process: pictures on the bus, and who is told of what."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from meshconf.codec.decoding.board import ROWS, DecodingCounters
from meshconf.codec.decoding.host import DecoderHost
from meshconf.codec.decoding.keeper import HANG, WATCH_EVERY
from meshconf.codec.decoding.lane import MAX_FRAMES
from meshconf.codec.decoding.wire import MAX_FRAME
from meshconf.media import stamp
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.pictures.bus import PictureReader
from tests.codec.decoding.clips import TICKS, brightness, clip
from tests.codec.decoding.viewing import Watched, alive, eventually, names, now

pytestmark = pytest.mark.lab

CODECS: tuple[Codec, ...] = ("VP8", "H264")

ENGINE = """
    import asyncio
    from meshconf.codec.decoding.host import DecoderHost
    from tests.codec.decoding.clips import clip

    async def main():
        shown = asyncio.Event()
        host = DecoderHost(lambda *news: shown.set(), print)
        host.start()
        host.open("a", "VP8")
        host.decode("a", clip("VP8", 320, 240, 2)[0])
        await shown.wait()
        print(host.pid, flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
"""


@pytest.fixture
async def view() -> AsyncIterator[Watched]:
    """A host with a process that is ready."""
    view = Watched()
    yield await view.started()
    await view.close()
    assert not names(), "shared memory stays behind"


@pytest.mark.parametrize("codec", CODECS)
async def test_each_frame_is_on_the_bus_as_a_picture(view: Watched, codec: Codec) -> None:
    view.host.open("a", codec)
    for number, frame in enumerate(clip(codec, 320, 240, 20)):
        await view.show("a", frame)
        picture = view.shown("a")
        assert picture is not None and picture.shape == (360, 320)
        assert stamp.read(picture[:240]) == number
        assert abs(int(picture[230, 160]) - brightness(number)) < 12
    assert view.pictures == [("a", 320, 240, view.host.bus("a"))], "told once"
    assert view.asked == []


async def test_frames_wait_for_a_process_that_is_not_there_yet() -> None:
    view = Watched()
    view.host.open("a", "VP8")
    for frame in clip("VP8", 320, 240, 20)[:10]:
        view.host.decode("a", now(frame))
    view.host.start()
    await eventually(lambda: view.time_shown("a") == 9 * TICKS)
    assert view.asked == []
    assert view.host.counters("a").frames == 10
    await view.close()


async def test_a_larger_picture_takes_another_bus_and_the_old_name_goes(view: Watched) -> None:
    view.host.open("a", "VP8")
    await view.show("a", clip("VP8", 320, 240, 2)[0])
    first = view.host.bus("a")
    await view.show("a", clip("VP8", 160, 120, 2, first=5)[0])
    assert view.host.bus("a") == first
    while view.pictures[-1] != ("a", 160, 120, first):  # news of a mere change of size may be held back a little
        await view.show("a", clip("VP8", 160, 120, 2, first=5)[0])
        await view.show("a", clip("VP8", 160, 120, 2, first=5)[1])
    view.host.decode("a", clip("VP8", 640, 480, 2, first=8)[0])
    await eventually(lambda: len(view.pictures) == 3)
    assert view.pictures[-1][:3] == ("a", 640, 480)
    assert view.pictures[-1][3] == view.host.bus("a") != first
    assert first is not None
    with pytest.raises(FileNotFoundError):
        PictureReader(first)


async def test_the_beginning_of_a_stream_in_the_middle_asks_for_a_keyframe(view: Watched) -> None:
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 20)
    view.host.decode("a", now(frames[3]))
    await eventually(lambda: view.asked == ["a"])
    await view.show("a", frames[0])
    assert view.host.counters("a").dropped == 1


async def test_a_frame_that_cannot_be_decoded_asks_for_a_keyframe_and_what_follows_it_is_not_shown(
    view: Watched,
) -> None:
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 20)
    await view.show("a", frames[0])
    view.host.decode("a", replace(now(frames[1]), data=b"\x00nonsense that is no keyframe"))
    view.host.decode("a", now(frames[2]))
    await eventually(lambda: view.asked == ["a"])
    await eventually(lambda: view.host.counters("a").dropped == 1)
    assert view.time_shown("a") == 0
    await view.show("a", clip("VP8", 320, 240, 20, first=30)[0])
    counters = view.host.counters("a")
    assert (counters.frames, counters.errors) == (2, 1)


async def test_a_frame_too_large_for_anybody_is_dropped(view: Watched) -> None:
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 20)
    await view.show("a", frames[0])
    view.host.decode("a", replace(frames[1], data=bytes(MAX_FRAME + 1)))
    await eventually(lambda: view.asked == ["a"])
    assert view.host.starts == 1
    await view.show("a", clip("VP8", 320, 240, 20, first=30)[0])


async def test_another_codec_begins_anew_with_a_keyframe(view: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    view.host.open("a", "VP8")
    await view.show("a", clip("VP8", 320, 240, 20)[0])
    view.host.decode("a", now(clip("H264", 320, 240, 20)[0]))
    await view.show("a", clip("VP8", 320, 240, 20)[1])
    assert view.host.counters("a").frames == 2, "the change was too soon after the beginning"
    monkeypatch.setattr("meshconf.codec.decoding.host._CODEC_CHANGE_EVERY", 0.0)
    view.host.decode("a", now(clip("H264", 320, 240, 20)[1]))
    assert view.host.counters("a").frames == 2, "and that was no keyframe"
    await view.show("a", clip("H264", 320, 240, 20, first=40)[0])
    assert view.host.counters("a").frames == 1


async def test_a_closed_stream_loses_its_bus_and_an_unknown_one_is_ignored(view: Watched) -> None:
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 20)
    await view.show("a", frames[0])
    before = names()
    view.host.close_stream("a")
    view.host.close_stream("a")
    assert len(names()) == len(before) - 1
    assert view.host.bus("a") is None and view.host.counters("a") == DecodingCounters()
    view.host.decode("a", frames[1])
    view.host.open("a", "VP8")
    await view.show("a", frames[0])
    assert [news[:3] for news in view.pictures] == [("a", 320, 240)] * 2
    with pytest.raises(ValueError, match="opus"):
        view.host.open("b", "opus")


async def test_a_stream_that_is_closed_while_its_first_picture_is_decoded_leaves_nothing(view: Watched) -> None:
    large = (await asyncio.to_thread(clip, "VP8", 1920, 1080, 1))[0]
    for _ in range(5):
        view.host.open("a", "VP8")
        view.host.decode("a", now(large))
        await eventually(partial(getattr, view.host._board, "busy"))
        view.host.close_stream("a")
    view.host.open("b", "VP8")
    await view.show("b", clip("VP8", 320, 240, 20)[0])
    assert len(names()) == 2, "the board, and the bus of the other stream"


async def test_there_is_a_last_stream(view: Watched) -> None:
    for n in range(ROWS + 3):
        view.host.open(str(n), "VP8")
    assert len(view.host._streams) == ROWS
    view.host.decode(str(ROWS + 1), clip("VP8", 320, 240, 20)[0])
    view.host.close_stream("0")
    view.host.open("late", "VP8")
    await view.show("late", clip("VP8", 320, 240, 20)[0])


async def test_the_delay_is_read_from_the_clock_in_the_picture(view: Watched) -> None:
    ms = int(time.time() * 1000) - 500
    view.host.open("a", "VP8")
    view.host.open("b", "VP8")
    await view.show("a", replace(clip("VP8", 320, 240, 1, first=ms % stamp.WRAP)[0], timestamp=7))
    await view.show("b", clip("VP8", 320, 240, 1)[0])
    (delay,) = view.host.counters("a").delays.newest
    assert 499 <= delay < 15_000
    assert view.host.counters("b").delays.count == 0, "that clock is not ours"


async def test_gaps_between_pictures_are_counted_as_frozen(view: Watched) -> None:
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 20)
    await view.show("a", frames[0])
    began = view.host.counters("a").last
    await asyncio.sleep(0.3)
    await view.show("a", frames[1])
    counters = view.host.counters("a")
    assert counters.frozen == pytest.approx(counters.last - began, abs=0.01)
    assert counters.frozen >= 0.3
    assert 0 < counters.decode_s < 1


async def test_a_killed_process_comes_back_and_pictures_go_on_with_the_next_keyframe(view: Watched) -> None:
    frames = clip("VP8", 320, 240, 20)
    for stream in ("a", "b"):
        view.host.open(stream, "VP8")
        await view.show(stream, frames[0])
    first, old = view.host.pid, view.host.bus("a")
    assert first is not None and old is not None
    killed = time.monotonic()
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: sorted(view.asked) == ["a", "b"])
    with pytest.raises(FileNotFoundError):
        PictureReader(old)
    view.host.decode("a", now(frames[1]))
    for stream in ("a", "b"):
        await view.show(stream, clip("VP8", 320, 240, 20, first=30)[0])
    assert time.monotonic() - killed < 5, "it takes a second on a quiet machine"
    assert view.host.pid != first and view.host.starts == 2
    assert view.host.counters("a").frames == 2, "the frame without its keyframe was not decoded"
    await view.show("a", clip("VP8", 320, 240, 20, first=30)[1])
    assert [news[0] for news in view.pictures] == ["a", "b", "a", "b"]


async def test_a_process_that_keeps_dying_is_started_again_and_again(view: Watched) -> None:
    for _ in range(4):
        pid = view.host.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: not view.host.ready)
        await eventually(lambda: view.host.ready)
    assert view.host.starts == 5
    view.host.open("a", "VP8")
    await view.show("a", clip("VP8", 320, 240, 20)[0])


async def test_a_stopped_process_is_killed_and_what_waits_for_it_is_bounded(view: Watched) -> None:
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 20)
    await view.show("a", frames[0])
    first = view.host.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    large = [replace(frames[1], data=frames[1].data + bytes(40_000))] * 400
    for frame in large:
        view.host.decode("a", frame)
    assert view.host._outbox.rota.waiting <= MAX_FRAMES
    assert view.host.counters("a").dropped > 300
    await eventually(lambda: view.host.ready and view.host.pid != first)
    assert not alive(first)
    await view.show("a", clip("VP8", 320, 240, 20, first=30)[0])


async def test_an_idle_process_does_not_count_as_hung(view: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meshconf.codec.decoding.keeper.HANG", 0.05)
    monkeypatch.setattr("meshconf.codec.decoding.keeper.WATCH_EVERY", 0.01)
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 20)
    view.host.decode("a", now(frames[1]))
    await view.show("a", frames[0])
    await asyncio.sleep(0.3)
    await view.show("a", frames[1])
    assert view.host.starts == 1


@pytest.mark.may_block("the engine itself is held up")
async def test_an_engine_that_was_held_up_does_not_blame_the_process(view: Watched) -> None:
    view.host.open("a", "VP8")
    for frame in clip("VP8", 320, 240, 20)[:3]:
        await asyncio.sleep(2 * WATCH_EVERY)  # a look at it while it is idle
        hold_up(HANG + 2 * WATCH_EVERY)
        await view.show("a", frame)
    assert view.host.starts == 1


def hold_up(seconds: float) -> None:
    """Let nothing of this thread run."""
    time.sleep(seconds)


async def test_without_a_process_nothing_grows_and_everything_is_harmless() -> None:
    view = Watched()
    view.host.decode("a", clip("VP8", 320, 240, 20)[0])
    view.host.open("a", "VP8")
    for frame in clip("VP8", 320, 240, 20) * 100:
        view.host.decode("a", frame)
    assert view.host._outbox.rota.waiting <= MAX_FRAMES
    assert view.host.bus("a") is None
    assert view.host.pid is None and not view.host.ready
    await view.close()
    await view.close()
    view.host.decode("a", clip("VP8", 320, 240, 20)[0])
    assert not view.host._streams


async def test_closing_ends_the_process_and_takes_every_name_away(view: Watched) -> None:
    for stream in "abc":
        view.host.open(stream, "VP8")
        await view.show(stream, clip("VP8", 320, 240, 20)[0])
    pid = view.host.pid
    assert pid is not None and len(names()) == 4
    await view.host.close()
    assert not alive(pid)
    assert not names()
    await view.host.close()


async def test_a_hung_process_does_not_hold_up_the_end(view: Watched) -> None:
    pid = view.host.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(5):
        await view.host.close()
    assert not alive(pid)


async def test_the_process_of_a_killed_engine_ends_and_nothing_stays() -> None:
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(ENGINE), stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert engine.stdout is not None
    decoder = int(await engine.stdout.readline())
    assert alive(decoder) and len(names(engine.pid)) == 2
    engine.kill()
    await engine.wait()
    await eventually(lambda: not alive(decoder))
    await eventually(lambda: not names(engine.pid))


async def test_a_process_that_cannot_be_started_costs_pictures_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = Watched()
    with monkeypatch.context() as patch:
        patch.setattr("sys.executable", str(tmp_path / "missing"))
        view.host.start()
        view.host.open("a", "VP8")
        for frame in clip("VP8", 320, 240, 20):
            view.host.decode("a", frame)
            await asyncio.sleep(0.01)
        assert view.host.pid is None
    await eventually(lambda: view.host.ready)
    await view.show("a", clip("VP8", 320, 240, 20, first=30)[0])
    await view.close()


async def test_readers_see_the_newest_picture_whole_while_it_is_written_at_full_speed(view: Watched) -> None:
    view.host.open("a", "VP8")
    frames = clip("VP8", 320, 240, 150)
    await view.show("a", frames[0])
    seen: list[int] = []
    for start in range(1, 150, 4):
        for frame in frames[start : start + 4]:
            view.host.decode("a", now(frame))
        for _ in range(4):
            picture = view.shown("a")
            if picture is not None:
                number = stamp.read(picture[:240])
                assert number is not None
                assert abs(int(picture[230, 160]) - brightness(number)) < 12, "two pictures in one"
                seen.append(number)
            await asyncio.sleep(0.001)
    assert seen == sorted(set(seen)) and len(seen) > 20
    assert view.host.counters("a").dropped == 0


async def test_listeners_that_fail_do_not_end_the_decoder(caplog: pytest.LogCaptureFixture) -> None:
    def fail(*news: object) -> None:
        raise RuntimeError("a listener's own fault")

    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
    host: DecoderHost[str] = DecoderHost(fail, fail)
    host.start()
    host.open("a", "VP8")
    frames: tuple[EncodedFrame, ...] = clip("VP8", 320, 240, 20)
    host.decode("a", frames[1])
    host.decode("a", frames[0])
    await eventually(lambda: len(errors) == 2)
    host.decode("a", frames[1])
    await eventually(lambda: host.counters("a").frames == 2)
    assert host.starts == 1
    await host.close()
    loop.set_exception_handler(None)
