"""What the controller's end says of a key or button is what the owner's end presses."""

from __future__ import annotations

import msgspec
import pytest

from meshconf.devices.input.keysyms import keysym_of
from meshconf.protocol.control.input import KeyDown
from meshconf.protocol.control.keysyms import BUTTONS, KEYSYMS, button_of, keysym_of_name, name_of


@pytest.mark.parametrize("name", KEYSYMS)
def test_every_key_with_a_name_is_pressed_as_what_it_is(name: str) -> None:
    assert {name_of(keysym) for keysym in KEYSYMS[name]} == {name}
    pressed = keysym_of(name)
    assert pressed == KEYSYMS[name][0] and name_of(pressed) == name
    assert msgspec.json.decode(msgspec.json.encode(KeyDown(name)), type=KeyDown) == KeyDown(name)


def test_no_keysym_means_two_keys() -> None:
    keysyms = [keysym for meanings in KEYSYMS.values() for keysym in meanings]
    assert len(set(keysyms)) == len(keysyms)


@pytest.mark.parametrize(
    ("key", "code", "keysym"),
    [
        ("Copy", "", 0x1008FF57), ("Paste", "", 0x1008FF6D), ("BrightnessUp", "", 0x1008FF02),
        ("Super", "", 0xFFEB), ("OS", "MetaRight", 0xFFEC), ("Alt", "AltRight", 0xFFEA),
        ("Enter", "NumpadEnter", 0xFF8D), ("ArrowRight", "ArrowRight", 0xFF53), ("a", "KeyA", None),
        ("LaunchMissiles", "", None),
    ],
)  # fmt: skip
def test_other_names_and_the_other_side_of_the_keyboard(key: str, code: str, keysym: int | None) -> None:
    assert keysym_of_name(key, code) == keysym


def test_buttons_come_back() -> None:
    assert [button_of(number) for number in BUTTONS.values()] == list(BUTTONS)
    assert [button_of(number) for number in (0, 4, 5, 6, 7)] == [None] * 5
