"""The little markup of the chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.tui.markup import styled


@pytest.mark.parametrize(
    ("typed", "shown", "style"),
    [
        ("that is *very* good", "that is very good", "bold"),
        ("that is _very_ good", "that is very good", "italic"),
        ("type `make *all*` now", "type make *all* now", "$panel"),
        ("*a _b_ c*", "a b c", "bold italic"),
        ("see https://example.org/a_b_c.", "see https://example.org/a_b_c.", "underline"),
    ],
)
def test_signs_become_styles(typed: str, shown: str, style: str) -> None:
    content = styled(typed)
    assert content.plain == shown
    assert any(style in str(span.style) for span in content.spans)


@pytest.mark.parametrize(
    "typed", ["2 * 3 * 4", "snake_case_name", "a*b*c", "** nothing **", "_ _", "`open", "[bold]x[/]", "<b>x</b>", "# x"]
)
def test_all_else_stays_as_it_was_typed(typed: str) -> None:
    assert styled(typed).plain == typed


def test_only_web_addresses_become_links_and_lead_where_they_say() -> None:
    content = styled("see https://example.org/a. or *https://b.example* or javascript:alert(1)")
    links = [span.style.link for span in content.spans if getattr(span.style, "link", None)]  # type: ignore[union-attr]
    assert links == ["https://example.org/a", "https://b.example"]


@given(st.text(alphabet="*_`ab h:/.\n[]", max_size=60))
def test_nothing_but_signs_is_ever_lost(typed: str) -> None:
    left = [one for one in styled(typed).plain if one not in "*_`"]
    assert left == [one for one in typed if one not in "*_`"]
