"""What is counted of the copies of a process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks import copies
from tests.lab.need import need

pytestmark = [pytest.mark.lab, pytest.mark.may_block("the test itself waits for processes")]

MIB = 1024 * 1024

COPIES = f"""
import sys
source = bytearray({MIB})
sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()
for _ in range(100):
    bytes(source)
sys.stdout.write("done\\n"); sys.stdout.flush()
sys.stdin.readline()
"""

STARTS = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {COPIES!r}])"


@pytest.mark.parametrize("program", [COPIES, STARTS], ids=["itself", "a child"])
def test_what_a_process_copies_is_counted(program: str) -> None:
    need(copies.missing())
    with copies.counting() as counter:
        process = subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True)
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        before = counter.bytes_copied(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        copied = counter.bytes_copied(process.pid) - before
        process.communicate("\n")
    assert 100 * MIB <= copied < 101 * MIB
    assert before < 50 * MIB


def test_afterwards_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    need(copies.missing())
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.delenv("COPIES", raising=False)
    with copies.counting():
        pass
    command = [sys.executable, "-c", "import os; print(os.environ['LD_PRELOAD'], 'COPIES' in os.environ)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == " False\n"
