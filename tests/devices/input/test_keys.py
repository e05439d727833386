"""Keysyms, keymaps, and the pure rest of injection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.devices.input.keymap import Keymap, Place
from meshconf.devices.input.keysyms import character_of, keysym_of, latin_of, of_character
from meshconf.devices.input.own import MOST, WITHIN, Expected
from meshconf.devices.input.panic import Panic
from meshconf.devices.input.support import require_control
from meshconf.errors import DeviceError


@given(st.characters(exclude_categories=["Cs", "Cc"]))
def test_every_character_has_a_keysym_that_means_it(character: str) -> None:
    keysym = of_character(character)
    assert keysym is not None
    assert character_of(keysym) == character


@pytest.mark.parametrize(
    ("key", "code", "keysym"),
    [
        ("Enter", "Enter", 0xFF0D),
        ("Enter", "NumpadEnter", 0xFF8D),
        ("Control", "ControlRight", 0xFFE4),
        ("F24", "F24", 0xFFD5),
        ("ж", "Semicolon", 0x1000436),
        ("\u0301", "", 0xFE51),
        ("e\u0301", "", 0xE9),
        ("CapsLock", "CapsLock", None),
        ("AltGraph", "AltRight", None),
        ("Dead", "Quote", None),
        ("LaunchMissiles", "", None),
        ("\x1b", "", None),
    ],
)
def test_keys_are_understood(key: str, code: str, keysym: int | None) -> None:
    assert keysym_of(key, code) == keysym


@pytest.mark.parametrize(
    ("keysym", "character"), [(0x6C1, "а"), (0x7E1, "α"), (0x1B1, "ą"), (0xCE0, "א"), (0xFFE1, "")]
)
def test_keysyms_of_before_unicode_are_known(keysym: int, character: str) -> None:
    assert character_of(keysym) == character


def test_shortcuts_go_by_the_place_of_a_key() -> None:
    assert [latin_of(code) for code in ("KeyC", "Digit7", "Semicolon", "F5", "")] == ["c", "7", ";", "", ""]


A, Q, AT, CYRILLIC_A = 0x61, 0x71, 0x40, 0x6C1
LAYOUT = [
    [A, 0x41, CYRILLIC_A, 0x6E1],  # 8: two groups
    [Q, 0x51, 0, 0, AT],  # 9: the third level of a German keyboard
    [0x37, 0x2F],  # 10
    [0xFF0D],  # 11
    [A + 2],  # 12: a letter alone, whose capital is not written down
    [0, 0],  # 13: free
    [],  # 14: free
]


@pytest.mark.parametrize(
    ("keysym", "group", "caps", "place"),
    [
        (A, 0, False, Place(8, shift=False)),
        (A, 0, True, Place(8, shift=True)),
        (0x41, 0, True, Place(8, shift=False)),
        (0x37, 0, True, Place(10, shift=False)),
        (A, 1, False, None),
        (0x1000430, 1, False, Place(8, shift=False)),
        (0x1000430, 0, False, None),
        (AT, 0, False, Place(9, shift=None, level3=True)),
        (0x2F, 1, False, Place(10, shift=True)),
        (0xFF0D, 0, False, Place(11, shift=None)),
        (0x43, 0, False, Place(12, shift=True)),
    ],
)
def test_a_keysym_is_found_where_the_layout_has_it(keysym: int, group: int, caps: bool, place: Place | None) -> None:
    assert Keymap(LAYOUT, 8).find(keysym, group, caps=caps) == place


def test_what_the_layout_lacks_gets_a_free_keycode_the_oldest_first() -> None:
    keymap = Keymap(LAYOUT, 8)
    assert keymap.capacity == 2
    assert [keymap.bind(1), keymap.bind(2)] == [13, 14]
    assert keymap.find(1, 0) == Place(13, shift=None)
    assert keymap.bind(3) == 14
    assert keymap.find(2, 0) is None
    keymap.refresh([*LAYOUT[:5], [1, 1], [99, 99]])  # somebody else has taken the other one
    assert keymap.bound == [13]
    assert keymap.bind(4) == 13
    assert Keymap([[A]], 8).bind(1) is None


def test_ours_are_expected_once_and_not_for_long() -> None:
    expected = Expected()
    expected.add("key down", 38, now=0.0)
    assert not expected.take("key up", 38, now=0.1)
    assert expected.take("key down", 38, now=0.1)
    assert not expected.take("key down", 38, now=0.1)
    expected.add("motion", 0, now=0.0)
    assert not expected.take("motion", 0, now=WITHIN + 0.1)
    for _ in range(2 * MOST):
        expected.add("motion", 0, now=0.0)
    assert sum(expected.take("motion", 0, now=0.1) for _ in range(2 * MOST)) == MOST


def test_three_times_esc_and_nothing_else_is_panic() -> None:
    panic = Panic()
    told = [
        panic.pressed(escape=escape, now=at) for escape, at in [(True, 0.0), (True, 0.2), (False, 0.3), (True, 0.4)]
    ]
    told += [panic.pressed(escape=True, now=at) for at in (0.5, 3.0, 3.2, 3.4, 3.6)]
    assert told == [False] * 7 + [True, False]


@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}])
def test_who_cannot_be_controlled_is_told_why(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(DeviceError) as caught:
        require_control(environ)
    assert caught.value.fix
    require_control({"DISPLAY": ":0"})
