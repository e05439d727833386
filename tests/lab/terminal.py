"""A person at a terminal: a shell in a private tmux, keys pressed, the screen read."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

_PATIENCE = 15.0  # seconds; a meeting starts within two on an idle machine
_PROMPT = "ready> "


def missing() -> str | None:
    """Why there can be no terminal here, or None when there can."""
    return None if shutil.which("tmux") else "tmux is not installed (sudo apt install tmux)"


class Terminal:
    """A terminal of its own with a shell in it; a context manager.

    Args:
        environ: Variables for the shell, beside our own.
        folder: Where the shell stands.
        size: Columns and rows.
    """

    def __init__(self, environ: Mapping[str, str], folder: Path, size: tuple[int, int] = (100, 30)) -> None:
        self._environ = environ
        self._at = folder
        self._size = size
        self._folder = Path()

    def __enter__(self) -> Self:
        # Not pytest's folder: a Unix socket's path must be short.
        self._folder = Path(tempfile.mkdtemp(prefix="term-"))
        width, height = (str(cells) for cells in self._size)
        shell = ["bash", "--norc", "--noprofile"]
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "-c", str(self._at), *shell,
            ";", "set", "-g", "escape-time", "0", ";", "set", "-g", "status", "off",
        )  # fmt: skip
        self.wait_for(_PROMPT.strip())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._tmux("kill-server")
        shutil.rmtree(self._folder)

    @property
    def screen(self) -> str:
        """What the screen shows now."""
        return self._tmux("capture-pane", "-p")

    @property
    def state(self) -> dict[str, str]:
        """What a program may have changed and must leave as it was: screen, cursor, mouse and line settings."""
        flags = ("alternate_on", "cursor_flag", "insert_flag", "keypad_cursor_flag", "mouse_any_flag", "wrap_flag")
        told = self._tmux("display-message", "-p", " ".join(f"#{{{flag}}}" for flag in (*flags, "pane_tty"))).split()
        *values, tty = told
        with open(tty, "rb") as line:
            settings = subprocess.run(["stty", "-a"], stdin=line, capture_output=True, text=True, check=True).stdout
        return {**dict(zip(flags, values, strict=True)), "line": settings}

    def press(self, *keys: str) -> None:
        """Press keys, as tmux names them: `t`, `Enter`, `Escape`, `C-q`."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type text, then Enter."""
        self._tmux("send-keys", "-l", text)
        self.press("Enter")

    def run(self, command: str, seconds: float = _PATIENCE) -> tuple[int, str]:
        """Run a command of the shell to its end; returns its exit code and what it printed."""
        self.type(f"clear; {command}")
        return self.wait_for_end(seconds)

    def wait_for(self, *texts: str, absent: str | None = None, seconds: float = _PATIENCE) -> str:
        """Wait until all these texts stand on the screen, and that one does not; returns the screen."""
        deadline = time.monotonic() + seconds
        while True:
            screen = self.screen
            if all(text in screen for text in texts) and (absent is None or absent not in screen):
                return screen
            assert time.monotonic() < deadline, f"waited for {texts} without {absent!r}:\n{screen}"
            time.sleep(0.02)

    def wait_for_end(self, seconds: float = _PATIENCE) -> tuple[int, str]:
        """Wait until the shell asks for the next command; returns the last one's exit code and what the screen shows.

        The code is in the prompt: `0 ready>`.
        """
        deadline = time.monotonic() + seconds
        while True:
            screen = self.screen.rstrip()
            before, _, last = screen.rpartition("\n")
            if last.endswith(_PROMPT.strip()) and self._tmux("display-message", "-p", "#{alternate_on}").strip() == "0":
                return int(last.split()[0]), before
            assert time.monotonic() < deadline, f"the command does not end:\n{screen}"
            time.sleep(0.02)

    def _tmux(self, *words: str) -> str:
        environ = {
            **os.environ, **self._environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": f"$? {_PROMPT}",
        }  # fmt: skip
        environ.pop("TMUX", None)
        command = ["tmux", "-S", str(self._folder / "tmux"), *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=10, check=True).stdout
