"""The tables of the benchmark: each file measures one in `measure(bench) -> list[Table]`; its first line says what.

`pictures` has sizes and bitrates that several of them share.
"""

from __future__ import annotations

from types import ModuleType

from benchmarks.tables import (
    audio,
    control,
    cut,
    echo,
    inside,
    keys,
    latency,
    loss,
    mesh,
    safety,
    screen,
    sender,
    sharing,
    slow_viewer,
    viewer,
    voice,
)

_MODULES = (
    sender,
    viewer,
    mesh,
    latency,
    loss,
    cut,
    sharing,
    slow_viewer,
    inside,
    echo,
    screen,
    control,
    keys,
    safety,
    voice,
    audio,
)

TABLES: dict[str, ModuleType] = {module.__name__.rpartition(".")[2]: module for module in _MODULES}
"""By name, in the order in which they are measured."""
