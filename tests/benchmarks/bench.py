"""A bench that has neither hosts nor contenders, for tests of what is done with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from benchmarks.bench import Bench, Hosts
from benchmarks.contenders.floor import Floor


def bench(results: Path, **options: Any) -> Bench:
    """One that keeps its samples in that folder."""
    return Bench(cast(Hosts, None), [], cast(Floor, None), "", results, **options)
