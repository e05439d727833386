"""What scripts rely on: JSON lines out, commands in, exit codes."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest

from tests.scenarios.conftest import Start

pytestmark = [pytest.mark.lab, pytest.mark.timeout(60)]

ALONE = ("host", "--no-lan")
WRONG_COMMANDS: list[dict[str, Any]] = [
    {"do": "dance"},
    {"do": "chat"},
    {"do": "chat", "text": 7},
    {"do": "chat", "text": "hello", "to": "nobody-here"},
    {"do": "source", "source": "nose", "on": True},
    {"do": "source", "source": "mic", "on": "perhaps"},
    {"do": "volume", "peer": "nobody-here", "gain_db": 0},
]
WRONG_LINES = [b"not json", b"[]", b"7", b"{", b"\xff\xfe", b'{"do":"leave","do":[]}', b"[" * 5000]


def test_each_wrong_command_is_answered_and_harms_nothing(start: Start) -> None:
    alice = start("alice", *ALONE)
    alice.wait_for_event("room")

    for number, command in enumerate(WRONG_COMMANDS):
        assert alice.ask(command, id=number)["event"] == "error", command
    for text in WRONG_LINES:
        since = alice.mark()
        alice.write(text + b"\n")
        assert alice.wait_for_event("error", 5.0, since=since)["message"]
    alice.write(b"\n  \n")

    assert alice.ask({"do": "chat", "text": "still here"}, id=99)["event"] == "ok"
    assert alice.leave() == 0
    assert alice.stray_lines == []


def test_a_missing_device_is_an_answer_not_an_end(start: Start) -> None:
    alice = start("alice", *ALONE)

    answer = alice.ask({"do": "source", "source": "mic", "on": True, "from": "file:/nowhere.wav"}, id=1)

    assert (answer["event"], answer["code"]) == ("error", "device")
    assert alice.leave() == 0


def test_the_end_of_input_does_not_leave(start: Start) -> None:
    alice = start("alice", *ALONE, "--stats")
    alice.wait_for_event("room")
    assert alice.process.stdin is not None

    alice.process.stdin.close()

    since = alice.mark()
    for _ in range(2):
        alice.wait_for_event("stats", 5.0, since=since)
        since = alice.mark()
    assert alice.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_cleanly(start: Start, number: signal.Signals) -> None:
    alice = start("alice", *ALONE, "--mic", "test")
    alice.wait_for_event("source", source="mic", state="on")

    alice.process.send_signal(number)

    assert alice.wait() == 130
    assert alice.events[-1]["event"] == "left"
    assert alice.events[-1]["reason"] == "interrupted"
    assert alice.left_behind == []
    assert "Traceback" not in alice.stderr


def test_so_many_seconds_and_no_more(start: Start) -> None:
    alice = start("alice", *ALONE, "--mic", "test", "--camera", "test", "--stats", "--seconds", "2")
    alice.wait_for_event("room")
    began = time.monotonic()

    assert alice.wait() == 0

    assert 1.0 < time.monotonic() - began < 4.0
    assert alice.events[-1] == {"event": "left", "t": alice.events[-1]["t"], "reason": "left"}
    assert alice.stray_lines == []
    assert alice.stderr == ""
    assert [event["t"] for event in alice.events] == sorted(event["t"] for event in alice.events)
    assert alice.left_behind == []


def test_the_invite_comes_first_and_every_event_names_itself_first(start: Start) -> None:
    alice = start("alice", *ALONE)
    room = alice.wait_for_event("room")

    assert list(room)[:2] == ["event", "t"]
    assert room.keys() >= {"room", "invite", "link", "self", "title"}
    state = alice.wait_for_event("room_state")
    assert state.keys() >= {"epoch", "seq", "host", "admins", "members", "locked", "lobby", "forbidden"}
    assert (state["host"], state["members"]) == (room["self"], [room["self"]])
    assert json.loads(json.dumps(state["forbidden"])).keys() == {"audio", "video", "screen", "control"}
