"""Where windows were and how large, and how they were shared, from one meeting to the next: a small file.

Windows are remembered by what they show and in which order they came, not by whom: the file tells nobody whom we met.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import Annotated

import msgspec

from meshconf.windows.geometry import Rect
from meshconf.windows.wire import Layout

log = logging.getLogger("meshconf.windows")

FILE = "windows.json"

_LARGEST_FILE = 16 * 1024
_MOST = 64

_Coordinate = Annotated[int, msgspec.Meta(ge=-32_768, le=32_767)]
_Length = Annotated[int, msgspec.Meta(ge=48, le=32_767)]
_Slot = Annotated[str, msgspec.Meta(max_length=16, pattern=r"^[a-z]+ ?[0-9]*$")]


class _Place(msgspec.Struct, frozen=True):
    x: _Coordinate
    y: _Coordinate
    width: _Length
    height: _Length


class _Memory(msgspec.Struct):
    layout: Layout = "windows"
    places: Annotated[dict[_Slot, _Place], msgspec.Meta(max_length=_MOST)] = msgspec.field(default_factory=dict)


class Places:
    """What is remembered; a file that is missing, damaged or somebody's joke is as good as none.

    Args:
        file: Where; nowhere if None.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._memory = _read(file)
        self._written = msgspec.json.encode(self._memory)

    @property
    def layout(self) -> Layout:
        """How windows were shared last."""
        return self._memory.layout

    @layout.setter
    def layout(self, layout: Layout) -> None:
        self._memory.layout = layout

    def find(self, slot: str) -> Rect | None:
        """Where the window of that slot was."""
        place = self._memory.places.get(slot)
        return None if place is None else Rect(place.x, place.y, place.width, place.height)

    def note(self, slot: str, rect: Rect) -> None:
        """A window is there now; one that no schema allows is left out."""
        if len(self._memory.places) >= _MOST and slot not in self._memory.places:
            return
        try:
            place = msgspec.convert({"x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height}, _Place)
        except msgspec.ValidationError:
            return
        self._memory.places[slot] = place

    def save(self) -> None:
        """Write what has changed; a disk that is full costs a line in the log."""
        text = msgspec.json.encode(self._memory)
        if self._file is None or text == self._written:
            return
        self._written = text
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.write_bytes(text)
            beside.replace(self._file)
        except OSError as error:
            log.warning("the places of windows are not remembered: %s", error)
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _read(file: Path | None) -> _Memory:
    if file is None:
        return _Memory()
    try:
        with file.open("rb") as opened:
            text = opened.read(_LARGEST_FILE + 1)
        if len(text) > _LARGEST_FILE:
            raise ValueError("it is too long")
        return msgspec.json.decode(text, type=_Memory)
    except FileNotFoundError:
        return _Memory()
    except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
        log.warning("the places of windows are not known: %s", error)
        return _Memory()
