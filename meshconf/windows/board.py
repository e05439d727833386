"""Which pictures are in which windows, in the layout that the person likes. Main thread of the window process only."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, get_args

from meshconf.pictures.bus import PictureReader
from meshconf.windows.attention import Look
from meshconf.windows.geometry import first_large_place, first_place, first_place_of_all, onto
from meshconf.windows.pane import Pane
from meshconf.windows.places import Places
from meshconf.windows.tile import Tile
from meshconf.windows.wire import Layout

if TYPE_CHECKING:
    from meshconf.windows.x11.display import XWindows

ACTUAL_HEIGHT = 2160
"""Pixels of height that are wanted of a picture that is seen pixel for pixel, whatever part of it is."""

_ALL = "all"
_LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_SCREEN_HINT = "F: actual size · L: layout · Q: close"


class Board:
    """All pictures and their windows.

    Args:
        places: What is remembered.
        system: The X server; None where there is none.
        opened: Called with the name of each window that is new on the display.
    """

    def __init__(self, places: Places, system: XWindows | None, opened: Callable[[str], None]) -> None:
        self.tiles: dict[str, Tile] = {}
        self.layout: Layout = places.layout
        self._places = places
        self._system = system
        self._opened = opened
        self._panes: dict[str, Pane] = {}
        """By the key of the only picture, or `_ALL`."""
        self._numbers = itertools.count(1)
        self._slots: dict[str, str] = {}
        """What the place of each picture's own window is remembered by, also while it is closed."""
        self._large: str | None = None

    def show(self, key: str, title: str, reader: PictureReader, *, screen: bool, now: float) -> None:
        """Show the pictures of `reader`, with the first of them in a new window or a new part of one."""
        if key not in self.tiles:
            self.tiles[key] = Tile(title, screen=screen)
            if screen:
                self.tiles[key].hint(_SCREEN_HINT, now)
        self.tiles[key].attach(reader)

    def drop(self, key: str) -> None:
        """Show a picture no more."""
        self.tiles.pop(key).close()
        if self._large == key:
            self._large = None
        self._close_empty()

    def arrange(self, layout: Layout) -> None:
        """Share windows in another way."""
        if layout != self.layout:
            self._note_places()
            self.layout = self._places.layout = layout
            self._places.save()

    def next_layout(self) -> None:
        """The same with whatever comes after the layout that there is."""
        self.arrange(_LAYOUTS[(_LAYOUTS.index(self.layout) + 1) % len(_LAYOUTS)])

    def enlarge(self, key: str) -> None:
        """Make a picture the large one, or let screens be large again."""
        self._large = None if self._large == key else key
        if self.layout == "grid" and self._large is not None:
            self.arrange("stage")

    def refresh(self, minimised: frozenset[str], now: float) -> bool:
        """Show the newest pictures in all windows but those that are minimised; whether there was a new one."""
        fresh = False
        for group in dict.fromkeys(self._group(key) for key in self.tiles):
            if group not in self._panes:
                if not any(tile.ready or tile.take(now) for tile in self._of(group).values()):
                    continue
                self._panes[group] = self._open(group)
            pane = self._panes[group]
            if pane.name not in minimised:
                staged = self.layout == "stage"
                fresh |= pane.refresh(self._of(group), staged=staged, large=self._large, now=now)
        self._close_empty()
        return fresh

    def closed(self) -> list[str]:
        """The pictures whose windows the person has closed."""
        groups = [group for group, pane in self._panes.items() if not pane.is_open]
        return [key for group in groups for key in self._of(group)]

    @property
    def has_windows(self) -> bool:
        """Whether there is a window on the display."""
        return any(pane.began for pane in self._panes.values())

    def pane(self, name: str) -> tuple[str, Pane] | None:
        """The window of that name, and what it is known by here."""
        return next(((group, pane) for group, pane in self._panes.items() if pane.name == name), None)

    def window_of(self, key: str) -> str | None:
        """The name of the window that a picture is in."""
        pane = self._panes.get(self._group(key))
        return None if pane is None else pane.name

    def keys_in(self, name: str) -> list[str]:
        """The pictures of that window."""
        found = self.pane(name)
        return [] if found is None else list(self._of(found[0]))

    def looks(self, minimised: frozenset[str]) -> Iterator[tuple[str, Look]]:
        """How much of each picture can be seen."""
        for key, tile in self.tiles.items():
            pane = self._panes.get(self._group(key))
            if pane is None or not pane.is_open:
                continue
            visible = pane.name not in minimised and tile.room is not None
            if tile.shown is not None:
                actual = tile.view.actual
                yield key, Look(ACTUAL_HEIGHT if actual else tile.shown.target.height, visible)
            elif tile.room is not None:
                yield key, Look(tile.room.height, visible)
            elif tile.ready:
                yield key, Look(1, False)

    def note_places(self) -> None:
        """Remember where windows are."""
        self._note_places()
        self._places.save()

    def close(self) -> None:
        """Remember where windows are, and close them all."""
        self.note_places()
        for key in list(self.tiles):
            self.drop(key)

    def _group(self, key: str) -> str:
        return key if self.layout == "windows" else _ALL

    def _of(self, group: str) -> dict[str, Tile]:
        return {key: tile for key, tile in self.tiles.items() if self._group(key) == group}

    def _close_empty(self) -> None:
        """Close windows that have no pictures any more, when others that took them are open."""
        groups = {self._group(key) for key in self.tiles}
        for group in [group for group in self._panes if group not in groups]:
            self._panes.pop(group).close()

    def _open(self, group: str) -> Pane:
        tiles = self._of(group)
        display = None if self._system is None else self._system.size
        tile = next(iter(tiles.values()))
        if group == _ALL:
            slot, place = _ALL, first_place_of_all(display)
        else:
            slot = self._slot(group, "screen" if tile.screen else "face")
            number = int(slot.split()[1])
            place = first_large_place(tile.size, display) if tile.screen else first_place(number, tile.size)
        place = self._places.find(slot) or place
        if display is not None:
            place = onto(place, display)
        return Pane(f"meshconf {next(self._numbers)}", slot, place, self._system, self._opened)

    def _slot(self, key: str, role: str) -> str:
        """The one that `key` had before, so that a window comes back where it was, or the first free one."""
        taken = {pane.slot for pane in self._panes.values()}
        if key not in self._slots or self._slots[key] in taken:
            self._slots[key] = next(slot for n in itertools.count() if (slot := f"{role} {n}") not in taken)
        return self._slots[key]

    def _note_places(self) -> None:
        for pane in self._panes.values():
            if (place := pane.place) is not None:
                self._places.note(pane.slot, place)
