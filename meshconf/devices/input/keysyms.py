"""W3C keys and characters as X keysyms (X11 protocol, appendix A). Pure."""

from __future__ import annotations

import unicodedata

from meshconf.protocol.control.keysyms import keysym_of_name

SHIFT, LEVEL3 = 0xFFE1, 0xFE03
ESCAPE, RETURN, TAB = 0xFF1B, 0xFF0D, 0xFF09
MODIFIERS = frozenset([*range(0xFFE1, 0xFFEF), LEVEL3])

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
    if (named := keysym_of_name(key, code)) is not None:
        return named
    composed = unicodedata.normalize("NFC", key)
    return of_character(composed) if len(composed) == 1 else None


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
