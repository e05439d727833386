"""The doctor finds what is broken, and survives checks that hang or crash."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from meshconf.cli import doctor as module
from meshconf.cli.checks import CHECKS, Finding
from meshconf.cli.main import main


@pytest.mark.lab
def test_every_check_says_something_and_the_exit_code_follows(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        assert main(["doctor", "--json", "--rendezvous", url]) == 1
    said = json.loads(capsys.readouterr().out)
    assert all(set(one) == {"check", "ok", "sentence", "fix"} for one in said)
    names = {one["check"] for one in said}
    assert names >= {"opus", "livekit", "vp8", "opencv", "camera", "screen", "display", "multicast", "rendezvous"}
    assert "control" in names
    assert [one["ok"] for one in said if one["check"] in ("opus", "livekit", "vp8", "opencv")] == [True] * 4
    assert all(one["sentence"].endswith(".") and (one["ok"] or one["fix"]) for one in said)
    (rendezvous,) = (one for one in said if one["check"] == "rendezvous")
    assert rendezvous["ok"] is False and "meshconf rendezvous" in rendezvous["fix"]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Leaves one check; its process is replaced by `_stand_in`."""
    monkeypatch.setattr(module, "CHECKS", {"camera": CHECKS["camera"]})
    return monkeypatch


def _stand_in(only: pytest.MonkeyPatch, program: str) -> None:
    popen = subprocess.Popen
    only.setattr(subprocess, "Popen", lambda command, **rest: popen([sys.executable, "-c", program], **rest))


def test_a_check_that_hangs_is_ended_and_reported(only: pytest.MonkeyPatch) -> None:
    _stand_in(only, "import threading; threading.Event().wait()")
    (finding,) = module.examine(None, patience_s=0.3)["camera"]
    assert finding.ok is False and "hangs" in finding.sentence and finding.fix


def test_a_check_that_crashes_is_reported_with_its_last_words(only: pytest.MonkeyPatch) -> None:
    _stand_in(only, "import no_such_library")
    (finding,) = module.examine(None)["camera"]
    assert finding.ok is False and "No module named 'no_such_library'" in finding.sentence


def test_a_check_that_dies_without_a_word_is_reported_with_its_exit_code(only: pytest.MonkeyPatch) -> None:
    _stand_in(only, "import os; os._exit(7)")
    (finding,) = module.examine(None)["camera"]
    assert finding.ok is False and "exit code 7" in finding.sentence


def test_what_libraries_print_does_not_hide_the_findings(only: pytest.MonkeyPatch) -> None:
    _stand_in(only, """print('driver noise', end=''); print('\\n[{"check":"camera","ok":true,"sentence":"Works."}]')""")
    assert module.examine(None)["camera"] == [Finding("camera", True, "Works.")]


@pytest.mark.parametrize(("ok", "mark", "code"), [(True, "✓", 0), (None, "–", 0), (False, "✗", 1)])
def test_people_see_a_mark_a_sentence_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ok: bool | None, mark: str, code: int
) -> None:
    asked: list[str | None] = []

    def examine(rendezvous: str | None) -> dict[str, list[Finding]]:
        asked.append(rendezvous)
        return {"camera": [Finding("camera", ok, "It is so.", "do this")]}

    monkeypatch.setattr(module, "examine", examine)
    monkeypatch.setenv("MESHCONF_RENDEZVOUS", "ws://example.org")
    assert main(["doctor"]) == code
    assert capsys.readouterr().out == f"Camera\n  {mark} It is so.\n      do this\n"
    assert asked == ["ws://example.org"]


def test_without_an_address_no_rendezvous_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHECKS", {"rendezvous": CHECKS["rendezvous"]})
    assert module.examine(None) == {}


def test_every_check_has_its_section() -> None:
    assert {name for names in module._SECTIONS.values() for name in names} == set(CHECKS)
