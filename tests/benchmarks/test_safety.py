"""How endings and mischief are counted and told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import Bench
from benchmarks.program import ProgramFailed
from benchmarks.tables import safety
from tests.benchmarks.bench import bench

HELD = ["Shift_L", "button 1"]
PEER = "mallory"


class Owner:
    """An engine that says these things, each with the Unix time of it."""

    def __init__(self, *said: tuple[float, dict[str, Any]]) -> None:
        self._said = said

    def mark(self) -> int:
        return 0

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        return [line for _, line in self._said[since:]]

    def said(self, kind: str, since: float = 0.0) -> list[tuple[float, dict[str, Any]]]:
        return [(at, line) for at, line in self._said if at >= since and line["event"] == kind]

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], *_: float, since: int = 0) -> dict[str, Any]:
        for line in self.lines(since):
            if wanted(line):
                return line
        raise ProgramFailed("it ended")


class Held:
    """Comes up 20 ms after the end, or, where `stays` says so, in part never."""

    def __init__(self, owner: Owner, stays: list[str]) -> None:
        self.owner, self.once_open, self._stays = owner, ExitStack(), stays
        self._down = HELD

    def held(self) -> list[str]:
        return self._down

    def opened(self, seconds: float) -> float | None:
        self._down = self._stays
        return None if self._stays else 100.02


def test_what_stays_down_is_named_at_its_worst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panic = Owner(
        (1.0, {"event": "control_paused", "paused": True}),
        (2.0, {"event": "control", "state": "ended", "reason": "panic"}),
        (3.0, {"event": "control_paused", "paused": False}),
    )
    runs = iter([Held(panic, []), Held(panic, ["button 1"]), Held(Owner(), [])])

    @contextmanager
    def grip(bench: Bench, *, minutes: int) -> Iterator[Held]:
        yield next(runs)

    monkeypatch.setattr(safety, "grip", grip)
    monkeypatch.setattr(safety, "ENDINGS", {"ends": lambda held: 100.0})
    monkeypatch.setattr(safety, "ATTACKS", {})
    monkeypatch.setattr(safety, "_AGAIN_S", 0.0)
    endings, attacks = safety.measure(bench(tmp_path, runs=3))
    assert endings.rows == [
        ["ends", "2: Shift_L, button 1", "1: button 1", "never in 1 of 3", "paused, ended: panic or –"]
    ]
    assert attacks.rows == []


def test_what_reached_the_display_is_told_with_how_the_owner_took_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    floods = Owner(
        (began - 1, {"event": "control", "state": "ended", "reason": "revoked"}),
        (began - 1, {"event": "stats", "loop_lag_ms": 900.0}),
        (began, {"event": "joined", "self": PEER}),
        (began + 0.1, {"event": "control", "state": "ended", "reason": "flood"}),
        (began + 0.3, {"event": "peer", "peer": "bob", "state": "reconnecting"}),
        (began + 0.5, {"event": "peer", "peer": PEER, "state": "reconnecting"}),
        (began + 0.6, {"event": "stats", "loop_lag_ms": 30.0}),
        (began + 0.7, {"event": "chat", "text": safety._DONE}),
    )
    floods.send = lambda command: None  # type: ignore[attr-defined]

    class Scene:
        owner = rogue = floods
        hands = type("Hands", (), {"held": lambda _: [50], "named": lambda _, held: ["Shift_L"]})()
        reached = 3

        def __init__(self) -> None:
            self.began = began

        def acts(self) -> int:
            return 10

    @contextmanager
    def scene(bench: Bench) -> Iterator[Scene]:
        yield Scene()

    monkeypatch.setattr(safety, "scene", scene)
    monkeypatch.setattr(safety, "ENDINGS", {})
    monkeypatch.setattr(safety, "ATTACKS", {"floods": lambda there: 30_000})
    _, attacks = safety.measure(bench(tmp_path, runs=1))
    did = "ends the grant (flood) after 100 ms, ends the link after 500 ms"
    assert attacks.rows == [["floods", "30000", "7", "1: Shift_L", did, "30 ms"]]
