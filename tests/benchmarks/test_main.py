"""The command: what is printed and kept, also when a table fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks.bench import Bench
from benchmarks.report import Table
from tests.benchmarks.bench import bench


def fails(bench: Bench) -> list[Table]:
    raise ValueError("a bug")


def test_a_table_that_fails_leaves_the_others_printed_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def built(arguments: Any) -> Iterator[Bench]:
        yield bench(tmp_path, runs=1)

    good = SimpleNamespace(measure=lambda bench: [Table("Good", ["", "1"], [["us", "2"]]), Table("Empty", [""], [])])
    monkeypatch.setattr(command, "TABLES", {"bad": SimpleNamespace(measure=fails), "good": good})
    monkeypatch.setattr(command, "_bench", built)
    monkeypatch.setenv("MESHCONF_BENCHMARK_INSIDE", "1")
    document = tmp_path / "document.md"
    document.write_text("<!-- bad -->\nof before\n<!-- /bad -->\n")
    assert command.main(["--results", str(tmp_path), "--into", str(document)]) == 1
    printed = capsys.readouterr()
    assert "| us | 2 |" in printed.out and "Empty" not in printed.out
    assert "failed: bad: a bug" in printed.err and "in fails" in printed.err
    kept = json.loads((tmp_path / "good.json").read_text())
    assert kept["tables"]["good"][0]["rows"] == [["us", "2"]] and kept["failures"] == ["bad: a bug"]
    assert "of before" in (text := document.read_text()) and "| us | 2 |" in text
