"""The devices of this machine as the engine lists them, and what choosing one says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from meshconf.tui import fields
from meshconf.tui.fields import Event
from meshconf.tui.plain import clean

_LIMIT = 16
"""Devices of one kind; a list of more is nothing to choose from by keys."""
_NAME_LIMIT = 256
"""Characters of a name that the engine takes."""


@dataclass(frozen=True)
class Device:
    """One of them."""

    name: str
    """As the engine says it: it is chosen by that."""
    default: bool = False
    """Whether `default` means it."""

    @property
    def called(self) -> str:
        """The name as a terminal may show it."""
        return clean(self.name, 60) or "Unnamed"


@dataclass(frozen=True)
class Devices:
    """All of them."""

    microphones: Sequence[Device] = ()
    speakers: Sequence[Device] = ()
    cameras: Sequence[Device] = ()
    microphone: str = ""
    """The one in use; empty for none, and for tests and files."""
    speaker: str = ""


def devices_of(event: Event) -> Devices:
    """Take in `devices`."""
    return Devices(
        _listed(event, "microphones"),
        _listed(event, "speakers"),
        _listed(event, "cameras"),
        _name(event.get("mic")),
        _name(event.get("speaker")),
    )


def _listed(event: Event, key: str) -> tuple[Device, ...]:
    listed = fields.objects(event, key)[:_LIMIT]
    return tuple(Device(name, one.get("default") is True) for one in listed if (name := _name(one.get("name"))))


def _name(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _NAME_LIMIT else ""
