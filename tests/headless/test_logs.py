"""`--log FILE` holds what the engine logs, whoever started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import meshconf
from tests.support.engine import ROOT

pytestmark = pytest.mark.lab


def test_an_engine_writes_the_log_that_it_is_told_to(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "meshconf.headless", "host", "--no-lan", "--seconds=0", f"--log={log}"]
    assert subprocess.run(command, cwd=ROOT, timeout=20).returncode == 0
    assert log.exists()


def test_an_engine_that_cannot_write_its_log_says_so() -> None:
    command = [sys.executable, "-m", "meshconf.headless", "host", "--log=/nowhere/log"]
    done = subprocess.run(command, cwd=ROOT, timeout=20, capture_output=True)
    assert (done.returncode, json.loads(done.stdout)["code"]) == (2, "usage")


def test_a_second_meeting_of_the_same_person_is_noted_in_its_log(tmp_path: Path) -> None:
    alone = ["host", "--headless", "--no-lan"]
    first = subprocess.Popen(
        [sys.executable, "-m", "meshconf", *alone], cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ)
    )
    with first:
        assert first.stdout is not None
        first.stdout.readline()
        assert meshconf(*alone, "--seconds", "0", "--log", str(tmp_path / "log")).code == 0
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=10)
    assert "in use by another meeting" in (tmp_path / "log").read_text()
