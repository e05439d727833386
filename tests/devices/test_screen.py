import asyncio
import sys
from collections.abc import Iterator

import pytest

from meshconf.devices.screen import Screen, monitors
from meshconf.errors import DeviceError
from tests.lab import display
from tests.lab.need import need


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[display.Display]:
    need(display.missing())
    with display.Display(640, 480) as shown:
        monkeypatch.setenv("DISPLAY", shown.name)
        monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
        yield shown


def paint_white(name: str) -> None:
    """Fills the whole screen with white."""
    from Xlib.display import Display as Connection  # type: ignore[import-untyped]

    connection = Connection(name)
    screen = connection.screen()
    screen.root.change_attributes(background_pixel=screen.white_pixel)
    screen.root.clear_area()
    connection.sync()
    connection.close()


@pytest.mark.lab
async def test_what_is_on_the_screen_is_seen(screen: display.Display) -> None:
    assert [(one.number, one.width, one.height) for one in await asyncio.to_thread(monitors)] == [(1, 640, 480)]
    source = await asyncio.to_thread(Screen, "default", 320, 240, 20)
    await asyncio.to_thread(paint_white, screen.name)
    brightest = 0
    async with asyncio.timeout(5):
        while brightest < 200:
            frame = await source.read()
            assert (frame.width, frame.height, frame.format.name) == (320, 240, "yuv420p")
            brightest = int(frame.to_ndarray()[100:140, 100:140].min())
    await asyncio.to_thread(source.close)


@pytest.mark.lab
@pytest.mark.usefixtures("screen")
def test_a_screen_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeviceError, match="has 1"):
        Screen("7", 320, 240, 20)


@pytest.mark.skipif(sys.platform != "linux", reason="about X11 and Wayland")
def test_wayland_and_no_display_end_in_a_sentence_and_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(DeviceError, match="DISPLAY") as error:
        Screen("default", 320, 240, 20)
    assert error.value.fix
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    with pytest.raises(DeviceError, match="Wayland") as error:
        Screen("default", 320, 240, 20)
    assert "Xorg" in error.value.fix


@pytest.mark.skipif(sys.platform != "linux", reason="about X11")
def test_a_dead_display_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    monkeypatch.setenv("DISPLAY", ":9797")
    with pytest.raises(DeviceError, match="9797"):
        Screen("default", 320, 240, 20)
