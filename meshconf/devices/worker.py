"""The thread that owns a device: it opens, uses and releases it, so that no handle ever crosses threads.

Opening is waited for by whoever starts the worker; closing is waited for with a deadline.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from meshconf.devices.base import DeviceLost
from meshconf.errors import DeviceError, MeshconfError

CLOSE_DEADLINE = 1.0
"""Seconds that `close` waits for the device; a driver that hangs longer is left to its daemon thread."""

log = logging.getLogger("meshconf.devices")


class Job(Protocol):
    """What a worker does with its device; every method runs in the worker's thread."""

    def open(self) -> None:
        """Open the device; raises DeviceError when that fails."""
        ...

    def step(self, stopping: threading.Event) -> None:
        """Wait for and pass on one piece; raises when there is no more. Sleeps only in `stopping.wait`."""
        ...

    def release(self) -> None:
        """Give the device back; called once, also after an `open` that failed half way."""
        ...


class Worker:
    """Runs one job in one thread until it is closed or the job raises."""

    def __init__(
        self, name: str, job: Job, on_end: Callable[[Exception], None], *, open_deadline: float = 10.0
    ) -> None:
        """Start the thread and wait until the device is open.

        Args:
            name: of the thread, and of the device in errors.
            job: what to do.
            on_end: told in the worker's thread why the job ended, unless `close` ended it.
            open_deadline: seconds to wait for the device.

        Raises:
            DeviceError: the device does not open, or not in time.
        """
        self._job = job
        self._name = name
        self._on_end = on_end
        self._stopping = threading.Event()
        self._opened = threading.Event()
        self._refusal: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"meshconf-{name}", daemon=True)
        self._thread.start()
        if not self._opened.wait(open_deadline):
            self._stopping.set()
            raise DeviceError(
                f"Opening {name} takes too long.", fix="unplug it and plug it in again, or choose another"
            )
        if self._refusal is not None:
            self._thread.join(CLOSE_DEADLINE)
            raise self._refusal.with_traceback(None)

    def close(self) -> None:
        """Stop, and wait up to `CLOSE_DEADLINE` seconds until the device is released. May be called again."""
        self._stopping.set()
        if threading.current_thread() is self._thread:
            return
        self._thread.join(CLOSE_DEADLINE)
        if self._thread.is_alive():
            log.warning("%s does not let go of its device; it is left behind", self._name)

    def _run(self) -> None:
        try:
            try:
                self._job.open()
            except Exception as error:  # whatever a driver raises must reach the opener, not end in a dead thread
                self._refusal = self._told(error, DeviceError)
                return
            finally:
                self._opened.set()
            while not self._stopping.is_set():
                self._job.step(self._stopping)
        except Exception as error:  # likewise for the reader
            if not self._stopping.is_set():
                self._on_end(self._told(error, DeviceLost))
        finally:
            self._release()

    def _release(self) -> None:
        try:
            self._job.release()
        except Exception as error:  # likewise: a device that is gone waits for no goodbye
            log.info("%s failed while it was released: %s", self._name, error)

    def _told(self, error: Exception, kind: type[DeviceError]) -> Exception:
        if isinstance(error, MeshconfError):
            return error
        log.debug("%s failed", self._name, exc_info=error)
        return kind(
            f"Something went wrong with {self._name}: {error}.", fix="unplug it and plug it in again, or choose another"
        )


class Metronome:
    """Regular moments on the monotonic clock; after a delay it goes on from now rather than catching up in a burst."""

    def __init__(self, interval: float, *, slack: float = 3.0) -> None:
        """Make a metronome whose first moment is now.

        Args:
            interval: seconds between two moments.
            slack: intervals of delay that are still caught up.
        """
        self._interval = interval
        self._slack = slack * interval
        self._next = time.monotonic()

    def delay(self) -> float:
        """Seconds until the next moment, 0 when it has come; each call moves on by one."""
        now = time.monotonic()
        if self._next < now - self._slack:
            self._next = now
        wait = max(0.0, self._next - now)
        self._next += self._interval
        return wait
