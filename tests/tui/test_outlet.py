"""The terminal as a file: everything arrives, and one that takes nothing is known."""

from __future__ import annotations

import os
import threading
import time

import pytest

from meshconf.tui.outlet import Outlet

MUCH = "▀" * 100_000
"""More than any pipe holds."""


def test_what_is_written_arrives_and_nothing_is_behind_then() -> None:
    reading, writing = os.pipe()
    with Outlet(writing) as outlet:
        assert outlet.write("people · 3\n") == 11
        outlet.flush()
        assert not outlet.behind
        assert os.read(reading, 100) == "people · 3\n".encode()
    with pytest.raises(OSError):
        os.fstat(writing)
    os.close(reading)


def test_a_terminal_that_does_not_take_what_is_written_is_behind_until_it_does() -> None:
    reading, writing = os.pipe()
    outlet = Outlet(writing)

    def write() -> None:
        outlet.write(MUCH)
        outlet.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    deadline = time.monotonic() + 5
    while not outlet.behind:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert outlet.behind
    with os.fdopen(reading, "rb") as terminal:
        assert terminal.read() == MUCH.encode()
    writer.join(5)
    assert not outlet.behind
