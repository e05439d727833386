"""The process that injects, as the engine sees it: what it does not read does not pile up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from meshconf.devices.input.process import InputProcess
from meshconf.protocol.control.input import Text


class StuckPipe:
    """A pipe that nobody reads."""

    def __init__(self) -> None:
        self.waiting = 0
        self.transport = self

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.waiting += len(data)


def test_one_that_hangs_is_told_little_more() -> None:
    pipe = StuckPipe()
    process = InputProcess(cast(Any, SimpleNamespace(stdin=pipe, stdout=pipe)))
    done = [process.do([Text("x" * 1000)]) for _ in range(1000)]
    copied = [process.copy("x" * 3000) for _ in range(1000)]
    assert done[0] and not done[-1] and not any(copied)
    assert pipe.waiting < 200_000
