"""Max-min fair shares: nobody gets more while somebody who wants more has less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def fill(wanted: Mapping[Key, float], total: float) -> dict[Key, float]:
    """Share `total` among those who want some of it, as water fills vessels of different height."""
    shares: dict[Key, float] = {}
    left = len(wanted)
    for key, wish in sorted(wanted.items(), key=lambda item: item[1]):
        shares[key] = min(wish, total / left)
        total -= shares[key]
        left -= 1
    return shares
