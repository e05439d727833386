"""What a key means: keysyms of X to the names and characters of W3C `KeyboardEvent.key`. Pure.

Characters come from a library, see `xkbcommon`; here are the keys that have names (keysymdef.h, XF86keysym.h).
"""

from __future__ import annotations

_NAMED = {
    0xFF08: "Backspace", 0xFF09: "Tab", 0xFE20: "Tab", 0xFF0A: "Enter", 0xFF0B: "Clear", 0xFF0D: "Enter",
    0xFF13: "Pause", 0xFF15: "PrintScreen", 0xFF1B: "Escape", 0xFF50: "Home", 0xFF51: "ArrowLeft",
    0xFF52: "ArrowUp", 0xFF53: "ArrowRight", 0xFF54: "ArrowDown", 0xFF55: "PageUp", 0xFF56: "PageDown", 0xFF57: "End",
    0xFF60: "Select", 0xFF61: "PrintScreen", 0xFF62: "Execute", 0xFF63: "Insert", 0xFF65: "Undo", 0xFF66: "Redo",
    0xFF67: "ContextMenu", 0xFF68: "Find", 0xFF69: "Cancel", 0xFF6A: "Help", 0xFF6B: "Pause", 0xFFFF: "Delete",
    0xFF8D: "Enter", 0xFF89: "Tab", 0xFF95: "Home", 0xFF96: "ArrowLeft", 0xFF97: "ArrowUp", 0xFF98: "ArrowRight",
    0xFF99: "ArrowDown", 0xFF9A: "PageUp", 0xFF9B: "PageDown", 0xFF9C: "End", 0xFF9D: "Clear", 0xFF9E: "Insert",
    0xFF9F: "Delete", 0xFFE1: "Shift", 0xFFE2: "Shift", 0xFFE3: "Control", 0xFFE4: "Control", 0xFFE7: "Alt",
    0xFFE8: "Alt", 0xFFE9: "Alt", 0xFFEA: "Alt", 0xFFEB: "Meta", 0xFFEC: "Meta", 0xFFED: "Meta", 0xFFEE: "Meta",
    0x1008FF02: "BrightnessUp", 0x1008FF03: "BrightnessDown", 0x1008FF11: "AudioVolumeDown",
    0x1008FF12: "AudioVolumeMute", 0x1008FF13: "AudioVolumeUp", 0x1008FF14: "MediaPlayPause",
    0x1008FF15: "MediaStop", 0x1008FF16: "MediaTrackPrevious", 0x1008FF17: "MediaTrackNext",
    0x1008FF26: "BrowserBack", 0x1008FF27: "BrowserForward", 0x1008FF57: "Copy", 0x1008FF58: "Cut",
    0x1008FF6D: "Paste",
}  # fmt: skip
"""Meta_L and Meta_R (0xffe7 and 0xffe8) are what Alt gives together with Shift; W3C's Meta is Super."""

_F1, _F24 = 0xFFBE, 0xFFD5

_CHOOSERS = frozenset((0xFF7E, 0xFF7F, 0xFF14, 0xFFE5, 0xFFE6, *range(0xFE01, 0xFE14)))
"""Mode_switch, the locks, and the choosers of level and group."""


def name_of(keysym: int) -> str | None:
    """The W3C `key` of a key that has a name; None for the others."""
    if _F1 <= keysym <= _F24:
        return f"F{keysym - _F1 + 1}"
    return _NAMED.get(keysym)


def only_chooses(keysym: int) -> bool:
    """Whether a key only chooses among the characters of the person's own keyboard: AltGr, locks, groups.

    What was chosen is said by the character; the other's keyboard must not be changed by it.
    """
    return keysym in _CHOOSERS
