"""Windows on a real display: pixels, closing, crashes of either side. The viewer is a process, as in a meeting."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from meshconf.errors import DeviceError
from meshconf.windows import host as host_module
from meshconf.windows.host import WindowHost
from meshconf.windows.process import WindowsUnavailable
from tests.lab import display
from tests.lab.need import need
from tests.pictures.plain import BLUE, BLUE_YUV, RED, RED_YUV, plain
from tests.windows.conftest import Easel, Screen, eventually

pytestmark = [pytest.mark.lab, pytest.mark.may_block("the test itself looks at the display and runs xdotool")]

ENGINE = """
    import asyncio
    import numpy as np
    from meshconf.pictures.source import PictureSource
    from meshconf.windows.host import WindowHost

    async def main():
        host, source = WindowHost(), PictureSource()
        await host.start()
        print(host.pid, flush=True)
        while True:
            source.write(np.full((540, 640), 128, np.uint8))
            host.show("a", "Ana", source.name)
            await asyncio.sleep(0.03)

    asyncio.run(main())
"""


def visible(screen: Screen, bgr: tuple[int, int, int]) -> Callable[[], bool]:
    return lambda: screen.share_of(bgr) > 0.1


def gone(screen: Screen, bgr: tuple[int, int, int]) -> Callable[[], bool]:
    return lambda: screen.share_of(bgr) < 0.01


def buses(owner: int | None = None) -> set[str]:
    """Names in shared memory of that process, or of this one; others may run meetings beside the test."""
    folder = Path("/dev/shm")
    return {path.name for path in folder.glob(f"meshconf-{owner or os.getpid()}-*")} if folder.is_dir() else set()


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


async def two_windows(host: Easel, screen: Screen) -> None:
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    host.show_picture("b", "Ben", plain(640, 360, BLUE_YUV))
    await eventually(lambda: visible(screen, RED)() and visible(screen, BLUE)())


async def test_pictures_of_two_people_are_in_two_windows(host: Easel, screen: Screen) -> None:
    await two_windows(host, screen)
    assert len(screen.windows("Ana")) == len(screen.windows("Ben")) == 1


async def test_the_name_is_on_the_picture_and_the_real_one_in_the_title(host: Easel, screen: Screen) -> None:
    host.show_picture("a", "Zoë \x1b[31m李🙂", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    await eventually(lambda: screen.windows("Zoë"))
    assert screen.run("xdotool", "getwindowname", screen.windows("Zoë")[0]).strip() == "Zoë [31m李🙂"
    red = np.abs(screen.pixels()[..., :3].astype(int) - RED).max(axis=2) < 12
    rows, columns = np.nonzero(red)
    picture = screen.pixels()[rows.min() : rows.max(), columns.min() : columns.max(), :3]
    height, width = picture.shape[:2]
    written = picture.min(axis=2) > 220
    assert written[3 * height // 4 :, : width // 2].any(), "white letters in the lower left"
    written[3 * height // 4 :, : width // 2] = False
    assert not written.any(), "and nowhere else"


async def test_a_new_picture_replaces_the_old_one_whatever_its_size(host: Easel, screen: Screen) -> None:
    host.show_picture("a", "Ana", plain(160, 90, RED_YUV))
    await eventually(visible(screen, RED))
    host.show_picture("a", "Ana", plain(1280, 720, BLUE_YUV))
    await eventually(lambda: visible(screen, BLUE)() and gone(screen, RED)())
    assert len(screen.windows("Ana")) == 1


async def test_retitle_changes_the_title(host: Easel, screen: Screen) -> None:
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(lambda: screen.windows("Ana"))
    host.retitle("a", "Berta")
    await eventually(lambda: screen.windows("Berta"))


async def test_a_blank_window_stays_until_the_next_picture(host: Easel, screen: Screen) -> None:
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    host.blank("a")
    await eventually(gone(screen, RED))
    assert screen.windows("Ana")
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))


async def test_hide_closes_the_window_without_calling_it_closed_by_the_person(host: Easel, screen: Screen) -> None:
    closed: list[str] = []
    host.on_closed = closed.append
    await two_windows(host, screen)
    host.hide("a")
    await eventually(gone(screen, RED))
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    assert closed == []


async def test_the_close_button_closes_that_window_only_and_it_can_come_back(host: Easel, screen: Screen) -> None:
    closed: list[str] = []
    host.on_closed = closed.append
    await two_windows(host, screen)
    screen.close_window("Ana")
    await eventually(lambda: closed == ["a"])
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    host.show_picture("b", "Ben", plain(640, 360, BLUE_YUV))
    await eventually(gone(screen, RED))
    assert visible(screen, BLUE)()
    host.reopen("a")
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    assert closed == ["a"]


async def test_windows_come_back_after_the_last_one_was_closed(host: Easel, screen: Screen) -> None:
    closed: list[str] = []
    host.on_closed = closed.append
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    pid = host.pid
    screen.close_window("Ana")
    await eventually(lambda: closed == ["a"])
    host.reopen("a")
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    assert host.pid == pid


@pytest.mark.parametrize("key", ["q", "Escape"])
async def test_a_key_closes_the_window_under_the_pointer_only(host: Easel, screen: Screen, key: str) -> None:
    closed: list[str] = []
    host.on_closed = closed.append
    await two_windows(host, screen)
    window = screen.windows("Ben")[0]
    screen.run("xdotool", "mousemove", "--window", window, "100", "100")
    screen.run("xdotool", "mousemove", "--window", window, "120", "110", "click", "1")
    screen.press("x", window)
    screen.press(key, window)
    await eventually(lambda: closed == ["b"])
    await eventually(gone(screen, BLUE))
    assert visible(screen, RED)()


async def test_a_killed_viewer_comes_back_with_what_it_showed(host: Easel, screen: Screen) -> None:
    await two_windows(host, screen)
    first = host.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: host.pid not in (None, first))
    await eventually(lambda: visible(screen, RED)() and visible(screen, BLUE)())
    host.show_picture("a", "Ana", plain(640, 360, BLUE_YUV))
    await eventually(gone(screen, RED))


async def test_a_viewer_that_keeps_crashing_is_given_up(
    host: Easel, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "_PAUSE", 0.05)
    pids: set[int] = set()

    def kill() -> bool:
        if host.pid is not None and host.pid not in pids:
            pids.add(host.pid)
            os.kill(host.pid, signal.SIGKILL)
        return not host.running

    await eventually(kill)
    assert len(pids) == 4, "the first and three more"
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    assert screen.windows("Ana") == []


async def test_the_engine_hears_how_large_a_picture_is_shown_and_whether_it_is_seen(
    host: Easel, screen: Screen
) -> None:
    views: list[tuple[str, int, bool]] = []
    host.on_viewed = lambda *view: views.append(view)
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(lambda: views)
    assert views == [("a", 315, True)], "once, and only when it has its size"
    window = screen.windows("Ana")[0]
    screen.run("xdotool", "windowsize", window, "800", "700")
    await eventually(lambda: views[-1] == ("a", 450, True))
    screen.run("xdotool", "windowminimize", window)
    await eventually(lambda: views[-1] == ("a", 450, False))
    host.show_picture("a", "Ana", plain(640, 360, BLUE_YUV))
    screen.run("xdotool", "windowactivate", window)
    await eventually(lambda: views[-1] == ("a", 450, True))
    await eventually(visible(screen, BLUE))


async def test_one_of_two_windows_with_the_same_name_is_not_taken_for_the_other(host: Easel, screen: Screen) -> None:
    views: list[tuple[str, int, bool]] = []
    host.on_viewed = lambda *view: views.append(view)
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(lambda: len(screen.windows("Ana")) == 1)
    first = screen.windows("Ana")[0]
    host.show_picture("b", "Ana", plain(640, 360, BLUE_YUV))
    await eventually(lambda: len(views) == 2)
    screen.run("xdotool", "windowminimize", first)
    await eventually(gone(screen, RED))
    host.show_picture("b", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    screen.run("xdotool", "windowminimize", *screen.windows("Ana"))
    await eventually(lambda: {key for key, _, seen in views if not seen} == {"a", "b"})


async def test_pictures_of_the_bus_are_shown_without_another_word(host: Easel, screen: Screen) -> None:
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(visible(screen, RED))
    host.sources["a"].write(plain(640, 360, BLUE_YUV))
    await eventually(visible(screen, BLUE))


async def test_a_bus_that_is_gone_costs_a_line_in_the_log(host: Easel, screen: Screen, own_home: Path) -> None:
    host.show("a", "Ana", "meshconf-never-was")
    host.show_picture("b", "Ben", plain(640, 360, BLUE_YUV))
    await eventually(visible(screen, BLUE))
    assert "no pictures for a window" in (own_home / "log" / "windows.log").read_text()


async def test_the_viewer_of_a_killed_engine_ends_and_nothing_stays(screen: Screen) -> None:
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(ENGINE), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert engine.stdout is not None and engine.stderr is not None
    viewer = int(await engine.stdout.readline())
    await eventually(lambda: screen.windows("Ana"))
    engine.kill()
    await engine.wait()
    await eventually(lambda: not alive(viewer))
    assert screen.windows("Ana") == []
    await eventually(lambda: not buses(engine.pid))


async def test_close_ends_the_viewer_and_is_harmless_twice(host: Easel, screen: Screen) -> None:
    await two_windows(host, screen)
    pid = host.pid
    assert pid is not None
    await host.close()
    await host.close()
    assert not alive(pid)
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    host.hide("a")
    assert host.pid is None


async def test_the_viewer_has_nothing_to_complain_of(host: Easel, screen: Screen, own_home: Path) -> None:
    await two_windows(host, screen)
    await host.close()
    assert (own_home / "log" / "windows.log").read_text() == ""


async def test_a_hung_viewer_does_not_hold_up_the_end(host: Easel, screen: Screen) -> None:
    assert host.pid is not None
    pid = host.pid
    os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(5):
        await host.close()
    assert not alive(pid)


async def test_an_opencv_without_windows_is_said_with_a_remedy(
    screen: Screen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Loaded before everything else by the new process, it stands for the headless wheel.
    (tmp_path / "sitecustomize.py").write_text("import cv2; cv2.currentUIFramework = lambda: ''")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    host = WindowHost()
    with pytest.raises(WindowsUnavailable, match="headless") as caught:
        await host.start()
    assert "opencv-python" in caught.value.fix
    assert not host.running


async def test_a_viewer_that_cannot_start_is_said_so(
    screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    host = WindowHost()
    with pytest.raises(WindowsUnavailable, match="cannot be started"):
        await host.start()


async def test_without_a_display_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    host = WindowHost()
    with pytest.raises(WindowsUnavailable, match="There is no display; windows stay off") as caught:
        await host.start()
    assert isinstance(caught.value, DeviceError)
    assert caught.value.fix
    host.show("a", "Ana", "a bus")
    await host.close()


async def test_a_display_that_dies_costs_the_windows_and_is_said_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    need(display.missing())
    lost: list[str] = []
    host = Easel(on_lost=lost.append)
    with display.Display(640, 480) as short_lived:
        monkeypatch.setenv("DISPLAY", short_lived.name)
        await host.start()
        host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
        await eventually(visible(Screen(short_lived.name), RED))
        pid = host.pid
    assert pid is not None
    await eventually(lambda: not host.running)
    await eventually(lambda: lost == [f"The display {short_lived.name} does not answer; windows stay off."])
    assert not alive(pid)
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await host.close()
