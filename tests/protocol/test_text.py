from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.protocol.text import clean


@pytest.mark.parametrize("text", ["Ann", "Zoë Łukasz", "日本語", "1\ufe0f\u20e3", "مرحبا", "👩‍💻 ❤️"])
def test_what_people_are_called_stays(text: str) -> None:
    assert clean(text, 64) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("\x9b2J", "2J"),
        ("bell\a back\b nul\0", "bell back nul"),
        ("\u202etxt.exe", "txt.exe"),
        ("\u2066isolated\u2069", "isolated"),
        ("a\u200bb\u2060c\ufeffd\u00ade", "abcde"),
        ("one\u2028two\u2029three", "one two three"),
        ("\ud800lone", "lone"),
        ("\ue000private", "private"),
        ("\U000e0041tag", "tag"),
    ],
)
def test_what_could_steer_a_terminal_or_hide_its_meaning_goes(text: str, safe: str) -> None:
    assert clean(text, 64) == safe


def test_white_space_of_all_kinds_is_a_space() -> None:
    assert clean("a\u00a0b\u3000c\u2003d", 64) == "a b c d"


def test_no_pile_of_marks_reaches_into_other_lines() -> None:
    assert clean("Z" + "\u0335" * 50 + "a" + "\u0301", 64) == "Z" + "\u0335" * 4 + "a\u0301"
    tibetan = "བསྒྲུབས"
    assert clean(tibetan, 64) == tibetan


def test_line_breaks_become_spaces_unless_they_may_stay() -> None:
    assert clean("one\r\ntwo\nthree\tfour\rfive", 64) == "one two three four five"
    assert clean("one\r\ntwo\nthree\tfour\rfive", 64, lines=True) == "one\ntwo\nthree four five"


def test_text_is_cut_to_the_limit_and_bare_of_outer_spaces() -> None:
    assert clean("  Ann  ", 64) == "Ann"
    assert clean("x" * 100, 64) == "x" * 64
    assert clean("\u200b" * 1000 + "x", 64) == ""


@pytest.mark.parametrize(
    "name", ["", "\u3164", "\u2800 \u2800", "\u200d\ufe0f", "\uffa0\u115f\u1160", "\u034f", "\u0301\u0302"]
)
def test_a_name_of_which_nothing_is_to_be_seen_is_none(name: str) -> None:
    assert clean(name, 64) == ""


@given(st.text(alphabet=st.characters(), max_size=200), st.integers(1, 80), st.booleans())
def test_whatever_comes_in_what_comes_out_is_short_and_harmless(text: str, limit: int, lines: bool) -> None:
    out = clean(text, limit, lines=lines)
    assert len(out) <= limit
    allowed = "\u200d\ufe0f" + ("\n" if lines else "")
    assert not [c for c in out if c not in allowed and unicodedata.category(c)[0] == "C"]
    assert clean(out, limit, lines=lines) == out
