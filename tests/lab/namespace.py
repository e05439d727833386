"""Nameless network namespaces, each alive for as long as the process that asked for it.

A namespace is held by `cat`, waiting on a pipe: if the test run ends in any way, also by SIGKILL, the pipe closes,
`cat` leaves and the kernel removes the namespace with every interface in it. Nothing is written under /run/netns.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_CLONE_NEWNET = 0x40000000
_TOOLS = ("ip", "nft", "nsenter", "unshare", "setpriv")


def why_not() -> str | None:
    """Why no lab can be built on this machine, or None if one can."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"missing: {', '.join(missing)} (Debian: iproute2 nftables util-linux)"
    if os.geteuid() != 0:
        return "needs root, or `python -m tests.lab` which runs the lab's tests in a user namespace"
    try:
        Namespace().close()
    except OSError as error:
        return f"no network namespace can be made here: {error}"
    return None


class Namespace:
    """A network namespace with its loopback up and nothing else in it."""

    def __init__(self) -> None:
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._holder.stdout is not None and self._holder.stderr is not None
        if self._holder.stdout.readline() != b"ready\n":
            reason = self._holder.stderr.read().decode(errors="replace").strip()
            self.close()
            raise OSError(reason or "unshare failed")
        self._processes: list[subprocess.Popen[Any]] = []

    @property
    def pid(self) -> int:
        """Process that holds the namespace; `ip link ... netns PID` moves an interface into it."""
        return self._holder.pid

    def run(self, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
        """As `subprocess.run`, inside; output is captured as text and a failure raises unless told otherwise."""
        return subprocess.run(
            self._inside(command), **{"check": True, "capture_output": True, "text": True, "timeout": 30, **options}
        )

    def popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        """As `subprocess.Popen`, inside; the process is ended with the namespace.

        It also dies with the thread that starts it, so start it from one that stays.
        """
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *self._inside(command)], **{"start_new_session": True, **options}
        )
        self._processes.append(process)
        return process

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Move the calling thread inside for a while: sockets opened in the block live in the namespace for good."""
        with Path("/proc/thread-self/ns/net").open("rb") as home, Path(f"/proc/{self.pid}/ns/net").open("rb") as away:
            _setns(away.fileno())
            try:
                yield
            finally:
                _setns(home.fileno())

    def sysctl(self, values: Mapping[str, object]) -> None:
        """Set kernel parameters of this namespace, such as `net.ipv4.ip_forward`."""
        with self.entered():
            for name, value in values.items():
                # /proc/sys/net shows the namespace of the thread that opens the file.
                Path("/proc/sys", *name.split(".")).write_text(str(value))

    def _inside(self, command: Sequence[str]) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--", *command]

    def close(self) -> None:
        """End what runs inside and let go of the namespace; may be called twice."""
        for process in getattr(self, "_processes", []):
            _end(process)
        _end(self._holder)


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        for number, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
                break
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()


def _setns(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
