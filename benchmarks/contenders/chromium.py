"""Headless Chromium as Debian packages it: a participant is a page, its camera the scene's file, its sound a beep.

No page shows its pictures: rendering without a graphics card would cost more than all the rest. They are decoded and,
where their age is to be read, taken from the track. See `page.js`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.contenders.base import Meeting, Picture, Seat
from benchmarks.contenders.devtools import DevTools
from benchmarks.contenders.ends import light_viewers
from benchmarks.contenders.peers import PeerMeeting
from benchmarks.program import ProgramFailed
from benchmarks.scene import render
from tests.lab.json_program import Line
from tests.lab.network import Host

_PAGE = Path(__file__).with_name("page.html")
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=MediaRouter,WebRtcHideLocalIpsWithMdns", "--allow-file-access-from-files",
    # Pages that nobody looks at must not be slowed down: here nobody looks at any.
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip
_STARTS_WITHIN = 20.0


class Chromium:
    """A `Contender`."""

    name = "chromium"

    def __init__(self, folder: Path) -> None:
        """Args: folder: of the scenes."""
        self._folder = folder

    def missing(self, picture: Picture) -> str | None:
        """See `Contender`."""
        return None if shutil.which("chromium") else "not installed"

    @contextmanager
    def meet(self, seats: Sequence[Seat], *, stamps: bool = False) -> Iterator[Meeting]:
        """See `Contender`."""
        with ExitStack() as stack:
            ends = light_viewers(stack, seats)
            width = max(seat.sends.width for seat in seats if seat.sends is not None)
            of_senders: dict[tuple[str, Path | None], Browser] = {}
            for seat in seats:
                if seat.watches == "lightly":
                    continue
                scene = self._scene(seat.sends)
                # A browser may hold many pages: senders that see nothing share one, whoever sees has one alone.
                browser = of_senders.get((seat.host.name, scene)) if seat.watches == "nothing" else None
                if browser is None:
                    browser = stack.enter_context(Browser(seat.host, scene))
                if seat.watches == "nothing":
                    of_senders[seat.host.name, scene] = browser
                ends[seat.name] = PageEnd(browser, seat, width if stamps else 0)
            yield PeerMeeting(seats, ends)

    def _scene(self, picture: Picture | None) -> Path | None:
        if picture is None:
            return None
        return render(self._folder, picture.width, picture.height, picture.fps)


class Browser:
    """A running browser with a profile of its own; a context manager.

    Args:
        host: where it runs.
        scene: what its camera shows.
    """

    def __init__(self, host: Host, scene: Path | None) -> None:
        self._host = host
        self._scene = scene
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.tools: DevTools | None = None

    def __enter__(self) -> Self:
        camera = [] if self._scene is None else [f"--use-file-for-fake-video-capture={self._scene}"]
        self._process = self._host.popen(
            ["chromium", *_FLAGS, *camera, f"--user-data-dir={self._profile.name}", "about:blank"],
            env={**os.environ, "HOME": self._profile.name},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port, path = self._address()
            self.tools = DevTools(self._host, port, path)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.tools is not None:
            self.tools.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._profile.cleanup()

    @property
    def pid(self) -> int:
        """Its first process, of which all others descend."""
        assert self._process is not None
        return self._process.pid

    def _address(self) -> tuple[int, str]:
        """Port and path on which it is driven: it writes them into its profile."""
        assert self._process is not None
        deadline = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                port, path = Path(self._profile.name, "DevToolsActivePort").read_text().splitlines()
                return int(port), path
            time.sleep(0.05)
        raise ProgramFailed("Chromium does not start")


class PageEnd:
    """A participant; an `End`."""

    def __init__(self, browser: Browser, seat: Seat, stamps: int) -> None:
        """Open its page and its camera; stamps are of pictures of that width, 0 means none."""
        assert browser.tools is not None
        self.pid = browser.pid
        self._said: list[tuple[float, Line]] = []
        self._page = browser.tools.open(_PAGE.as_uri(), self._hear)
        picture = seat.sends
        task = picture and {
            "width": picture.width, "height": picture.height, "fps": picture.fps,
            "codec": picture.codec, "bitrate": picture.bitrate_bps,
        }  # fmt: skip
        self._page.call("participant.start", task, stamps)

    def offer(self, peer: str) -> str:
        """See `End`."""
        return str(self._page.call("participant.offer", peer))

    def answer(self, peer: str, offer: str) -> str:
        """See `End`."""
        return str(self._page.call("participant.answer", peer, offer))

    def accept(self, peer: str, answer: str) -> None:
        """See `End`."""
        self._page.call("participant.accept", peer, answer)

    def stats(self, since: float) -> list[tuple[float, Line]]:
        """See `End`."""
        return [(at, line) for at, line in self._said if at >= since]

    def _hear(self, text: str) -> None:
        self._said.append((time.time(), json.loads(text)))
