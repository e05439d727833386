"""The order of measurements: interleaved, and what fails is noted and left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.bench import Bench, Hosts
from benchmarks.contenders.base import CannotMeet
from benchmarks.reading import Second
from benchmarks.tables.cut import back_after
from benchmarks.tables.inside import hottest


@dataclass(frozen=True)
class Sample:
    figure: int


def bench(runs: int) -> Bench:
    return Bench(cast(Hosts, None), [], Path(), runs=runs)


def test_all_entrants_take_turns_within_each_cell_and_run() -> None:
    order: list[tuple[str, int]] = []

    def entrant(name: str, cell: int) -> Sample:
        order.append((name, cell))
        return Sample(cell)

    samples = bench(2).sweep([1, 2], {name: lambda cell, name=name: entrant(name, cell) for name in "abc"})  # type: ignore[misc]
    assert "".join(f"{name}{cell}" for name, cell in order) == "a1b1c1a2b2c2" + "b1c1a1b2c2a2"
    assert samples.of("b", 2) == [Sample(2), Sample(2)]


def test_a_failure_is_noted_and_leaves_the_others_alone() -> None:
    def fails(cell: int) -> Sample:
        raise CannotMeet("no picture")

    table = bench(2)
    samples = table.sweep([1], {"bad": fails, "good": Sample, "not for it": lambda _: None})
    assert samples.of("bad", 1) == samples.of("not for it", 1) == []
    assert samples.of("good", 1) == [Sample(1), Sample(1)]
    assert table.failures == ["run 1, 1, bad: no picture", "run 2, 1, bad: no picture"]
    assert {"who": "good", "cell": "1", "samples": [{"figure": 1}, {"figure": 1}]} in samples.as_json()


def test_a_rate_is_back_when_it_stays() -> None:
    rates = [300, 950, 500, 900, 1000, 1000]
    rest = [Second(at=41.0 + n, down_bps=rate) for n, rate in enumerate(rates)]
    assert back_after(rest, 900, ended=40.0) == 3.0
    assert back_after(rest, 2000, ended=40.0) is None


def test_the_hottest_functions_are_found_in_collapsed_stacks() -> None:
    stacks = ["main (m.py:3);send (s.py:9) 3", "main (m.py:3);send (s.py:12);seal (x.py:1) 6", "main (m.py:4) 1"]
    found = hottest(stacks)
    assert [(name, round(own, 2), round(whole, 2)) for name, own, whole in found] == [
        ("seal (x.py)", 0.6, 0.6), ("send (s.py)", 0.3, 0.9), ("main (m.py)", 0.1, 1.0),
    ]  # fmt: skip
