"""Other people's cameras on a screen: they move, and no window, display or window process is a matter of the call."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import psutil
import pytest

from meshconf.media import stamp
from tests.lab.display import Display, missing
from tests.lab.need import need
from tests.lab.network import Host
from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine
from tests.support.waiting import wait_until
from tests.windows.conftest import Screen

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]

NAME = "Alice Berg"
CAMERA = (640, 360)


class Desk:
    """A place to start an engine that has this display, or none, and shows windows; as `Host` is on a network."""

    def __init__(self, display: str | None) -> None:
        self._display = display

    def popen(self, command: Sequence[str], *, env: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
        """Start there, windows allowed."""
        env = {name: value for name, value in env.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        if self._display is not None:
            env["DISPLAY"] = self._display
        return subprocess.Popen([word for word in command if word != "--no-windows"], env=env, **options)


class Meeting:
    """Alice, who is seen, and Bob, who has windows."""

    def __init__(self, start: Start, rendezvous: Rendezvous, display: str | None) -> None:
        self.screen = Screen(display or "")
        self.alice = start(NAME, "host", *rendezvous.options, "--camera", "test", "--stats")
        self.bob = start(
            "bob", "join", self.alice.invite, *rendezvous.options, "--camera", "test", "--stats",
            where=cast(Host, Desk(display)),
        )  # fmt: skip
        self.bob.wait_for_event("first_frame", peer=self.alice.peer, source="camera")

    def clock(self) -> int | None:
        """The milliseconds in the picture in Alice's window, or None while there is none that can be read."""
        picture = self.screen.picture_in(NAME)
        if picture is None:
            return None
        luma = picture[..., :3].mean(axis=2)
        # The stamp survives no scaling, so look where the camera's own pixels went.
        rows, columns = (
            ((np.arange(camera) + 0.5) * shown / camera).astype(int)
            for camera, shown in zip(CAMERA[::-1], luma.shape, strict=True)
        )
        return stamp.read(luma[np.ix_(rows, columns)])

    def wait_moving(self) -> None:
        """Wait until the clock in Alice's window is right and runs."""
        seen: set[int] = set()

        def runs() -> bool:
            shown = self.clock()
            if shown is not None and (int(time.time() * 1000) - shown) % stamp.WRAP < 2000:
                seen.add(shown)
            return len(seen) >= 5

        wait_until(runs)

    def viewer(self) -> psutil.Process:
        """Bob's window process."""
        wait_until(self._viewers)
        return self._viewers()[0]

    def wait_call_goes_on(self) -> None:
        """Wait for two statistics more in which Alice's picture moves."""
        for _ in range(2):
            self.bob.wait_for(
                lambda event: event["event"] == "stats" and camera(event).get("fps", 0) > 5, since=self.bob.mark()
            )

    def _viewers(self) -> list[psutil.Process]:
        children = psutil.Process(self.bob.process.pid).children()
        return [child for child in children if "meshconf.windows" in child.cmdline()]


def camera(stats: dict[str, Any]) -> dict[str, Any]:
    """The statistics of the only camera that is received."""
    found = [source for link in stats["links"] for source in link["sources"] if source["source"] == "camera"]
    return found[0] if found else {}


def encodes(stats: dict[str, Any], source: str) -> bool:
    """Whether the engine that says this encodes a source for somebody."""
    return any(encoder["source"] == source for encoder in stats["encoders"])


def ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def shared_memory(engine: Engine) -> list[Path]:
    return list(Path("/dev/shm").glob(f"meshconf-{engine.process.pid}-*"))


@pytest.fixture
def display() -> Iterator[Display]:
    need(missing("xdotool"))
    with Display(1280, 800) as display:
        yield display


def test_a_camera_moves_in_its_window_and_the_call_does_not_depend_on_it(
    start: Start, rendezvous: Rendezvous, display: Display
) -> None:
    meeting = Meeting(start, rendezvous, display.name)
    alice, bob, screen = meeting.alice, meeting.bob, meeting.screen
    meeting.wait_moving()
    assert screen.run("xdotool", "getwindowname", screen.windows(NAME)[0]).strip() == NAME

    since, first = bob.mark(), meeting.viewer()
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: ended(first))
    meeting.wait_moving()
    second = meeting.viewer()
    assert second.pid != first.pid

    screen.close_window(NAME)
    wait_until(lambda: not screen.windows(NAME))
    # Nobody sees it any more: it is not sent, and the call goes on.
    bob.wait_for(lambda event: event["event"] == "stats" and camera(event)["fps"] == 0, since=bob.mark())
    since_closed = alice.mark()
    alice.wait_for(lambda event: event["event"] == "stats" and not encodes(event, "camera"), since=since_closed)
    assert not screen.windows(NAME), "what a person closed stays closed"
    assert screen.windows("bob"), "the other window stays"
    news = bob.events[since:]
    assert not [event for event in news if event["event"] in ("peer", "error")]
    assert not [event for event in news if event["event"] == "notice" and "busy" not in event["text"]]
    assert all(camera(event)["frozen_ms"] < 900 for event in news if event["event"] == "stats")

    assert bob.leave() == 0
    assert ended(second)
    assert not screen.windows("bob")
    assert not shared_memory(bob)
    wait_until(lambda: bob.left_behind == [])  # Python's tracker of shared memory ends a moment after the engine
    assert alice.leave() == 0


def test_without_a_display_a_sentence_says_so_and_the_meeting_goes_on(start: Start, rendezvous: Rendezvous) -> None:
    meeting = Meeting(start, rendezvous, None)
    notice = meeting.bob.wait_for(lambda event: event["event"] == "notice" and "display" in event["text"])
    assert notice["text"].startswith("There is no display; windows stay off.")
    meeting.wait_call_goes_on()
    assert meeting.bob.leave() == 0


def test_a_display_that_dies_ends_the_windows_and_nothing_else(start: Start, rendezvous: Rendezvous) -> None:
    need(missing("xdotool"))
    with Display(1280, 800) as display:
        meeting = Meeting(start, rendezvous, display.name)
        meeting.wait_moving()
        viewer, since = meeting.viewer(), meeting.bob.mark()
    meeting.bob.wait_for(lambda event: event["event"] == "notice" and "does not answer" in event["text"], since=since)
    wait_until(lambda: ended(viewer))
    meeting.wait_call_goes_on()
    assert meeting.bob.leave() == 0
    assert not shared_memory(meeting.bob)
    wait_until(lambda: meeting.bob.left_behind == [])


def test_a_hung_window_process_holds_up_neither_the_call_nor_its_end(
    start: Start, rendezvous: Rendezvous, display: Display
) -> None:
    meeting = Meeting(start, rendezvous, display.name)
    meeting.wait_moving()
    viewer = meeting.viewer()
    viewer.suspend()
    meeting.wait_call_goes_on()
    assert meeting.bob.leave() == 0
    assert ended(viewer)
    assert not shared_memory(meeting.bob)


def test_nothing_stays_of_an_engine_that_is_killed(start: Start, rendezvous: Rendezvous, display: Display) -> None:
    meeting = Meeting(start, rendezvous, display.name)
    meeting.wait_moving()
    viewer = meeting.viewer()
    meeting.bob.kill()
    wait_until(lambda: ended(viewer))
    wait_until(lambda: not meeting.screen.windows(NAME))
    assert not shared_memory(meeting.bob)
