"""The frame around a controlled display while windows are off."""

from __future__ import annotations

import mss
import pytest

from meshconf.conference.control_frame import LoneFrame
from meshconf.windows.wire import Framing
from tests.lab import display
from tests.lab.need import need
from tests.support.waiting import until

FRAME = (52, 64, 235)


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

        frame.set(Framing("Ana controls this screen"))
        await until(framed)
        host = frame._host
        frame.set(None)
        frame.set(Framing("Ben controls this screen"))
        await until(framed)
        frame.set(None)
        await until(lambda: not framed())
        await frame.close()
        await frame.close()
        assert host is not None and not host.running


async def test_without_a_display_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    said: list[str] = []
    frame = LoneFrame(said.append)
    frame.set(Framing("Ana controls this screen"))
    await until(lambda: bool(said))
    assert "no display" in said[0].lower()
    await frame.close()
