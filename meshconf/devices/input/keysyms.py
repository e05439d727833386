"""W3C keys and characters as X keysyms (X11 protocol, appendix A). Pure."""

from __future__ import annotations

import unicodedata

_NAMED = {
    "Enter": 0xFF0D,
    "Tab": 0xFF09,
    "Backspace": 0xFF08,
    "Delete": 0xFFFF,
    "Escape": 0xFF1B,
    "Insert": 0xFF63,
    "Home": 0xFF50,
    "End": 0xFF57,
    "PageUp": 0xFF55,
    "PageDown": 0xFF56,
    "ArrowLeft": 0xFF51,
    "ArrowUp": 0xFF52,
    "ArrowRight": 0xFF53,
    "ArrowDown": 0xFF54,
    "Shift": 0xFFE1,
    "Control": 0xFFE3,
    "Alt": 0xFFE9,
    "Meta": 0xFFEB,
    "Super": 0xFFEB,
    "OS": 0xFFEB,
    "Hyper": 0xFFED,
    "ContextMenu": 0xFF67,
    "PrintScreen": 0xFF61,
    "Pause": 0xFF13,
    "ScrollLock": 0xFF14,
    "Clear": 0xFF0B,
    "Help": 0xFF6A,
    "Select": 0xFF60,
    "Execute": 0xFF62,
    "Undo": 0xFF65,
    "Redo": 0xFF66,
    "Find": 0xFF68,
    "Cancel": 0xFF69,
    "AudioVolumeDown": 0x1008FF11,
    "AudioVolumeMute": 0x1008FF12,
    "AudioVolumeUp": 0x1008FF13,
    "MediaPlayPause": 0x1008FF14,
    "MediaStop": 0x1008FF15,
    "MediaTrackPrevious": 0x1008FF16,
    "MediaTrackNext": 0x1008FF17,
    "BrowserBack": 0x1008FF26,
    "BrowserForward": 0x1008FF27,
    **{f"F{number}": 0xFFBD + number for number in range(1, 25)},
}
"""W3C names of keys that are no characters (UI Events KeyboardEvent key Values, sections 3 to 9)."""

_RIGHT = {0xFFE1: 0xFFE2, 0xFFE3: 0xFFE4, 0xFFE9: 0xFFEA, 0xFFEB: 0xFFEC}
"""The same modifier on the right side of the keyboard."""

SHIFT, LEVEL3, SUPER = 0xFFE1, 0xFE03, 0xFFEB
ESCAPE, RETURN, TAB = 0xFF1B, 0xFF0D, 0xFF09
MODIFIERS = frozenset([*range(0xFFE1, 0xFFEF), LEVEL3])
KEYPAD_ENTER = 0xFF8D

_DEAD = {
    0x300: 0xFE50, 0x301: 0xFE51, 0x302: 0xFE52, 0x303: 0xFE53, 0x304: 0xFE54, 0x306: 0xFE55, 0x307: 0xFE56,
    0x308: 0xFE57, 0x30A: 0xFE58, 0x30B: 0xFE59, 0x30C: 0xFE5A, 0x327: 0xFE5B, 0x328: 0xFE5C,
}  # fmt: skip
"""Dead keys, by the combining character that stands for them."""

_UNICODE = 0x0100_0000
"""A keysym above this is the character by itself."""

_PAGES = {
    0x1: "iso8859_2", 0x2: "iso8859_3", 0x3: "iso8859_4", 0x5: "iso8859_6", 0x6: "koi8_u", 0x7: "iso8859_7",
    0xC: "iso8859_8", 0xD: "tis_620",
}  # fmt: skip
"""Keysyms of before Unicode: their high byte names a character set, the low byte stands in it."""

_IGNORED = frozenset(
    "Unidentified Dead Process Compose AltGraph CapsLock NumLock Fn FnLock Symbol SymbolLock GroupNext".split()
)
"""Keys that only change what other keys mean: what they mean is known at the controller's end, and comes as `key`."""

_SIGNS = {
    "Minus": "-", "Equal": "=", "BracketLeft": "[", "BracketRight": "]", "Semicolon": ";", "Quote": "'",
    "Backquote": "`", "Backslash": "\\", "Comma": ",", "Period": ".", "Slash": "/", "IntlBackslash": "\\",
}  # fmt: skip
"""What stands at the other places of characters on the keyboard by which W3C `code` names them all."""


def keysym_of(key: str, code: str = "") -> int | None:
    """The keysym that a W3C `key` means; None for those that mean nothing by themselves."""
    if key in _IGNORED:
        return None
    if len(key) == 1:
        return _DEAD.get(ord(key)) or of_character(key)
    named = _NAMED.get(key)
    if named is None:
        composed = unicodedata.normalize("NFC", key)
        return of_character(composed) if len(composed) == 1 else None
    if code.endswith("Right"):
        return _RIGHT.get(named, named)
    return KEYPAD_ENTER if code == "NumpadEnter" else named


def of_character(character: str) -> int | None:
    """The keysym of a character; None for those that no key types."""
    point = ord(character)
    if character == "\n" or character == "\r":
        return RETURN
    if character == "\t":
        return TAB
    if point < 0x20 or 0x7F <= point < 0xA0 or 0xD800 <= point < 0xE000:
        return None
    return point if point < 0x100 else _UNICODE + point


def character_of(keysym: int) -> str:
    """The character that a keysym types; empty for others."""
    if 0x20 <= keysym < 0x7F or 0xA0 <= keysym < 0x100:
        return chr(keysym)
    if _UNICODE + 0x100 <= keysym <= _UNICODE + 0x10FFFF:
        return chr(keysym - _UNICODE)
    if keysym == 0x20AC:
        return "€"
    page = _PAGES.get(keysym >> 8)
    if page is None or keysym & 0xFF < 0xA0:
        return ""
    return bytes([keysym & 0xFF]).decode(page, errors="ignore")


def latin_of(code: str) -> str:
    """The character that the place of a key stands for in shortcuts, whatever letter is on it; empty for others."""
    if code.startswith("Key") or code.startswith("Digit"):
        return code[-1].lower()
    return _SIGNS.get(code, "")
