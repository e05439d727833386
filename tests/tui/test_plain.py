"""Text from others, made safe."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from meshconf.tui.plain import clean, fit


@given(st.text())
def test_nothing_that_steers_a_terminal_survives(text: str) -> None:
    assert not {unicodedata.category(one) for one in clean(text, 100)} & {"Cc", "Cf", "Cs", "Co"}


def test_escape_codes_and_direction_overrides_are_taken_out() -> None:
    assert clean("\x1b[2Jevil\x07 \u202etxt\u2066", 100) == "[2Jevil txt"


def test_piles_of_combining_marks_are_cut() -> None:
    assert clean("a" + "\u0301" * 50, 100) == "a" + "\u0301" * 4


def test_emoji_are_not_joined_where_nobody_knows_how_wide_that_is() -> None:
    assert clean("👩\u200d💻", 100) == "👩💻"


@given(st.text(max_size=60), st.integers(1, 30))
def test_fitted_text_is_never_wider_than_asked(text: str, width: int) -> None:
    assert cell_len(fit(clean(text, 60), width)) <= width
