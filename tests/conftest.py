"""What every test stands on: nobody's own configuration, a watched event loop, and the lab before the rest."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LOOP_LIMIT_S = 0.25
"""A callback that holds the event loop longer than this would be heard as a gap in the sound."""

FACE_LIMIT_S = 1.0
"""The same for the TUI, whose process carries no media: there it would only be felt as a slow key."""

_POLITENESS = 10
"""Steps by which tests that need no lab stand back behind those that do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps lab tests together, whole meetings on one worker and single parts on another: they share the cores.

    They come first, since they take longest: two of three workers begin with one of these groups each, and the third
    with the rest, where the others join it when they are done.
    """
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.xdist_group("meetings" if _is_a_meeting(item) else "lab"))
    items.sort(key=lambda item: (not _is_a_meeting(item), item.get_closest_marker("lab") is None))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Lets meetings, which know what time it is, have the cores first; no worker goes back from the rest to the lab."""
    if "PYTEST_XDIST_WORKER" in os.environ and not item.get_closest_marker("lab") and os.nice(0) < _POLITENESS:
        os.nice(_POLITENESS)


def _is_a_meeting(item: pytest.Item) -> bool:
    return "scenarios" in item.path.relative_to(Path(__file__).parent).parts


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shuts out the developer's own keys, configuration and `MESHCONF_*` settings; returns the empty home."""
    for name in list(os.environ):
        if name.startswith("MESHCONF_"):
            monkeypatch.delenv(name)
    # Not in tmp_path, so that tests may list that; and short, since sockets' paths have to be.
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MESHCONF_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def watched_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test in which one callback of the main thread's event loop took longer than its limit."""
    if request.node.get_closest_marker("may_block"):
        yield
        return
    limit = FACE_LIMIT_S if "tui" in request.path.relative_to(Path(__file__).parent).parts else LOOP_LIMIT_S
    culprits: list[str] = []
    run = asyncio.events.Handle._run
    clock = _RunningClock()

    def timed_run(handle: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            run(handle)
            return
        started = clock.now()
        run(handle)
        taken = clock.now() - started
        if taken > limit:
            # A task's step is a bound method in C, whose own repr does not name the task.
            culprits.append(f"{taken:.2f} s in {getattr(handle._callback, '__self__', handle)!r}")

    monkeypatch.setattr(asyncio.events.Handle, "_run", timed_run)
    yield
    clock.close()
    if culprits:
        pytest.fail("the event loop was blocked: " + "; ".join(culprits), pytrace=False)


class _RunningClock:
    """Seconds as the main thread lives them: without the time it stood ready while other processes had the cores.

    A sleeping or computing callback is caught, a busy machine is not blamed on the test, nor is the garbage of many
    tests before it. Where the kernel does not tell the waiting time, this is the monotonic clock otherwise.
    """

    def __init__(self) -> None:
        self._collecting = self._collected = 0.0
        gc.callbacks.append(self._collects)
        try:
            self._schedstat = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
        except OSError:
            self._schedstat = -1

    def now(self) -> float:
        """Seconds since some fixed instant."""
        if self._schedstat < 0:
            return time.monotonic() - self._collected
        waited_ns = int(os.pread(self._schedstat, 64, 0).split()[1])
        return time.monotonic() - waited_ns / 1e9 - self._collected

    def close(self) -> None:
        """Gives the file descriptor back; the clock goes on as the monotonic one."""
        gc.callbacks.remove(self._collects)
        if self._schedstat >= 0:
            os.close(self._schedstat)
            self._schedstat = -1

    def _collects(self, phase: str, _: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._collected += time.thread_time() - self._collecting
