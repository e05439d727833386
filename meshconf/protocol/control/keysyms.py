"""Keys with names and buttons of the W3C UI Events, and the numbers that X has for them.

Keys that are characters are not in here. Pure. Sources: UI Events KeyboardEvent key Values, sections 3 to 9;
keysymdef.h and XF86keysym.h.
"""

from __future__ import annotations

from meshconf.protocol.control.input import Button

KEYSYMS: dict[str, tuple[int, ...]] = {
    "Enter": (0xFF0D, 0xFF8D, 0xFF0A),
    "Tab": (0xFF09, 0xFF89, 0xFE20),
    "Backspace": (0xFF08,),
    "Delete": (0xFFFF, 0xFF9F),
    "Escape": (0xFF1B,),
    "Insert": (0xFF63, 0xFF9E),
    "Home": (0xFF50, 0xFF95),
    "End": (0xFF57, 0xFF9C),
    "PageUp": (0xFF55, 0xFF9A),
    "PageDown": (0xFF56, 0xFF9B),
    "ArrowLeft": (0xFF51, 0xFF96),
    "ArrowUp": (0xFF52, 0xFF97),
    "ArrowRight": (0xFF53, 0xFF98),
    "ArrowDown": (0xFF54, 0xFF99),
    "Shift": (0xFFE1, 0xFFE2),
    "Control": (0xFFE3, 0xFFE4),
    "Alt": (0xFFE9, 0xFFEA, 0xFFE7, 0xFFE8),  # Meta_L and Meta_R are what Alt gives together with Shift
    "Meta": (0xFFEB, 0xFFEC),  # Super_L and Super_R
    "Hyper": (0xFFED, 0xFFEE),
    "ContextMenu": (0xFF67,),
    "PrintScreen": (0xFF61, 0xFF15),
    "Pause": (0xFF13, 0xFF6B),
    "ScrollLock": (0xFF14,),
    "Clear": (0xFF0B, 0xFF9D),
    "Help": (0xFF6A,),
    "Select": (0xFF60,),
    "Execute": (0xFF62,),
    "Undo": (0xFF65,),
    "Redo": (0xFF66,),
    "Find": (0xFF68,),
    "Cancel": (0xFF69,),
    "Copy": (0x1008FF57,),
    "Cut": (0x1008FF58,),
    "Paste": (0x1008FF6D,),
    "BrightnessUp": (0x1008FF02,),
    "BrightnessDown": (0x1008FF03,),
    "AudioVolumeDown": (0x1008FF11,),
    "AudioVolumeMute": (0x1008FF12,),
    "AudioVolumeUp": (0x1008FF13,),
    "MediaPlayPause": (0x1008FF14,),
    "MediaStop": (0x1008FF15,),
    "MediaTrackPrevious": (0x1008FF16,),
    "MediaTrackNext": (0x1008FF17,),
    "BrowserBack": (0x1008FF26,),
    "BrowserForward": (0x1008FF27,),
    **{f"F{number}": (0xFFBD + number,) for number in range(1, 25)},
}
"""All keysyms that mean a key; the first is the one to press for it."""

BUTTONS: dict[Button, int] = {"left": 1, "middle": 2, "right": 3, "back": 8, "forward": 9}
"""Buttons of a mouse; those between are its wheel."""

_ALIASES = {"Super": "Meta", "OS": "Meta"}
_RIGHT = {"Shift": 0xFFE2, "Control": 0xFFE4, "Alt": 0xFFEA, "Meta": 0xFFEC, "Hyper": 0xFFEE}
_KEYPAD_ENTER = 0xFF8D
_NAMES = {keysym: name for name, keysyms in KEYSYMS.items() for keysym in keysyms}
_MEANINGS = {number: button for button, number in BUTTONS.items()}


def name_of(keysym: int) -> str | None:
    """The W3C `key` of a key that has a name; None for the others."""
    return _NAMES.get(keysym)


def keysym_of_name(key: str, code: str = "") -> int | None:
    """The keysym to press for a W3C `key` that is a name, on the side of the keyboard that `code` says, if it does."""
    key = _ALIASES.get(key, key)
    if key not in KEYSYMS:
        return None
    if code.endswith("Right") and key in _RIGHT:
        return _RIGHT[key]
    return _KEYPAD_ENTER if code == "NumpadEnter" else KEYSYMS[key][0]


def button_of(number: int) -> Button | None:
    """The button that X calls by a number; None for those of the wheel and others."""
    return _MEANINGS.get(number)
