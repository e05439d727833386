"""What scenarios stand on: engines and a rendezvous as real processes, ended with the test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.lab.namespace import why_not
from tests.lab.need import need
from tests.lab.network import Host, Lab
from tests.support.engine import ROOT, Engine


class Start(Protocol):
    """Starts engines; see `Engine`."""

    def __call__(self, name: str, *arguments: str, where: Host | None = None, home: Path | None = None) -> Engine: ...


class Rendezvous:
    """A `python -m rendezvous` process on this machine."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rendezvous", "--host", "127.0.0.1", "--port", "0"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]

    @property
    def options(self) -> tuple[str, ...]:
        """Options of engines that shall use this rendezvous and nothing else."""
        return ("--no-lan", "--rendezvous", self.url)

    def kill(self) -> None:
        """End it as a crash would; may be called twice."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts engines, each with a home of its own unless it is given one; all have ended when the test has."""
    with ExitStack() as stack:

        def start(name: str, *arguments: str, where: Host | None = None, home: Path | None = None) -> Engine:
            # Short, since the path of the engine's socket has to be.
            home = home or tmp_path_factory.mktemp(name)
            return stack.enter_context(Engine(name, *arguments, home=home, where=where))

        yield start


@pytest.fixture
def rendezvous() -> Iterator[Rendezvous]:
    """A rendezvous on this machine."""
    server = Rendezvous()
    yield server
    server.kill()


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Networks of our own; skips where they cannot be built, fails there in CI."""
    need(why_not())
    with Lab() as lab:
        yield lab
