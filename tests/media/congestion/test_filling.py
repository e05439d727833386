"""Fair shares."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.congestion.filling import fill

wishes = st.dictionaries(st.integers(), st.floats(0, 1e7), max_size=12)


def test_who_wants_little_gets_it_and_the_others_share_the_rest() -> None:
    assert fill({"a": 1.0, "b": 10.0, "c": 20.0}, 13.0) == {"a": 1.0, "b": 6.0, "c": 6.0}


def test_what_is_plenty_leaves_no_wish_open() -> None:
    assert fill({"a": 1.0, "b": 10.0}, float("inf")) == {"a": 1.0, "b": 10.0}


@given(wishes, st.floats(0, 1e8))
def test_nobody_gets_more_while_somebody_who_wants_more_has_less(wanted: dict[int, float], total: float) -> None:
    shares = fill(wanted, total)
    assert shares.keys() == wanted.keys()
    assert sum(shares.values()) <= total * (1 + 1e-9) + 1e-6
    unsatisfied = [shares[key] for key in wanted if shares[key] < wanted[key] - 1e-3]
    if unsatisfied:
        assert max(shares.values()) <= min(unsatisfied) + 1e-3
        assert sum(shares.values()) >= total * (1 - 1e-9) - 1e-3
