"""What the decoder process forbids itself, so that hostile pictures cost it and nobody else.

Linux keeps all of it; elsewhere the parts that the system has.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from types import TracebackType

log = logging.getLogger("meshconf.codec")

HEADROOM = 1024 * 1024 * 1024
"""Bytes of address space beyond what is loaded: a dozen streams of 1080p, or four hostile ones of 4K H.264."""

LONGEST_DECODE = 0.6
"""Seconds of CPU for one frame, after which the process ends itself; 2 MB of 4K take half of that."""

_POLITENESS = 1
_KILLED_FIRST = "500"  # of 1000; the engine has 0


def restrict() -> None:
    """Give up what decoding does not need. Call it once everything is imported."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)  # neither processes nor threads, except for root
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + HEADROOM)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_KILLED_FIRST)
    os.nice(_POLITENESS)  # sound goes before pictures


def _limit(which: int, value: int) -> None:
    try:
        _, hard = resource.getrlimit(which)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (most, most))
    except (OSError, ValueError) as error:
        log.info("limit %d stays: %s", which, error)


class CpuGuard:
    """Ends the process when its body uses more than `LONGEST_DECODE` seconds of CPU, also deep in native code.

    The kernel does it, by SIGPROF's default action; main thread only.
    """

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, LONGEST_DECODE)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
