"""A display of our own for each test session's windows: Xvfb with openbox, and ways to look at it and to act on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import mss
import numpy as np
import pytest
import Xlib.display  # type: ignore[import-untyped]
import Xlib.error  # type: ignore[import-untyped]
import Xlib.protocol.event  # type: ignore[import-untyped]
import Xlib.X  # type: ignore[import-untyped]
from numpy.typing import NDArray

from meshconf.pictures.i420 import Picture
from meshconf.pictures.source import PictureSource
from meshconf.windows.host import WindowHost
from tests.lab import display
from tests.lab.need import need
from tests.support.waiting import until

PATIENCE = 15.0
"""Seconds until a command counts as never coming to an end."""


@dataclass(frozen=True)
class Screen:
    """The test's display."""

    name: str

    def pixels(self) -> NDArray[np.uint8]:
        """The whole display now, height x width x BGRA."""
        with mss.MSS(display=self.name) as camera:
            return np.asarray(camera.grab(camera.monitors[0]))

    def share_of(self, bgr: tuple[int, int, int], tolerance: int = 12) -> float:
        """Which share of the display has about that colour."""
        distance = np.abs(self.pixels()[..., :3].astype(int) - bgr).max(axis=2)
        return float((distance <= tolerance).mean())

    def run(self, *words: str) -> str:
        """Run a tool of X on the display; its output, empty if it finds nothing."""
        environ = {**os.environ, "DISPLAY": self.name}
        done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.stdout

    def windows(self, title: str) -> list[str]:
        """X ids of the visible windows whose title contains `title`."""
        return self.run("xdotool", "search", "--onlyvisible", "--name", title).split()

    def told(self) -> str:
        """All windows on the display with their places, and which has the keyboard, for whoever reads a failure."""
        tree = self.run("xwininfo", "-root", "-tree")
        return f"{tree}\nfocus: {self.run('xdotool', 'getwindowfocus', 'getwindowname')}"

    def picture_in(self, title: str) -> NDArray[np.uint8] | None:
        """What is seen where that window is, height x width x BGRA; None without one that is whole on the display."""
        found = self.windows(title)
        if not found:
            return None
        connection = Xlib.display.Display(self.name)
        try:
            window = connection.create_resource_object("window", int(found[0]))
            size = window.get_geometry()
            corner = window.query_tree().root.translate_coords(window, 0, 0)
        except Xlib.error.BadWindow:  # closed meanwhile
            return None
        finally:
            connection.close()
        picture = self.pixels()[corner.y : corner.y + size.height, corner.x : corner.x + size.width]
        return picture if picture.shape[:2] == (size.height, size.width) else None

    def close_window(self, title: str) -> None:
        """Ask the window to close, as the window manager does for its close button (ICCCM 4.2.8.1)."""
        connection = Xlib.display.Display(self.name)
        window = connection.create_resource_object("window", int(self.windows(title)[0]))
        request = [connection.intern_atom("WM_DELETE_WINDOW"), Xlib.X.CurrentTime, 0, 0, 0]
        window.send_event(
            Xlib.protocol.event.ClientMessage(
                window=window, client_type=connection.intern_atom("WM_PROTOCOLS"), data=(32, request)
            )
        )
        connection.sync()
        connection.close()

    def press(self, key: str, window: str) -> None:
        """Give a window the focus, then press a key as the keyboard does."""
        self.run("xdotool", "windowactivate", "--sync", window)
        # A call of its own: chained to the window, xdotool would send it an event instead of pressing the key.
        self.run("xdotool", "key", key)


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until something is the case; with pauses, since looking at the display takes time from the windows."""
    try:
        await until(condition, every_s=0.02)
    except AssertionError as error:
        error.add_note(Screen(os.environ["DISPLAY"]).told() if "DISPLAY" in os.environ else "no display")
        raise


@pytest.fixture(scope="session")
def own_display() -> Iterator[Screen]:
    need(display.missing("xdotool"))
    with display.Display(1280, 800) as shown:
        yield Screen(shown.name)


@pytest.fixture
def screen(own_display: Screen, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """The display, and DISPLAY says so."""
    monkeypatch.setenv("DISPLAY", own_display.name)
    return own_display


class Easel(WindowHost):
    """A window host with buses of its own to paint on."""

    def __init__(self, on_lost: Callable[[str], None] | None = None) -> None:
        super().__init__(on_lost=on_lost)
        self.sources: dict[str, PictureSource] = {}

    def show_picture(self, key: str, title: str, picture: Picture) -> None:
        """Write the picture to the bus of `key`, and show that."""
        source = self.sources.setdefault(key, PictureSource())
        source.write(picture)
        assert source.name is not None
        self.show(key, title, source.name)

    async def close(self) -> None:
        """End the window process and give the buses back."""
        await super().close()
        for source in self.sources.values():
            source.close()


@pytest.fixture
async def host(screen: Screen) -> AsyncIterator[Easel]:
    """A started host on the display; `on_closed` is the test's to set."""
    host = Easel()
    await host.start()
    yield host
    await host.close()
