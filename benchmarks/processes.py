"""What a process and all that it started cost: processor time and memory."""

from __future__ import annotations

from collections.abc import Iterator

import psutil


def cpu_s(pid: int) -> float:
    """User and system seconds of a process and its descendants, also of those that have ended and were waited for.

    Raises:
        psutil.Error: the process is gone.
    """
    total = 0.0
    for process in family(pid):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def rss_bytes(pid: int) -> int:
    """Resident memory of a process and its descendants; pages that they share count for each.

    Raises:
        psutil.Error: the process is gone.
    """
    return sum(process.memory_info().rss for process in family(pid))


def family(pid: int) -> Iterator[psutil.Process]:
    """A process and its descendants.

    Raises:
        psutil.Error: the process is gone.
    """
    root = psutil.Process(pid)
    yield root
    for process in root.children(recursive=True):
        if process.is_running():
            yield process
