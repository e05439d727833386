"""A meeting that cannot begin says so three times: by JSON line, by sentence, by exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import meshconf

pytestmark = pytest.mark.lab

CANNOT_BEGIN = [
    (["join", "nonsense"], 2, "malformed-invite"),
    (["join", "meshconf:notasecret"], 2, "malformed-invite"),
    (["join"], 2, "usage"),
    (["join", "--no-such-option"], 2, "usage"),
    (["host", "--seconds", "soon"], 2, "usage"),
    (["host", "--seconds", "nan"], 2, "usage"),
    (["host", "--seconds", "-1"], 2, "usage"),
    (["host", "--log", "/nowhere/log"], 2, "usage"),
    (["host", "a title", "too much"], 2, "usage"),
    (["dance"], 2, "usage"),
    (["host", "--no-lan", "--stun", "nonsense"], 2, "usage"),
    (["host", "--no-lan", "--relay-only"], 2, "usage"),
    (["host", "--no-lan", "--rendezvous", "ws://127.0.0.1:1"], 5, "rendezvous"),
    (["host", "--rendezvous", "http://meet.example.org"], 2, "usage"),
    (["host", "--rendezvous", "ws://[::1"], 2, "usage"),
    (["attach"], 3, "no-such-meeting"),
]


@pytest.mark.parametrize(("arguments", "code", "name"), CANNOT_BEGIN)
def test_each_failure_before_the_meeting_is_a_line_a_sentence_and_a_code(
    arguments: list[str], code: int, name: str
) -> None:
    outcome = meshconf(*arguments, "--headless")

    assert outcome.code == code
    *before, event = outcome.events
    assert not {"room", "joined", "left"} & {each["event"] for each in before}
    assert (event["event"], event["code"]) == ("error", name)
    assert event["message"]
    assert outcome.is_clear, outcome.stderr


def test_without_headless_nothing_is_said_on_stdout() -> None:
    outcome = meshconf("join", "nonsense")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert outcome.is_clear, outcome.stderr


def test_a_home_that_is_a_file_is_a_sentence(own_home: Path) -> None:
    file = own_home / "file"
    file.touch()
    outcome = meshconf("host", "--headless", "--no-lan", MESHCONF_HOME=str(file))
    assert (outcome.code, outcome.events[0]["code"]) == (1, "internal")
    assert outcome.is_clear, outcome.stderr
