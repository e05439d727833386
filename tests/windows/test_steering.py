"""Somebody's screen in a window: pixel for pixel, pointed at, controlled; and what never leaves this machine."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
import Xlib.display  # type: ignore[import-untyped]
import Xlib.X  # type: ignore[import-untyped]
from numpy.typing import NDArray

from meshconf.pictures.i420 import Picture
from meshconf.pictures.source import PictureSource
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Move, Point, Press, Release, Scroll
from meshconf.windows.geometry import Rect
from meshconf.windows.viewport import View
from meshconf.windows.wire import Mode, Pointer
from tests.windows.conftest import Easel, Screen, eventually

pytestmark = [pytest.mark.lab, pytest.mark.may_block("the test itself looks at the display and runs xdotool")]

SIZE = (1920, 1080)


class Stage(Easel):
    """A host with one shared screen, and what was done over it."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self.screen = screen
        self.acts: list[Input | Point] = []
        self.on_input = lambda _, act: self.acts.append(act)
        self.window = ""

    async def share(self, picture: Picture) -> None:
        """Show it as Ana's screen, and wait until its window has the keyboard."""
        source = self.sources.setdefault("s", PictureSource())
        source.write(picture)
        assert source.name is not None
        self.show("s", "Ana", source.name, screen=True)
        await eventually(lambda: self.screen.windows("Ana"))
        self.window = self.screen.windows("Ana")[0]
        await eventually(lambda: self.screen.run("xdotool", "getwindowfocus").strip() == self.window)

    def do(self, *words: str) -> None:
        """Act with xdotool."""
        self.screen.run("xdotool", *words)

    async def enter(self, mode: Mode) -> None:
        """Set a mode and wait until it is in force: until a motion over the window is told."""
        self.set_mode("s", mode)
        steps = itertools.cycle(("100", "101"))

        def told() -> bool:
            self.do("mousemove", "--window", self.window, next(steps), "100")
            return bool(self.acts)

        await eventually(told)
        self.acts.clear()

    async def heard(self, *acts: Input | Point) -> None:
        """Wait until exactly that has been done since the last time, apart from motion."""
        await eventually(lambda: len(self._done()) >= len(acts))
        done = self._done()
        self.acts.clear()
        assert done == list(acts)

    def _done(self) -> list[Input | Point]:
        return [act for act in self.acts if not isinstance(act, Move)]


@pytest.fixture
async def stage(screen: Screen, tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(screen)
    await stage.start()
    yield stage
    await stage.close()


def noise() -> Picture:
    """A screen of which no two places look alike."""
    rows = np.random.default_rng(7).integers(0, 256, (SIZE[1] * 3 // 2, SIZE[0]), np.uint8)
    rows[SIZE[1] :] = 128
    return rows


@contextmanager
def somebody_elses_window(screen: Screen) -> Iterator[Callable[[], str]]:
    """Another program's window, which has the focus; gives what was typed there, as keycodes."""
    connection = Xlib.display.Display(screen.name)
    window = connection.screen().root.create_window(900, 20, 200, 100, 0, 0, event_mask=Xlib.X.KeyPressMask)
    window.set_wm_name("elsewhere")
    window.map()
    connection.sync()
    screen.run("xdotool", "windowactivate", "--sync", str(window.id))
    screen.run("xdotool", "windowfocus", "--sync", str(window.id))

    def typed() -> str:
        events = [connection.next_event() for _ in range(connection.pending_events())]
        return " ".join(str(event.detail) for event in events if event.type == Xlib.X.KeyPress)

    try:
        yield typed
    finally:
        window.destroy()
        connection.sync()
        connection.close()


def seen(screen: Screen, title: str) -> NDArray[np.uint8]:
    picture = screen.picture_in(title)
    assert picture is not None
    return picture[..., :3]


async def test_actual_size_shows_the_very_pixels_and_the_wheel_moves_them(stage: Stage, screen: Screen) -> None:
    picture = noise()
    views: list[int] = []
    stage.on_viewed = lambda _, height, __: views.append(height)
    await stage.share(picture)
    original = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)
    height, width = seen(screen, "Ana").shape[:2]
    stage.do("mousemove", "--window", stage.window, "0", "0")
    stage.do("key", "f", "Left", "Up")

    def shows(left: int, top: int) -> bool:
        now = seen(screen, "Ana")[80:-80]  # a hint above and the name below go after a while
        return bool((now == original[top + 80 : top + height - 80, left : left + width]).all())

    await eventually(lambda: shows(0, 0))
    await eventually(lambda: 2160 in views)
    stage.do("click", "--repeat", "2", "5")
    await eventually(lambda: shows(0, 160))
    stage.do("mousemove", "--window", stage.window, "300", "200", "mousedown", "1")
    stage.do("mousemove", "--window", stage.window, "200", "150", "mouseup", "1")
    await eventually(lambda: shows(100, 210))
    assert stage.acts == []


async def test_mouse_and_keys_go_out_in_their_order_with_the_very_place(stage: Stage, screen: Screen) -> None:
    views: list[int] = []
    stage.on_viewed = lambda _, height, __: views.append(height)
    await stage.share(noise())
    height, width = seen(screen, "Ana").shape[:2]
    stage.do("mousemove", "--window", stage.window, "0", "0", "key", "f")
    await eventually(lambda: 2160 in views)
    stage.do("mousemove", "--window", stage.window, "100", "100")  # at the edge, the picture would move
    await stage.enter("control")
    stage.do("key", "f")
    await stage.heard(KeyDown("f", "KeyF"), KeyUp("f", "KeyF"))
    stage.do("mousemove", "--window", stage.window, "200", "150")
    room = Rect(0, 0, width, height)
    place = View().toggled(SIZE, room, (0, 0)).lay(SIZE, room).share(200, 150)
    stage.do("keydown", "ctrl", "click", "1", "keyup", "ctrl", "click", "4", "click", "7", "click", "8")
    await stage.heard(
        KeyDown("Control", "ControlLeft"),
        Press("left", *place),
        Release("left", *place),
        KeyUp("Control", "ControlLeft"),
        Scroll(0, -1, *place),
        Scroll(1, 0, *place),
        Press("back", *place),
        Release("back", *place),
    )
    # The window manager would take this one; q and Escape would close the window of who only watches.
    stage.do("key", "alt+Tab", "q", "Escape")
    await stage.heard(
        KeyDown("Alt", "AltLeft"),
        KeyDown("Tab", "Tab"),
        KeyUp("Alt", "AltLeft"),
        KeyUp("Tab", "Tab"),
        KeyDown("q", "KeyQ"),
        KeyUp("q", "KeyQ"),
        KeyDown("Escape", "Escape"),
        KeyUp("Escape", "Escape"),
    )


async def test_nothing_is_heard_while_another_window_has_the_keyboard(stage: Stage, screen: Screen) -> None:
    await stage.share(noise())
    await stage.enter("control")
    height, width = seen(screen, "Ana").shape[:2]
    place = View().lay(SIZE, Rect(0, 0, width, height)).share(200, 150)
    stage.do("mousemove", "--window", stage.window, "200", "150", "keydown", "b", "mousedown", "3")
    await stage.heard(KeyDown("b", "KeyB"), Press("right", *place))
    with somebody_elses_window(screen) as typed:
        await stage.heard(KeyUp("b", "KeyB"), Release("right", *place))
        stage.do("keyup", "b", "mouseup", "3", "type", "secret")
        stage.do("mousemove", "--window", stage.window, "220", "160")
        keys = ""
        deadline = time.monotonic() + 5
        while len(keys.split()) < 6 and time.monotonic() < deadline:
            keys += " " + typed()
        assert len(keys.split()) == 6, "the other program got all of it"
        stage.do("mousemove", "--window", stage.window, "230", "170")
        assert stage.acts == []
    stage.do("windowactivate", "--sync", stage.window)
    stage.do("key", "a")
    await stage.heard(KeyDown("a", "KeyA"), KeyUp("a", "KeyA"))


async def test_what_is_held_comes_up_when_the_mode_or_the_window_process_ends(stage: Stage) -> None:
    await stage.share(noise())
    await stage.enter("control")
    stage.do("keydown", "shift")
    await stage.heard(KeyDown("Shift", "ShiftLeft"))
    stage.set_mode("s", "watch")
    await stage.heard(KeyUp("Shift", "ShiftLeft"))
    stage.do("keyup", "shift")
    await stage.enter("control")
    stage.do("keydown", "c")
    await stage.heard(KeyDown("c", "KeyC"))
    assert stage._process is not None
    stage._process._process.kill()
    await stage.heard(KeyUp("c", "KeyC"))
    stage.do("keyup", "c")


async def test_who_points_sends_places_only_and_sees_the_others(stage: Stage, screen: Screen) -> None:
    await stage.share(np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8))
    await stage.enter("point")
    stage.do("mousemove", "--window", stage.window, "200", "150", "mousedown", "1")
    await eventually(lambda: stage.acts and isinstance(stage.acts[-1], Point) and stage.acts[-1].pen)
    stage.do("mousemove", "--window", stage.window, "260", "190", "mouseup", "1", "key", "a", "click", "3")
    await eventually(lambda: isinstance(stage.acts[-1], Point) and not stage.acts[-1].pen)
    stage.do("mousemove", "0", "0")
    await eventually(lambda: stage.acts[-1] == Point(-1, -1))
    assert all(isinstance(act, Point) for act in stage.acts)
    line = seen(screen, "Ana")[150:190, 200:260].astype(int)
    assert (np.abs(line - 130).max(axis=2) > 40).any(), "our own line is there at once"
    stage.show_pointers("s", [Pointer("ben", "Ben", 0.5, 0.5)])
    middle = tuple(length // 2 + 4 for length in seen(screen, "Ana").shape[:2])
    await eventually(lambda: np.abs(seen(screen, "Ana")[middle].astype(int) - 130).max() > 40)


async def test_a_window_that_opens_leaves_the_keyboard_where_somebody_writes(stage: Stage, screen: Screen) -> None:
    def focus() -> str:
        return screen.run("xdotool", "getwindowfocus").strip()

    with somebody_elses_window(screen) as typed:
        before = focus()
        stage.show_picture("a", "Ada", noise())
        await eventually(lambda: screen.windows("Ada"))
        await eventually(lambda: focus() == before)
        screen.run("xdotool", "key", "l")
        await eventually(typed)
        (window,) = screen.windows("Ada")
        screen.run("xdotool", "windowactivate", "--sync", window)
        await eventually(lambda: focus() == window)
