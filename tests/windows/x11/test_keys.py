"""What keys mean and where they are, in the words of the W3C."""

from __future__ import annotations

import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.protocol.control.input import KeyDown
from meshconf.protocol.control.keysyms import name_of
from meshconf.windows.x11.keycodes import code_of
from meshconf.windows.x11.keysyms import only_chooses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="keys of X")


@pytest.mark.parametrize(
    ("keysym", "name"),
    [
        (0xFF0D, "Enter"), (0xFF8D, "Enter"), (0xFE20, "Tab"), (0xFF08, "Backspace"), (0xFF1B, "Escape"),
        (0xFF52, "ArrowUp"), (0xFF55, "PageUp"), (0xFFBE, "F1"), (0xFFD5, "F24"), (0xFFE2, "Shift"),
        (0xFFE9, "Alt"), (0xFFE7, "Alt"), (0xFFEB, "Meta"), (0xFF61, "PrintScreen"), (0x61, None), (0, None),
    ],
)  # fmt: skip
def test_keys_with_names_have_those_of_the_w3c(keysym: int, name: str | None) -> None:
    assert name_of(keysym) == name


def test_keys_that_only_choose_characters_are_known() -> None:
    assert all(only_chooses(keysym) for keysym in (0xFE03, 0xFF7E, 0xFFE5, 0xFF7F, 0xFE08))
    assert not any(only_chooses(keysym) for keysym in (0x61, 0xFFE1, 0xFFE3, 0xFE20, 0xFE51, 0xFF20))


@pytest.mark.parametrize(
    ("keycode", "code"),
    [
        (9, "Escape"), (10, "Digit1"), (22, "Backspace"), (24, "KeyQ"), (36, "Enter"), (37, "ControlLeft"),
        (38, "KeyA"), (50, "ShiftLeft"), (51, "Backslash"), (52, "KeyZ"), (62, "ShiftRight"), (64, "AltLeft"),
        (65, "Space"), (66, "CapsLock"), (67, "F1"), (76, "F10"), (77, "NumLock"), (79, "Numpad7"), (90, "Numpad0"),
        (91, "NumpadDecimal"), (94, "IntlBackslash"), (95, "F11"), (96, "F12"), (104, "NumpadEnter"),
        (105, "ControlRight"), (106, "NumpadDivide"), (107, "PrintScreen"), (108, "AltRight"), (110, "Home"),
        (111, "ArrowUp"), (113, "ArrowLeft"), (114, "ArrowRight"), (116, "ArrowDown"), (119, "Delete"),
        (127, "Pause"), (133, "MetaLeft"), (135, "ContextMenu"), (191, "F13"), (255, ""), (0, ""),
    ],
)  # fmt: skip
def test_places_on_the_keyboard_are_those_of_the_w3c(keycode: int, code: str) -> None:
    assert code_of(keycode) == code


@given(st.integers(0, 0xFFFF), st.integers(0, 300))
def test_whatever_is_said_of_a_key_fits_the_wire(keysym: int, keycode: int) -> None:
    down = KeyDown(name_of(keysym) or "a", code_of(keycode))
    assert msgspec.json.decode(msgspec.json.encode(down), type=KeyDown) == down
