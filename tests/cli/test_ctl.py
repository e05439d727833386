"""`meshconf ctl` against a real engine: silent when it worked, a sentence and an exit code when not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshconf import paths
from meshconf.cli import ctl as module
from meshconf.cli.ctl_words import SHELL_VERBS
from meshconf.cli.main import main
from meshconf.conference.verbs import VERBS
from meshconf.errors import NetworkError
from tests.support.engine import Engine


@pytest.fixture
def engine(own_home: Path) -> Iterator[Engine]:
    with Engine("Ada", "host", "stand-up", "--no-lan", "--mic=test", "--speaker=null", home=own_home) as running:
        _wait_until_it_listens(running)
        yield running


def _wait_until_it_listens(engine: Engine, seconds: float = 15.0) -> None:
    """The socket for faces comes after the first events, once the devices are open."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as face:
            face.connect(str(paths.runtime_dir() / f"{engine.process.pid}.sock"))
            return
        time.sleep(0.01)
    raise AssertionError(f"the engine does not listen; {engine.events[-3:]} {engine.stderr}")


def _ctl(*words: str) -> int:
    return main(["ctl", *words])


@pytest.mark.lab
def test_commands_reach_the_engine_and_print_nothing(engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    assert [_ctl("chat", "back", "soon"), _ctl("mute"), _ctl("camera", "on", "test")] == [0, 0, 0]
    engine.wait_for_event("chat", text="back soon")
    engine.wait_for_event("source", source="mic", state="off")
    engine.wait_for_event("source", source="camera", state="on")
    assert [_ctl("camera"), _ctl("lock"), _ctl("forbid", "video")] == [0, 0, 0]
    engine.wait_for_event("source", source="camera", state="off")
    engine.wait_for(lambda event: event["event"] == "room_state" and event["forbidden"]["video"] is True)
    old = engine.invite
    assert _ctl("new-code") == 0
    engine.wait_for(lambda event: event["event"] == "room" and event["invite"] != old)
    assert _ctl('{"do":"source","source":"camera","on":false,"id":99}') == 0
    engine.wait_for_event("source", source="camera", state="off")
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    assert _ctl("leave") == 0
    assert engine.wait() == 0


@pytest.mark.lab
def test_status_shows_title_code_and_sources(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.wait_for_event("source", source="mic", state="on")
    assert _ctl("status") == 0
    heading, me = capsys.readouterr().out.splitlines()
    assert heading == f"stand-up  {engine.invite}"
    assert me.split() == ["you", "host", "mic", engine.peer]


@pytest.mark.lab
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["camera", "on", "file:/nowhere.mkv"], 1, "nowhere.mkv"),
        (["volume", "Grace", "-6"], 2, "Nobody here is called 'Grace'"),
        (['{"do":"control_request"}'], 2, "The command control_request does not fit"),
        (["unlock"], 4, "not locked"),
        (["admit", "Grace"], 2, "Nobody called 'Grace' waits"),
        (['{"do":"dance"}'], 2, "There is no command 'dance'"),
        (["chat", "x" * 4001], 2, "The command chat does not fit"),
        (["--engine", "1", "mute"], 3, "No meeting 1 runs here"),
    ],
)
def test_what_fails_is_said_with_its_exit_code(
    engine: Engine, capsys: pytest.CaptureFixture[str], words: list[str], code: int, sentence: str
) -> None:
    assert _ctl(*words) == code
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""


def test_help_lists_every_command_with_its_form_and_needs_no_meeting(capsys: pytest.CaptureFixture[str]) -> None:
    assert _ctl("help") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(SHELL_VERBS) + len(VERBS)
    assert any(line.startswith("volume NAME DB  ") and "how loud" in line for line in lines)


def test_without_a_meeting_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "mute"]) == 3
    assert "No meeting runs" in capsys.readouterr().err


def test_nonsense_is_refused_before_any_meeting_is_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "mutte"]) == 2
    assert "did you mean `mute`?" in capsys.readouterr().err


async def test_an_engine_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_WITHIN_S", 0.2)
    said: list[dict[str, object]] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            while line := await reader.readline():
                said.append(json.loads(line))

    path = paths.runtime_dir() / "1.sock"
    async with await asyncio.start_unix_server(listen, path):
        with pytest.raises(NetworkError, match="did not answer within"):
            await module._talk(path, {"do": "leave"})
    assert [command["do"] for command in said] == ["subscribe"]
