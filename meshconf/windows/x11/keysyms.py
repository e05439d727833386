"""Keysyms of X that are for the person's own keyboard only. Pure.

Characters come from a library, see `xkbcommon`; keys that have names are in `protocol.control.keysyms`.
"""

from __future__ import annotations

_CHOOSERS = frozenset((0xFF7E, 0xFF7F, 0xFF14, 0xFFE5, 0xFFE6, *range(0xFE01, 0xFE14)))
"""Mode_switch, the locks, and the choosers of level and group."""


def only_chooses(keysym: int) -> bool:
    """Whether a key only chooses among the characters of the person's own keyboard: AltGr, locks, groups.

    What was chosen is said by the character; the other's keyboard must not be changed by it.
    """
    return keysym in _CHOOSERS
