"""Several pictures in one window on a real display, remembered; and the frame around a controlled one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import Xlib.display  # type: ignore[import-untyped]
import Xlib.X  # type: ignore[import-untyped]

from meshconf.types import Area
from meshconf.windows.wire import Framing
from tests.pictures.plain import BLUE, BLUE_YUV, RED, RED_YUV, plain
from tests.windows.conftest import Easel, Screen, eventually

pytestmark = [pytest.mark.lab, pytest.mark.may_block("the test itself looks at the display and runs xdotool")]

FRAME = (52, 64, 235)


@contextmanager
def a_window_that_forces_itself_on_top(screen: Screen) -> Iterator[Callable[[], bool]]:
    """A bare window in the upper left corner, as a controller may open one; gives whether it was clicked."""
    connection = Xlib.display.Display(screen.name)
    window = connection.screen().root.create_window(
        0,
        0,
        200,
        200,
        0,
        Xlib.X.CopyFromParent,
        background_pixel=0xFFFFFF,
        override_redirect=True,
        event_mask=Xlib.X.ButtonPressMask,
    )
    window.map()
    window.raise_window()
    connection.sync()
    try:
        yield lambda: connection.pending_events() > 0 and connection.next_event().type == Xlib.X.ButtonPress
    finally:
        window.destroy()
        connection.sync()
        connection.close()


async def test_all_share_one_window_with_a_screen_large_and_that_is_remembered(
    host: Easel, screen: Screen, tmp_path: Path
) -> None:
    heights: dict[str, int] = {}
    host.on_viewed = lambda key, height, _: heights.__setitem__(key, height)
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    host.show_picture("b", "Ben", plain(640, 360, BLUE_YUV))
    host.show("s", "Ben's screen", host.sources["b"].name or "", screen=True)
    await eventually(lambda: len(heights) == 3)
    host.arrange("grid")
    await eventually(lambda: len(set(heights.values())) == 1)
    assert screen.windows("Ana") == screen.windows("Ben") and len(screen.windows("Ana")) == 1
    host.arrange("stage")
    await eventually(lambda: heights["s"] > 3 * heights["a"] == 3 * heights["b"])
    share = screen.share_of(BLUE)
    assert share > 0.3 and 0 < screen.share_of(RED) < 0.1
    screen.run("xdotool", "windowsize", screen.windows("Ana")[0], "700", "500")
    await eventually(lambda: screen.share_of(BLUE) < share * 0.9)
    rect = screen.run("xdotool", "getwindowgeometry", screen.windows("Ana")[0])
    await host.close()

    again = Easel()
    await again.start()
    again.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(lambda: screen.windows("Ana"))
    again.show_picture("b", "Ben", plain(640, 360, BLUE_YUV))
    await eventually(lambda: screen.windows("Ben") == screen.windows("Ana"))
    place = screen.run("xdotool", "getwindowgeometry", screen.windows("Ana")[0])
    assert place.splitlines()[1:] == rect.splitlines()[1:], "the same place and size"
    await again.close()


async def test_closing_the_window_of_all_closes_all_and_keys_change_the_layout(host: Easel, screen: Screen) -> None:
    closed: list[str] = []
    host.on_closed = closed.append
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    host.show_picture("b", "Ben", plain(640, 360, BLUE_YUV))
    await eventually(lambda: screen.windows("Ana") and screen.windows("Ben"))
    screen.press("l", screen.windows("Ana")[0])
    await eventually(lambda: screen.windows("Ana") == screen.windows("Ben") != [])
    screen.close_window("Ana")
    await eventually(lambda: sorted(closed) == ["a", "b"])
    assert host.running


async def test_a_frame_is_around_the_display_on_top_and_clicks_fall_through(host: Easel, screen: Screen) -> None:
    host.frame(Framing("Ana controls this screen"))
    edge = [(0, 100), (0, 640), (799, 640), (100, 0), (400, 1279)]

    def framed() -> bool:
        pixels = screen.pixels()[..., :3]
        return all(tuple(pixels[row, column]) == FRAME for row, column in edge)

    await eventually(framed)
    pixels = screen.pixels()[4:30, 400:880, :3]
    assert (pixels.min(axis=2) > 200).any(), "white letters at the top"
    host.show_picture("a", "Ana", plain(640, 360, RED_YUV))
    await eventually(lambda: screen.windows("Ana"))
    screen.run("xdotool", "windowmove", screen.windows("Ana")[0], "0", "0")
    await eventually(lambda: screen.share_of(RED) > 0.1 and framed())
    with a_window_that_forces_itself_on_top(screen) as clicked:
        await eventually(framed)
        screen.run("xdotool", "mousemove", "100", "1", "click", "1")
        await eventually(clicked)
    host.frame(Framing("Ana controls this screen", Area(100, 100, 300, 200)))
    await eventually(lambda: not framed() and tuple(screen.pixels()[100, 110, :3]) == FRAME)
    host.frame(None)
    await eventually(lambda: screen.share_of(FRAME) == 0)
