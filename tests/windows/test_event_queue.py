"""Qt uses the system's libX11-xcb, in a fresh process as the window process is one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from meshconf.windows import event_queue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only the wheel for Linux brings X libraries")

SCRIPT = """
import ctypes
from meshconf.windows.event_queue import keep_events_for_qt

before = hasattr(ctypes.CDLL(None), "XSetEventQueueOwner")
print(before, keep_events_for_qt() == hasattr(ctypes.CDLL(None), "XSetEventQueueOwner"))
"""


def test_the_systems_library_is_found_before_all_others() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "False True\n"


def test_a_system_without_the_library_is_a_warning_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(event_queue, "_LIBRARY", "libX11-of-nowhere.so.1")
    assert not event_queue.keep_events_for_qt()
    assert "may stay white" in caplog.text
