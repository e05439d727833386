"""A stream that ends the decoder is left out: the first time not, then longer and longer."""

from __future__ import annotations

from meshconf.codec.decoding.quarantine import FORGIVEN, LONGEST, Quarantine


def test_the_first_death_is_free_and_each_further_one_costs_more() -> None:
    quarantine: Quarantine[str] = Quarantine()
    assert [quarantine.strike("a", 10.0 * n) for n in range(4)] == [0.0, 2.0, 8.0, 32.0]
    assert quarantine.holds("a", 61.9) and not quarantine.holds("a", 62.0)
    assert not quarantine.holds("b", 31.0)


def test_no_penalty_is_endless_and_a_long_peace_forgives() -> None:
    quarantine: Quarantine[str] = Quarantine()
    assert [quarantine.strike("a", float(n)) for n in range(9)][-1] == LONGEST
    assert quarantine.strike("a", 8 + FORGIVEN + 1) == 0.0
    assert not quarantine.holds("a", 8 + FORGIVEN + 1)


def test_memory_is_bounded_and_keeps_the_latest() -> None:
    quarantine: Quarantine[int] = Quarantine()
    for stream in range(5000):
        quarantine.strike(stream, 1.0)
        quarantine.strike(0, 1.0)
    assert len(quarantine._records) <= 512
    assert quarantine.holds(0, 2.0)
