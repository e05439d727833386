"""Reads single fields of an event without trusting their types. Pure.

The engine is ours, but what it repeats comes from others and from other versions: a field that is missing or of the
wrong type reads as a harmless value, never as an exception.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from meshconf.tui.plain import clean

Event = Mapping[str, Any]

NAME_LIMIT = 40
ID_LIMIT = 64
_LIST_LIMIT = 256


def text(event: Event, key: str, limit: int = 200, *, lines: bool = False) -> str:
    """The cleaned string under `key`, or an empty one."""
    value = event.get(key)
    return clean(value, limit, lines=lines) if isinstance(value, str) else ""


def peer(event: Event, key: str = "peer") -> str:
    """An identifier, or an empty string."""
    value = event.get(key)
    return value if isinstance(value, str) and len(value) <= ID_LIMIT else ""


def peers(event: Event, key: str) -> tuple[str, ...]:
    """The identifiers in the list under `key`."""
    value = event.get(key)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(item for item in value[:_LIST_LIMIT] if isinstance(item, str) and 0 < len(item) <= ID_LIMIT)


def number(event: Event, key: str) -> float | None:
    """A finite number, or None."""
    value = event.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        finite = float(value)
    except OverflowError:
        return None
    return finite if math.isfinite(finite) else None


def objects(event: Event, key: str) -> list[Event]:
    """The objects in the list under `key`."""
    value = event.get(key)
    if not isinstance(value, list | tuple):
        return []
    return [item for item in value[:_LIST_LIMIT] if isinstance(item, Mapping)]


def mapping(event: Event, key: str) -> Event:
    """The object under `key`, or an empty one."""
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}
