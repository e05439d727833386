import asyncio
import sys
from collections.abc import Iterator

import pytest

from meshconf.devices import screen_watch
from meshconf.devices.open import open_video_source
from meshconf.devices.screen import Screen, monitors
from meshconf.errors import DeviceError
from meshconf.types import Area
from tests.lab import display
from tests.lab.need import need


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[display.Display]:
    need(display.missing())
    with display.Display(640, 480) as shown:
        monkeypatch.setenv("DISPLAY", shown.name)
        monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
        yield shown


def paint(name: str, brightness: int) -> None:
    """Fills the whole screen with a grey."""
    from Xlib.display import Display as Connection  # type: ignore[import-untyped]

    connection = Connection(name)
    screen = connection.screen()
    screen.root.change_attributes(background_pixel=brightness * 0x010101)
    screen.root.clear_area()
    connection.sync()
    connection.close()


async def brightness(source: Screen) -> int:
    """Of the next picture, in its middle."""
    async with asyncio.timeout(5):
        frame = await source.read()
    assert (frame.width, frame.height, frame.format.name) == (source.width, source.height, "yuv420p")
    luma = frame.to_ndarray()[: source.height]
    return int(luma[source.height // 4, source.width // 4])


async def other_brightness(source: Screen, before: int) -> int:
    """Of the next picture that is not as bright; the window manager may still be drawing its pointer."""
    while (now := await brightness(source)) == before:
        pass
    return now


@pytest.mark.lab
async def test_a_screen_is_seen_in_its_own_size_and_only_when_it_changes(screen: display.Display) -> None:
    assert [(one.number, one.width, one.height) for one in await asyncio.to_thread(monitors)] == [(1, 640, 480)]
    source = await asyncio.to_thread(Screen, "default")
    assert (source.width, source.height) == (640, 480) and source.area == Area(0, 0, 640, 480)
    first = await brightness(source)
    await asyncio.to_thread(paint, screen.name, 0x80)
    second = await other_brightness(source, first)
    # Painted in the same grey: X11 tells of it, but there is nothing to see. Then black.
    await asyncio.to_thread(paint, screen.name, 0x80)
    await asyncio.to_thread(paint, screen.name, 0)
    assert (await other_brightness(source, second)) < second
    await asyncio.to_thread(source.close)


@pytest.mark.lab
async def test_a_region_is_seen_where_x11_does_not_tell_of_changes(
    screen: display.Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(display: str, fps: int) -> None:
        raise OSError("no DAMAGE")

    monkeypatch.setattr(screen_watch, "DamageWatch", missing)
    source = await asyncio.to_thread(Screen, "region:321x101+100+50")
    assert (source.width, source.height) == (320, 100)
    first = await brightness(source)
    await asyncio.to_thread(paint, screen.name, 0xFF)
    assert first < (await other_brightness(source, first))
    await asyncio.to_thread(source.close)


@pytest.mark.lab
@pytest.mark.usefixtures("screen")
async def test_a_screen_as_a_camera_is_steady_and_fits() -> None:
    source = await asyncio.to_thread(open_video_source, "screen:1", width=320, height=180, fps=50)
    async with asyncio.timeout(5):
        frames = [await source.read() for _ in range(3)]
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
    assert len({frame.pts for frame in frames}) == 3
    await asyncio.to_thread(source.close)


@pytest.mark.lab
@pytest.mark.usefixtures("screen")
def test_a_screen_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeviceError, match="has 1"):
        Screen("7")


@pytest.mark.skipif(sys.platform != "linux", reason="about X11 and Wayland")
def test_wayland_and_no_display_end_in_a_sentence_and_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(DeviceError, match="DISPLAY") as error:
        Screen("default")
    assert error.value.fix
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    with pytest.raises(DeviceError, match="Wayland") as error:
        Screen("default")
    assert "Xorg" in error.value.fix


@pytest.mark.skipif(sys.platform != "linux", reason="about X11")
def test_a_dead_display_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    monkeypatch.setenv("DISPLAY", ":9797")
    with pytest.raises(DeviceError, match="9797"):
        Screen("default")
