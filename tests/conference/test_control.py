from __future__ import annotations

import os
from pathlib import Path

import pytest

from meshconf import paths
from meshconf.conference.bulletin import Bulletin
from meshconf.conference.conference import Conference
from meshconf.conference.control import obey, running
from meshconf.conference.events import Error, Ok

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


async def test_only_the_face_that_subscribes_gets_the_frequent_events() -> None:
    meeting = Conference.host(lan=False, windows=False)
    bulletin = Bulletin()
    asking, other = bulletin.subscribe(), bulletin.subscribe()

    answer = await obey(meeting, b'{"do":"subscribe","stats":false,"id":1}', asking)

    assert isinstance(answer, Ok) and answer.id == 1
    assert (asking.levels, asking.stats) == (True, False)
    assert not other.levels and bulletin.levels_wanted and not bulletin.stats_wanted


async def test_a_line_that_is_no_command_is_answered_under_its_id() -> None:
    meeting = Conference.host(lan=False, windows=False)
    face = Bulletin().subscribe()

    answer = await obey(meeting, b'{"do":"subscribe","levels":"all","id":2}', face)

    assert isinstance(answer, Error) and (answer.code, answer.id) == ("usage", 2)
    assert not face.levels
    assert await obey(meeting, b" \n", face) is None
