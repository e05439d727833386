"""A private X display with a window manager, for screens and windows on a machine without any."""

from __future__ import annotations

import os
import random
import select
import shutil
import subprocess
from types import TracebackType

_DEADLINE = 10.0
"""Seconds for the server to come up."""
_ATTEMPTS = 5


def missing(*tools: str) -> str | None:
    """Why there can be no display here, or none with these further tools; None when there can."""
    for tool in ("Xvfb", "openbox", *tools):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (sudo apt install xvfb openbox xdotool)"
    return None


class Display:
    """A running Xvfb with openbox; a context manager. Any number may run side by side."""

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        """Describe the display: its size in pixels."""
        self.width = width
        self.height = height
        self.name = ""
        """Such as `:5`; what DISPLAY is set to."""
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def env(self) -> dict[str, str]:
        """The environment of a process that is to use the display."""
        hidden = ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE")
        return {**{name: value for name, value in os.environ.items() if name not in hidden}, "DISPLAY": self.name}

    def __enter__(self) -> Display:
        for _ in range(_ATTEMPTS):
            # A number of our own, held by the server's lock file: numbers that servers choose for themselves
            # collide when two start at once or from different network namespaces.
            number = random.randrange(100, 60_000)
            if self._serve(number):
                self.name = f":{number}"
                # Without a window manager no window gets the focus.
                self._start(["openbox"], env=self.env)
                return self
            self.__exit__(None, None, None)
        raise RuntimeError("Xvfb does not start")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def _serve(self, number: int) -> bool:
        """Start the server; whether it came up."""
        screen = f"{self.width}x{self.height}x24"
        reading, writing = os.pipe()
        try:
            # Without -noreset it begins anew when the last client goes, and refuses who comes in that moment.
            arguments = ["-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
            self._start(["Xvfb", f":{number}", *arguments], pass_fd=writing)
        finally:
            os.close(writing)
        with os.fdopen(reading, "rb") as ready:
            # It writes its number once it can be connected to, and a server that fails closes the pipe. The line end is
            # a write of its own, which kills the server if nobody reads any more.
            return bool(select.select([ready], [], [], _DEADLINE)[0]) and ready.readline().endswith(b"\n")

    def _start(self, command: list[str], *, env: dict[str, str] | None = None, pass_fd: int | None = None) -> None:
        self._processes.append(
            subprocess.Popen(
                command,
                env=env,
                pass_fds=() if pass_fd is None else (pass_fd,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
