"""The order of measurements: interleaved, and what fails is noted and left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.bench import Bench
from benchmarks.contenders.base import CannotMeet
from benchmarks.reading import Second
from benchmarks.tables import TABLES, mesh
from benchmarks.tables.cut import back_after
from benchmarks.tables.inside import hottest
from tests.benchmarks.bench import bench


@dataclass(frozen=True)
class Sample:
    figure: int


def test_all_entrants_take_turns_within_each_cell_and_run(tmp_path: Path) -> None:
    order: list[tuple[str, int]] = []

    def entrant(name: str, cell: int) -> Sample:
        order.append((name, cell))
        return Sample(cell)

    entrants = {name: partial(entrant, name) for name in "abc"}
    samples = bench(tmp_path, runs=2).sweep([1, 2], entrants)
    assert "".join(f"{name}{cell}" for name, cell in order) == "a1b1c1a2b2c2" + "b1c1a1b2c2a2"
    assert samples.of("b", 2) == [Sample(2), Sample(2)]


def test_a_failure_is_noted_and_leaves_the_others_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(cell: int) -> Sample:
        raise CannotMeet("no picture")

    def is_wrong(cell: int) -> Sample:
        raise KeyError(cell)

    table = bench(tmp_path, runs=2)
    samples = table.sweep([1], {"bad": fails, "wrong": is_wrong, "good": Sample, "not for it": lambda _: None})
    assert samples.of("bad", 1) == samples.of("not for it", 1) == []
    assert samples.of("good", 1) == [Sample(1), Sample(1)]
    why = {"bad": "no picture", "wrong": "1"}
    assert sorted(table.failures) == sorted(f"run {n}, 1, {who}: {why[who]}" for n in (1, 2) for who in why)
    assert "good: figure 1 (0 s)" in (told := capsys.readouterr().err) and "is_wrong" in told
    assert {"who": "good", "cell": "1", "samples": [{"figure": 1}, {"figure": 1}]} in samples.as_json()


def test_every_sample_is_on_disk_as_soon_as_it_is_taken(tmp_path: Path) -> None:
    def fails_later(cell: int) -> Sample:
        kept = [json.loads(line) for line in (tmp_path / "samples.jsonl").read_text().splitlines()]
        assert [line["sample"] for line in kept] == [{"figure": 1}]
        return Sample(2)

    table = bench(tmp_path, runs=1)
    assert table.sweep([1], {"first": Sample, "second": fails_later}).of("second", 1) == [Sample(2)]


def test_cells_and_times_are_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["1% random, 50 ms", "1% random, 150 ms", "20% random, 150 ms"]
    chosen = bench(tmp_path, chosen=["1%*", "*, 150 ms"], longest=5.0)
    assert chosen.cells(names, names[:1]) == names
    assert bench(tmp_path, chosen=["1%*50 ms"]).cells(names) == names[:2]
    assert bench(tmp_path, chosen=["2%*"]).cells(names) == []
    assert "20% random, 150 ms" in capsys.readouterr().err
    assert bench(tmp_path, quick=True).cells(names, names[:1]) == names[:1]
    assert (chosen.seconds(8), chosen.seconds(4)) == (5, 4)
    assert bench(tmp_path, quick=True, longest=2.0).seconds(8) == 2


def test_a_mesh_grows_until_it_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = {"ours": 5, "theirs": 2}

    def met(bench: Bench, contender: Any, cell: mesh.Cell) -> mesh.Sample:
        holds = cell.peers <= most[contender.name]
        return mesh.Sample(1.0 if holds else 0.5, None, None, 0.1, 0.0, 0.0)

    monkeypatch.setattr(mesh, "_mesh", met)
    table = bench(tmp_path, runs=2, chosen=["320x180@15 VP8, [3-9] peers"])
    table.contenders = cast(Any, [SimpleNamespace(name=name) for name in most])
    largest, steps = mesh.measure(table)
    assert largest.rows == [["ours", "5"], ["theirs", "–"]]
    tried = [f"{who} {peers}" for _, who, peers, *_ in steps.rows]
    assert tried == ["ours 3", "ours 4", "ours 5", "ours 6", "theirs 3"]


def test_tables_are_known_by_their_files() -> None:
    files = {file.stem for file in Path(mesh.__file__).parent.glob("*.py")} - {"__init__", "pictures"}
    assert set(TABLES) == files
    assert all(callable(table.measure) and table.__doc__ for table in TABLES.values())


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
