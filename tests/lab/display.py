"""A private X display with a window manager, for screens and windows on a machine without any."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from types import TracebackType

_DEADLINE = 10.0


def missing() -> str | None:
    """Why there can be no display here, or None when there can."""
    for tool in ("Xvfb", "openbox"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (sudo apt install xvfb openbox)"
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
        reading, writing = os.pipe()
        try:
            screen = f"{self.width}x{self.height}x24"
            # The server chooses a free number itself and tells it once it is ready.
            self._start(
                ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"], pass_fd=writing
            )
            os.close(writing)
            writing = -1
            ready, _, _ = select.select([reading], [], [], _DEADLINE)
            number = os.read(reading, 32).decode().strip() if ready else ""
        finally:
            os.close(reading)
            if writing >= 0:
                os.close(writing)
        if not number:
            self.__exit__(None, None, None)
            raise RuntimeError("Xvfb does not start")
        self.name = f":{number}"
        # Without a window manager no window gets the focus.
        self._start(["openbox"], env=self.env)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

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
