"""A rendezvous server of ours, on one of the lab's hosts or here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.network import Host
from tests.support.engine import ROOT


@contextmanager
def rendezvous(host: Host | None = None) -> Iterator[str]:
    """Run one until the block is left; its address.

    Args:
        host: where; None for this machine, where only its own programs reach it.
    """
    address = "127.0.0.1" if host is None else host.address
    popen = subprocess.Popen if host is None else host.popen
    command = [sys.executable, "-m", "rendezvous", "--host", address, "--port", "0"]
    with popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]  # it says where it listens
        finally:
            process.terminate()
