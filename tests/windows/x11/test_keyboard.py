"""Keys in five layouts, dead keys and Compose, as a real X server has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meshconf.windows.hands import Stroke
from meshconf.windows.x11.keyboard import Keyboard
from meshconf.windows.x11.xkbcommon import Composer
from tests.windows.conftest import Screen

Q, SEVEN, SEMICOLON, QUOTE, E, F5, ALT_RIGHT, CAPS = 24, 16, 47, 48, 26, 71, 108, 66
SHIFT, LOCK, CONTROL, ALTGR, SECOND_GROUP = 1, 2, 4, 1 << 7, 1 << 13

LAYOUTS = {
    "us": {(Q, 0): "q", (Q, SHIFT): "Q", (Q, LOCK): "Q", (Q, CONTROL): "q", (SEVEN, SHIFT): "&", (QUOTE, 0): "'"},
    "de": {(Q, ALTGR): "@", (SEVEN, ALTGR): "{", (SEMICOLON, 0): "ö", (SEMICOLON, SHIFT): "Ö", (E, ALTGR): "€"},
    "fr": {(Q, 0): "a", (SEVEN, 0): "è", (SEVEN, SHIFT): "7", (SEMICOLON, 0): "m", (QUOTE, 0): "ù"},
    "ru": {(Q, 0): "й", (Q, SHIFT): "Й", (SEMICOLON, 0): "ж", (QUOTE, 0): "э", (SEVEN, SHIFT): "?"},
    "gr": {(Q, 0): ";", (E, 0): "ε", (E, SHIFT): "Ε", (24 + 1, 0): "ς"},
    "us,ru": {(Q, 0): "q", (Q, SECOND_GROUP): "й", (Q, SECOND_GROUP | SHIFT): "Й"},
}


@pytest.fixture
def keyboard(screen: Screen) -> Iterator[Keyboard]:
    keyboard = Keyboard()
    yield keyboard
    keyboard.close()
    keyboard.close()
    assert keyboard._composer._state is None, "the tables of dead keys are given back"
    screen.run("setxkbmap", "us")


@pytest.mark.lab
@pytest.mark.may_block("the test itself sets keyboard layouts")
def test_characters_are_those_of_the_persons_own_layout(keyboard: Keyboard, screen: Screen) -> None:
    for layout, keys in LAYOUTS.items():
        screen.run("setxkbmap", layout)
        keyboard.changed()
        for (keycode, state), character in keys.items():
            stroke = keyboard.press(keycode, state)
            assert isinstance(stroke, Stroke) and stroke.key == character, (layout, keycode, state)
    assert keyboard.press(F5, 0) == Stroke(F5, "F5", "F5")
    assert keyboard.press(CAPS, 0) is None


@pytest.mark.lab
@pytest.mark.may_block("the test itself sets keyboard layouts")
def test_altgr_is_not_told_since_the_character_says_it(keyboard: Keyboard, screen: Screen) -> None:
    screen.run("setxkbmap", "de")
    keyboard.changed()
    assert keyboard.press(ALT_RIGHT, 0) is None
    screen.run("setxkbmap", "us")
    keyboard.changed()
    assert keyboard.press(ALT_RIGHT, 0) == Stroke(ALT_RIGHT, "Alt", "AltRight")


@pytest.mark.lab
@pytest.mark.may_block("the test itself sets keyboard layouts")
def test_dead_keys_make_one_character_with_the_next_key(keyboard: Keyboard, screen: Screen) -> None:
    screen.run("setxkbmap", "us", "-variant", "intl")
    keyboard.changed()
    assert keyboard.press(QUOTE, 0) is None
    assert keyboard.press(50, 0) == Stroke(50, "Shift", "ShiftLeft"), "modifiers do not end the sequence"
    assert keyboard.press(E, SHIFT) == Stroke(E, "É", "KeyE")
    assert keyboard.press(QUOTE, 0) is None
    keyboard.reset()
    assert keyboard.press(E, 0) == Stroke(E, "e", "KeyE")


def test_a_compose_key_and_older_keysyms_make_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    composer = Composer()
    assert [composer.feed(keysym) for keysym in (0xFF20, ord("o"), ord("c"))] == ["", "", "©"]
    assert [composer.feed(keysym) for keysym in (0x6C6, 0x7E1, 0xAAA, 0x8FB, 0x1002192)] == ["ф", "α", "–", "←", "→"]
    assert composer.feed(0xFFE1) is None and composer.character(0xFF0D) is None
    composer.close()
    assert composer.feed(ord("x")) == "x", "without tables, characters are still known"
