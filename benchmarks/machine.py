"""Which machine this is, what is installed on it, and how busy it is with other things."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import psutil

from tests.support.engine import ROOT

_PACKAGES = ("meshconf", "aiortc", "aioice", "av", "numpy", "psutil")


def describe() -> dict[str, Any]:
    """Facts to stand beside every figure."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _output("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "codecs": {name: ".".join(map(str, version)) for name, version in av.library_versions.items()},
        "chromium": _output("chromium", "--version"),
        "load": os.getloadavg(),
    }


def busy_s() -> float:
    """CPU seconds that all programs of the machine have used since it started."""
    times = psutil.cpu_times()
    # User time of guests of this machine is within user already.
    return float(times.user + times.nice + times.system)


def ours_s() -> float:
    """CPU seconds of every process that we can see: in a process namespace of our own, just those of the benchmark."""
    total = 0.0
    for process in psutil.process_iter():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _output(*command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
