"""Our windows as a real X server knows them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import Xlib.display  # type: ignore[import-untyped]
import Xlib.X  # type: ignore[import-untyped]
import Xlib.Xatom  # type: ignore[import-untyped]

from meshconf.windows.x11.display import XWindows
from tests.windows.conftest import Screen, eventually

pytestmark = [pytest.mark.lab, pytest.mark.may_block("the test itself looks at the display and runs xdotool")]


@pytest.fixture
def client(screen: Screen) -> Iterator[Xlib.display.Display]:
    """Whoever draws the windows: in a meeting OpenCV's Qt."""
    connection = Xlib.display.Display(screen.name)
    yield connection
    connection.close()


@pytest.fixture
def windows(screen: Screen) -> Iterator[XWindows]:
    system = XWindows()
    yield system
    system.close()


async def test_who_missed_that_a_window_is_there_is_told_once_more(
    client: Xlib.display.Display, windows: XWindows
) -> None:
    window = client.screen().root.create_window(
        0, 0, 200, 100, 0, Xlib.X.CopyFromParent, event_mask=Xlib.X.StructureNotifyMask
    )
    window.change_property(client.intern_atom("_NET_WM_PID"), Xlib.Xatom.CARDINAL, 32, [os.getpid()])
    window.change_property(client.intern_atom("_NET_WM_NAME"), client.intern_atom("UTF8_STRING"), 8, b"Ana")
    window.map()
    client.sync()
    await eventually(lambda: windows.adopt("a", "Ana"))
    client.sync()
    told = [client.next_event() for _ in range(client.pending_events())]
    assert any(event.send_event for event in told if event.type == Xlib.X.MapNotify)
