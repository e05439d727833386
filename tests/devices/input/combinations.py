"""Keys with modifiers that a controller sends, the text that is typed, and whether they came as they were meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from meshconf.devices.input import keysyms
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Scroll
from tests.lab.hands import Seen

Combination = tuple[tuple[str, ...], str, str]
"""Modifiers, W3C key and code."""

LAYOUTS = ("de", "fr", "us(dvorak)", "us,ru", "gr", "us")
"""Of the owner's keyboard."""

SCRIPTS = {
    "Latin": "Straße, façade, Łódź",
    "Cyrillic": "Съешь же ещё",
    "Greek": "Καλημέρα κόσμε",
    "Hebrew": "שלום עולם",
    "Han": "漢字",
}
"""What is typed as text."""

_MASKS = {"Shift": 1, "Control": 4, "Alt": 8, "Meta": 64}
_NAMED = (
    "Enter Tab Backspace Delete Escape Insert Home End PageUp PageDown ArrowLeft ArrowUp ArrowRight ArrowDown "
    "ContextMenu PrintScreen Pause F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12"
).split()
_PLAIN = [
    ("a", "KeyA"), ("z", "KeyZ"), ("y", "KeyY"), ("q", "KeyQ"), ("1", "Digit1"), ("9", "Digit9"), ("/", "Digit7"),
    ("-", "Minus"), (".", "Period"), (",", "Comma"), (";", ""), ("'", "Quote"), ("@", "KeyQ"), ("[", ""), ("]", ""),
    ("\\", ""), ("{", ""), ("}", ""), ("|", ""), ("~", ""), ("`", ""), ("^", ""), ("é", "Digit2"), ("ß", "Minus"),
    ("ü", "BracketLeft"), ("ж", "Semicolon"), ("Ж", "Semicolon"), ("€", "KeyE"), ("漢", ""), ("😀", ""),
    ("\u0301", "Quote"), (" ", "Space"),
]  # fmt: skip
_SHIFTED = [
    ("A", "KeyA"),
    ("Z", "KeyY"),
    ("!", "Digit1"),
    ("?", "Slash"),
    ("/", "Digit7"),
    ("+", "Equal"),
    ('"', "Quote"),
]
_LETTERS = "abdefghijklmnopqrstuxy"
_CONTROLLED = [
    ("c", "KeyC"), ("v", "KeyV"), ("z", "KeyZ"), ("w", "KeyW"), ("с", "KeyC"), ("ж", "Semicolon"), ("+", "Equal"),
    ("Tab", "Tab"), ("ArrowLeft", "ArrowLeft"), ("Enter", "Enter"), ("Home", "Home"),
]  # fmt: skip
COMBINATIONS: list[Combination] = [
    *(((), key, code) for key, code in _PLAIN),
    *(((), key, key) for key in _NAMED),
    *((("Shift",), key, code) for key, code in _SHIFTED),
    *((("Control",), key, code) for key, code in _CONTROLLED),
    *((("Control",), letter, f"Key{letter.upper()}") for letter in _LETTERS),
    *((("Alt",), digit, f"Digit{digit}") for digit in "123456789"),
    (("Meta",), "d", "KeyD"),
    (("Meta",), "e", "KeyE"),
    (("Control", "Shift"), "ArrowLeft", "ArrowLeft"),
    (("Control", "Shift"), "ArrowRight", "ArrowRight"),
    (("Control", "Shift"), "T", "KeyT"),
    (("Control", "Shift"), "Tab", "Tab"),
    (("Alt",), "Tab", "Tab"),
    (("Alt",), "F4", "F4"),
    (("Alt",), "f", "KeyF"),
    (("Control", "Alt"), "Delete", "Delete"),
    (("Meta",), "l", "KeyL"),
    (("Meta",), "ArrowUp", "ArrowUp"),
    (("Shift",), "ArrowRight", "ArrowRight"),
    (("Shift",), "Insert", "Insert"),
    (("Control", "Alt", "Shift"), "F12", "F12"),
]
"""What is sent."""
_END = ("release", 5)
"""Of the notch after each."""


def combination(modifiers: tuple[str, ...], key: str, code: str) -> list[Input]:
    """Modifiers down, the key down and up, modifiers up; then a notch of the wheel, which parts it from the next."""
    down: list[Input] = [KeyDown(modifier, f"{modifier}Left") for modifier in modifiers]
    up: list[Input] = [KeyUp(modifier, f"{modifier}Left") for modifier in reversed(modifiers)]
    return [*down, KeyDown(key, code), KeyUp(key, code), *up, Scroll(0, 1, 0.5, 0.5)]


def whole(seen: Sequence[Seen], count: int) -> bool:
    """Whether so many combinations have come to their ends."""
    return sum(one[:2] == _END for one in seen) >= count


def received(seen: Iterable[Seen]) -> Iterator[list[tuple[int, int]]]:
    """For each combination that came, the keysyms that are no modifiers, with what was down at each."""
    pressed: list[tuple[int, int]] = []
    for kind, detail, mask in seen:
        if (kind, detail) == _END:
            yield pressed
            pressed = []
        elif kind == "key down" and detail not in keysyms.MODIFIERS:
            pressed.append((detail, mask))


def differing(seen: Iterable[Seen]) -> list[str]:
    """Those of all combinations that came otherwise than they were meant, and how."""
    came = received(seen)
    found = []
    for modifiers, key, code in COMBINATIONS:
        pressed = next(came, [])
        if len(pressed) != 1 or not _is(*pressed[0], modifiers, key, code):
            found.append(f"{'+'.join([*modifiers, key])} came as {[(hex(keysym), mask) for keysym, mask in pressed]}")
    return found


def typed(seen: Iterable[Seen]) -> str:
    """The text that the keys make."""
    keys = (detail for kind, detail, _ in seen if kind == "key down" and detail not in keysyms.MODIFIERS)
    return "".join(map(keysyms.character_of, keys))


def _is(keysym: int, mask: int, modifiers: tuple[str, ...], key: str, code: str) -> bool:
    relevant = 0x4C if len(key) == 1 else 0x4D  # Shift belongs to a character, and may stand elsewhere here
    if mask & relevant != sum(_MASKS[modifier] for modifier in modifiers) & relevant:
        return False
    if key == "Tab" and "Shift" in modifiers:
        return keysym == 0xFE20  # ISO_Left_Tab
    if modifiers and not key.isascii():
        key = keysyms.latin_of(code)
    wanted = keysyms.keysym_of(key, code)
    assert wanted is not None
    return keysym == wanted or (keysyms.character_of(keysym) or None) == keysyms.character_of(wanted)
