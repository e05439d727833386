"""The demo's own part: whoever closes its terminal ends all of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, signal, sys
from meshconf.cli.demo import _end_with_the_terminal
_end_with_the_terminal([int(sys.argv[1]), 2**22 + 1], sys.argv[2])
print("ready", flush=True)
signal.pause()
"""


def test_closing_the_terminal_ends_guests_and_engine_and_leaves_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "key").touch()
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as guest:
        command = [sys.executable, "-c", PROGRAM, str(guest.pid), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as demo:
            assert demo.stdout is not None and demo.stdout.readline() == b"ready\n"
            demo.send_signal(signal.SIGHUP)
            assert demo.wait(10) == 128 + signal.SIGHUP
        assert guest.wait(10) == -signal.SIGTERM
    assert not folder.exists()
