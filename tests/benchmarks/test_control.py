"""How key presses at a controlled screen are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from benchmarks.bench import Bench
from benchmarks.program import ProgramFailed
from benchmarks.tables import control
from tests.benchmarks.bench import bench


class Desk:
    """Keys arrive after 10 ms; the colour is seen after 50 ms, and at every third not at all."""

    def __init__(self) -> None:
        self.flipper = self
        self.presses = 0

    @contextmanager
    def pressing(self) -> Iterator[float]:
        self.presses += 1
        yield 100.0 * self.presses

    def sees(self, presses: int, seconds: float) -> float | None:
        assert presses == self.presses
        return None if presses % 3 == 0 else 100.0 * presses + 0.05

    def wait_for(self, wanted: Any, seconds: float) -> dict[str, Any]:
        for presses in range(1, self.presses + 1):
            if wanted({"event": "key", "presses": presses}):
                return {"at": 100.0 * presses + 0.01}
        raise ProgramFailed("no such key")


def test_presses_that_are_not_seen_are_lost_and_the_others_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def seated(bench: Bench) -> Iterator[Any]:
        yield cast(Any, Desk())

    monkeypatch.setattr(control, "desk", seated)
    monkeypatch.setattr(control.time, "sleep", lambda seconds: None)  # type: ignore[attr-defined]
    felt, cost = control.measure(bench(tmp_path, runs=1, quick=True, chosen=["key presses"]))
    assert [row[1:] for row in felt.rows] == [["10 ms", "10 ms", "10", "3"], ["50 ms", "50 ms", "7", "3"]]
    assert cost.rows == []
