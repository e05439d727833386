"""Noise on file descriptor 2 goes to the log, the screen stays with the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from meshconf.tui.run import quiet_stderr


def test_descriptor_two_is_a_log_while_the_face_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log" / "terminal.log"
    with quiet_stderr(log):
        os.write(2, b"ALSA lib pcm.c: underrun occurred\n")
        assert sys.__stderr__ is not None
        sys.__stderr__.write("picture")
        sys.__stderr__.flush()
    os.write(2, b" and after")
    assert "underrun" in log.read_text()
    assert capfd.readouterr().err == "picture and after"
