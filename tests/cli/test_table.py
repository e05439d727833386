"""Columns stay aligned, whatever the text."""

from __future__ import annotations

from meshconf.cli.table import table, width


def test_columns_are_as_wide_as_their_widest_cell_and_lines_end_without_spaces() -> None:
    assert table([("a", "b"), ("long", ""), ("x", "y", "z")], indent=2) == "  a     b\n  long\n  x     y  z\n"


def test_wide_and_combining_characters_count_as_the_places_that_they_take() -> None:
    assert (width("会議"), width("e\u0301"), width("abc")) == (4, 1, 3)
    assert table([("会議", "1"), ("abcd", "2")]) == "会議  1\nabcd  2\n"


def test_no_rows_are_no_text() -> None:
    assert table([]) == ""
