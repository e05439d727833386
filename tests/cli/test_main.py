"""The command in the hands of careless callers: each end is a clear sentence and the contract's exit code."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from meshconf.cli import doctor
from meshconf.cli.checks import Finding
from tests.support.command import Outcome, meshconf
from tests.support.engine import ROOT

pytestmark = pytest.mark.lab

ALONE = ("host", "--headless", "--no-lan", "--seconds", "0.3")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["dance"], 2, "dance"),
        (["rooms", "--no"], 2, "--no"),
        (["ctl"], 2, "WORD"),
        (["ctl", "leave"], 3, "No meeting"),
        (["attach", "--engine", "7"], 3, "No meeting 7"),
        (["demo", "--seconds", "many"], 2, "many"),
        (["join", ""], 2, "No invite"),
        (["host"], 2, "terminal"),
        ([], 2, "terminal"),
    ],
)
def test_wrong_usage_is_one_sentence(arguments: list[str], code: int, word: str) -> None:
    outcome = meshconf(*arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert word in outcome.stderr and outcome.is_clear, outcome.stderr


def test_a_full_disk_under_stdout_is_one_sentence() -> None:
    with open("/dev/full", "wb") as full:
        outcome = meshconf("--help", stdout=full, PYTHONUNBUFFERED=None)
    assert outcome.code == 1
    assert outcome.is_clear and "No space left" in outcome.stderr


def test_a_meeting_goes_on_when_the_disk_under_its_events_is_full() -> None:
    with open("/dev/full", "wb") as full:
        outcome = meshconf(*ALONE, stdout=full)
    assert outcome.code == 0
    assert outcome.is_clear and "the meeting goes on" in outcome.stderr


def test_a_full_disk_under_the_keys_is_one_sentence() -> None:
    outcome = meshconf(*ALONE, prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert (outcome.code, outcome.events[-1]["code"]) == (1, "internal")
    assert outcome.is_clear and "identity" in outcome.stderr


def test_a_reader_who_has_read_enough_is_no_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        outcome = meshconf("--help", stdout=nobody, PYTHONUNBUFFERED=None)
    assert (outcome.code, outcome.stderr) == (0, "")


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1, 2]])
def test_closed_streams_keep_nobody_from_meeting(closed: list[int]) -> None:
    def close() -> None:
        for number in closed:
            os.close(number)

    outcome = meshconf(*ALONE, prepare=close)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert bool(outcome.stdout) == (1 not in closed)


def test_a_closed_stdin_holds_no_invite() -> None:
    outcome = meshconf("join", prepare=lambda: os.close(0))
    assert outcome.code == 2
    assert outcome.is_clear and "No invite" in outcome.stderr


def test_noise_on_stdin_is_a_malformed_invite() -> None:
    outcome = meshconf("join", given=bytes(range(128, 256)) + b"\n")
    assert outcome.code == 2
    assert outcome.is_clear, outcome.stderr


def test_without_a_home_the_system_knows_where_it_is(tmp_path: Path) -> None:
    outcome = meshconf(*ALONE, HOME=None, MESHCONF_HOME=None, XDG_DATA_HOME=str(tmp_path), XDG_RUNTIME_DIR=None)
    assert (outcome.code, outcome.stderr) == (0, "")


def test_marks_that_an_encoding_lacks_are_said_in_plain_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"libraries": [Finding("opus", True, "It works.", ""), Finding("vp8", False, "It fails.", "")]}
    monkeypatch.setattr(doctor, "examine", lambda _: found)

    assert doctor.doctor(None, as_json=False) == 1
    assert "✓ It works." in capsys.readouterr().out
    monkeypatch.setattr(doctor, "_encoding", lambda: "ascii")
    doctor.doctor(None, as_json=False)
    assert "+ It works.\n  x It fails." in capsys.readouterr().out


def test_the_rendezvous_takes_its_own_options_here_too() -> None:
    command = [sys.executable, "-m", "meshconf", "rendezvous", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("listening on ws://127.0.0.1:")
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=10)
    assert (server.returncode, errors) == (0, "")
    assert meshconf("rendezvous", "--port", "70000").code == 2


def test_a_missing_device_is_said_to_the_person_as_well() -> None:
    outcome: Outcome = meshconf(*ALONE, "--camera", "file:/nowhere.mp4")
    assert outcome.code == 6
    assert outcome.is_clear and "/nowhere.mp4" in outcome.stderr
