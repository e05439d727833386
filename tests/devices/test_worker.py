import threading
import time

import pytest

from meshconf.devices import worker
from meshconf.devices.base import DeviceLost
from meshconf.devices.worker import Metronome, Worker
from meshconf.errors import DeviceError


class Job:
    """A device whose every call is recorded with the thread it came in."""

    def __init__(self, *, open_error: Exception | None = None, step_error: Exception | None = None) -> None:
        self.calls: list[tuple[str, int]] = []
        self.open_error = open_error
        self.step_error = step_error
        self.hang = threading.Event()
        self.hang.set()

    def open(self) -> None:
        self.calls.append(("open", threading.get_ident()))
        if self.open_error is not None:
            raise self.open_error

    def step(self, stopping: threading.Event) -> None:
        self.hang.wait()
        if self.step_error is not None:
            raise self.step_error
        stopping.wait(0.001)

    def release(self) -> None:
        self.calls.append(("release", threading.get_ident()))


def test_one_thread_opens_and_releases_and_it_has_released_when_close_returns() -> None:
    job = Job()
    running = Worker("device", job, lambda error: None)
    running.close()
    running.close()
    assert [what for what, _ in job.calls] == ["open", "release"]
    assert len({thread for _, thread in job.calls}) == 1
    assert job.calls[0][1] != threading.get_ident()


@pytest.mark.parametrize("error", [DeviceError("gone"), RuntimeError("driver")])
def test_a_device_that_does_not_open_is_released_and_raises_at_the_opener(error: Exception) -> None:
    job = Job(open_error=error)
    with pytest.raises(DeviceError):
        Worker("device", job, lambda error: None)
    assert [what for what, _ in job.calls] == ["open", "release"]


def test_a_device_that_fails_in_use_is_lost_and_released() -> None:
    job = Job(step_error=RuntimeError("unplugged"))
    ends: list[Exception] = []
    ended = threading.Event()

    def on_end(error: Exception) -> None:
        ends.append(error)
        ended.set()

    running = Worker("device", job, on_end)
    assert ended.wait(2)
    running.close()
    assert isinstance(ends[0], DeviceLost) and ends[0].fix
    assert job.calls[-1][0] == "release"


def test_a_device_that_fails_while_it_is_released_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job()
    unhandled: list[object] = []
    monkeypatch.setattr(threading, "excepthook", unhandled.append)
    monkeypatch.setattr(job, "release", lambda: 1 / 0)
    Worker("device", job, lambda error: None).close()
    assert not unhandled


def test_a_driver_that_hangs_does_not_hold_up_the_closer_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CLOSE_DEADLINE", 0.1)
    job = Job()
    job.hang.clear()
    running = Worker("device", job, lambda error: None)
    started = time.monotonic()
    running.close()
    assert time.monotonic() - started < 1
    job.hang.set()
    running.close()


def test_a_metronome_is_regular_and_goes_on_from_now_after_a_long_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    metronome = Metronome(0.02)
    assert [round(metronome.delay(), 3) for _ in range(3)] == [0.0, 0.02, 0.04]
    now = 100.07
    assert metronome.delay() == 0.0, "a small delay is caught up"
    now = 105.0
    assert metronome.delay() == 0.0
    assert round(metronome.delay(), 3) == 0.02
