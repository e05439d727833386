from __future__ import annotations

import os
from pathlib import Path

import pytest

from meshconf import paths
from meshconf.conference.control import running

DEAD = 2**22 + 1
"""Beyond the highest number that a process can have."""


def test_engines_that_run_are_found_and_sockets_of_dead_ones_removed() -> None:
    folder = paths.runtime_dir()
    for name in (str(os.getpid()), str(DEAD), "not-a-number", "9" * 30):
        (folder / f"{name}.sock").touch()

    assert running() == [folder / f"{os.getpid()}.sock"]
    assert not (folder / f"{DEAD}.sock").exists()


def test_an_engine_that_ends_while_we_look_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    socket = paths.runtime_dir() / f"{os.getpid()}.sock"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([socket]))
    assert running() == []
