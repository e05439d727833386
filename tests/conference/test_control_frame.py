"""The frame around a controlled display while windows are off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import mss
import pytest

from meshconf.conference.control_frame import LoneFrame
from tests.lab import display
from tests.lab.need import need

FRAME = (52, 64, 235)


async def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)


@pytest.mark.lab
@pytest.mark.may_block("the test itself looks at the display")
async def test_it_comes_goes_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    need(display.missing())
    with display.Display(640, 480) as shown:
        monkeypatch.setenv("DISPLAY", shown.name)
        frame = LoneFrame(pytest.fail)

        def framed() -> bool:
            with mss.MSS(display=shown.name) as camera:
                picture = camera.grab(camera.monitors[0])
            red, green, blue = picture.pixel(2, 240)
            return (blue, green, red) == FRAME

        frame.set(True, "Ana controls this screen", None)
        await eventually(framed)
        host = frame._host
        frame.set(False, "", None)
        frame.set(True, "Ben controls this screen", None)
        await eventually(framed)
        frame.set(False, "", None)
        await eventually(lambda: not framed())
        await frame.close()
        await frame.close()
        assert host is not None and not host.running


async def test_without_a_display_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    said: list[str] = []
    frame = LoneFrame(said.append)
    frame.set(True, "Ana controls this screen", None)
    await eventually(lambda: bool(said))
    assert "no display" in said[0].lower()
    await frame.close()
