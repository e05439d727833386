"""The owner's keyboard as the X server describes it: which key, with which modifiers, gives which keysym. Pure.

Core protocol, 12: columns of a keycode are group 1 level 1 and 2, group 2 level 1 and 2, then (by XKB) group 1 level 3
and 4, group 2 level 3 and 4. Keycodes without any keysym are free: characters that the layout lacks are put there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meshconf.devices.input.keysyms import character_of, of_character

_COLUMNS = {0: (0, 1, 4, 5), 1: (2, 3, 6, 7)}
"""Of levels 1 to 4, by group."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a keysym is."""

    keycode: int
    shift: bool | None = False
    """Whether Shift must be down; None: it does not matter."""
    level3: bool = False
    """Whether AltGr must be down."""


class Keymap:
    """One mapping of keycodes.

    Args:
        rows: keysyms of each keycode, 0 where there is none.
        first: the first keycode.
    """

    def __init__(self, rows: Sequence[Sequence[int]], first: int) -> None:
        self._first = first
        self._bound: dict[int, int] = {}
        """Free keycodes in use, by keysym; the one that was used longest ago comes first."""
        self.refresh(rows)

    def refresh(self, rows: Sequence[Sequence[int]]) -> None:
        """The mapping has changed: by ourselves, or because the owner has another layout now."""
        self._rows = [list(row) for row in rows]
        self._bound = {
            keysym: keycode for keysym, keycode in self._bound.items() if self._rows[keycode - self._first][0] == keysym
        }
        for keycode in self._bound.values():
            self._rows[keycode - self._first] = []
        self._free = [self._first + index for index, row in enumerate(self._rows) if not any(row)]
        self.width = max((len(row) for row in self._rows), default=0)
        """Columns that a keycode has."""

    @property
    def capacity(self) -> int:
        """How many keysyms can be put on free keycodes at once."""
        return len(self._free)

    @property
    def bound(self) -> list[int]:
        """The keycodes that we have given a keysym."""
        return list(self._bound.values())

    def find(self, keysym: int, group: int, *, caps: bool = False) -> Place | None:
        """Where a keysym is in a group, unmodified if it can be; None where the layout lacks it.

        Args:
            keysym: as wanted.
            group: 0 to 3, as the keyboard's state says.
            caps: whether Caps Lock is on: Shift then does the opposite for letters.
        """
        if keysym in self._bound:
            self._bound[keysym] = self._bound.pop(keysym)
            return Place(self._bound[keysym], shift=None)
        for level in range(4):
            for index, row in enumerate(self._rows):
                if _same(_at(row, group, level), keysym):
                    return self._place(index, row, group, level, caps=caps)
        return None

    def keysym(self, keycode: int) -> int:
        """What a key gives without modifiers in the first group; 0 for nothing."""
        index = keycode - self._first
        return self._rows[index][0] if 0 <= index < len(self._rows) and self._rows[index] else 0

    def bind(self, keysym: int) -> int | None:
        """Choose a free keycode for a keysym: an unused one, else that which was used longest ago.

        Returns:
            The keycode, which is for the caller to map; None where there is none.
        """
        used = set(self._bound.values())
        unused = next((keycode for keycode in self._free if keycode not in used), None)
        if unused is None:
            if not self._bound:
                return None
            unused = self._bound.pop(next(iter(self._bound)))
        self._bound[keysym] = unused
        return unused

    def _place(self, index: int, row: Sequence[int], group: int, level: int, *, caps: bool) -> Place:
        lower, upper = (_at(row, group, at) for at in (level & 2, level | 1))
        keycode = self._first + index
        if lower == upper:
            return Place(keycode, shift=None, level3=level >= 2)
        shift = bool(level & 1)
        letter = character_of(lower)
        if caps and letter and letter.upper() != letter and letter.upper() == character_of(upper):
            shift = not shift
        return Place(keycode, shift=shift, level3=level >= 2)


def _at(row: Sequence[int], group: int, level: int) -> int:
    columns = _COLUMNS.get(group, _COLUMNS[0])
    # A key with one group only has the same in all of them.
    if not any(row[column] for column in columns if column < len(row)):
        columns = _COLUMNS[0]
    column = columns[level]
    keysym = row[column] if column < len(row) else 0
    if not keysym and level & 1:
        # Core protocol, 5: a letter alone stands for itself and its capital, anything else for both levels.
        lower = row[columns[level - 1]] if columns[level - 1] < len(row) else 0
        capital = character_of(lower).upper()
        return (of_character(capital) or lower) if len(capital) == 1 else lower
    return keysym


def _same(keysym: int, wanted: int) -> bool:
    """Whether both are the same key or character, which may have an older name."""
    if keysym == wanted:
        return keysym != 0
    character = character_of(keysym)
    return bool(character) and character == character_of(wanted)
