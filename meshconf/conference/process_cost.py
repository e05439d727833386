"""What this process and its children cost: processor time and memory."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass

import psutil

FAMILY_EVERY = 5.0
"""Seconds between two looks for our child processes: it takes a look at all processes of the machine."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A reading."""

    cpu_s: float
    """Seconds of processor time since the processes that live began."""
    rss_bytes: int
    """Memory that is in use now."""


class ProcessCost:
    """Reads what we cost."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._family = [self._process]
        self._family_known = float("-inf")

    def read(self) -> Cost:
        """A reading; takes tens of milliseconds where many processes run, so call it in a thread."""
        if (now := time.monotonic()) - self._family_known > FAMILY_EVERY:
            self._family_known = now
            with contextlib.suppress(psutil.Error):
                self._family = [self._process, *self._process.children(recursive=True)]
        cpu, rss = 0.0, 0
        for process in self._family:
            try:
                times = process.cpu_times()
                cpu += times.user + times.system
                rss += process.memory_info().rss
            except psutil.Error:
                continue
        return Cost(cpu, rss)
