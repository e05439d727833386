"""A choice of devices: off, the default one, a test signal, and whatever this machine has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.content import Content
from textual.widgets import Select

from meshconf.tui.plain import clean

_LIMIT = 64
_TESTS = {"camera": "Test picture", "mic": "Test tone"}


class DeviceSelect(Select[str]):
    """Camera, microphone or speaker.

    Args:
        kind: `camera`, `mic` or `speaker`.
        chosen: What the command line says; it stays on offer even where nothing of that name is found.
    """

    def __init__(self, kind: str, chosen: str) -> None:
        self._kind = kind
        super().__init__(self._offer((), chosen), value=chosen, allow_blank=False, compact=True, id=kind)

    @property
    def chosen(self) -> str:
        """As on the command line."""
        return str(self.value)

    def take(self, listed: Any) -> None:
        """Offer what was found, without changing the choice."""
        chosen = self.chosen
        self.set_options(self._offer(_names(listed), chosen))
        self.value = chosen

    def _offer(self, names: Iterable[str], chosen: str) -> list[tuple[Content, str]]:
        offered = {"none": "Off", "default": "Default"}
        if self._kind in _TESTS:
            offered["test"] = _TESTS[self._kind]
        for name in names:
            offered.setdefault(name, clean(name, 60) or "Unnamed")
        offered.setdefault(chosen, clean(chosen, 60))
        return [(Content(label), value) for value, label in offered.items()]


def _names(listed: Any) -> list[str]:
    if not isinstance(listed, list | tuple):
        return []
    names = (one.get("name") if isinstance(one, dict) else one for one in listed[:_LIMIT])
    return [name for name in names if isinstance(name, str) and name]
