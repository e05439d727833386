"""Names from the network are harmless before a window shows them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.windows.names import LONGEST, clean, drawable, initials


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoë", "Zoë"),
        ("  Ana \t\n Berg ", "Ana Berg"),
        ("\x1b[31mred\x07", "[31mred"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("", "(no name)"),
        ("\x00\x01", "(no name)"),
        ("x" * 100, "x" * (LONGEST - 1) + "…"),
        ("q" + "\u0323" * 50, "q" + "\u0323" * 4),
    ],
)
def test_names_are_cleaned_and_cut(name: str, shown: str) -> None:
    assert clean(name) == shown


@given(st.text())
def test_a_cleaned_name_is_one_short_line_without_control_characters(name: str) -> None:
    shown = clean(name)
    assert 0 < len(shown) <= LONGEST
    assert not any(unicodedata.category(char).startswith("C") for char in shown)
    assert shown == clean(shown)


def test_what_the_font_lacks_is_left_out_of_the_label() -> None:
    assert drawable("Zoë 李 🙂") == "Zoë 李"
    assert drawable("🙂") == "(no name)"


@pytest.mark.parametrize(
    ("name", "letters"), [("Zoë van Dam · screen", "ZD"), ("ana", "A"), ("李小龙", "李"), ("🙂", ""), ("", "")]
)
def test_initials_stand_for_a_person(name: str, letters: str) -> None:
    assert initials(name) == letters
