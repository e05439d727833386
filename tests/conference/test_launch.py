"""Engines as processes of their own: where their last words go."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from meshconf.conference import launch

Speak = Callable[[], None]


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Speak:
    """Starts an engine that says two words on stderr and ends."""
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\necho last words >&2\n")
    engine.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(engine))

    def start() -> None:
        with launch._spawn([], {}) as process:
            assert process.wait(10) == 0

    return start


@pytest.fixture
def logs(own_home: Path) -> Path:
    """The folder of logs as another program may have left it: open to everybody."""
    folder = own_home / "log"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def test_what_an_engine_says_is_for_this_user_alone(speak: Speak, logs: Path) -> None:
    kept = logs / "engine.log"
    speak()
    assert kept.read_text() == "last words\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(logs.stat().st_mode) == 0o700


def test_a_log_of_engines_that_others_could_read_is_closed(speak: Speak, logs: Path) -> None:
    kept = logs / "engine.log"
    kept.write_text("words of before\n")
    kept.chmod(0o644)
    speak()
    assert kept.read_text() == "words of before\nlast words\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_log_of_engines_that_has_grown_large_is_put_aside(speak: Speak, logs: Path) -> None:
    kept, aside = logs / "engine.log", logs / "engine.old.log"
    kept.touch(0o644)
    os.truncate(kept, 1_000_001)
    speak()
    assert kept.read_text() == "last words\n"
    assert aside.stat().st_size == 1_000_001
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
