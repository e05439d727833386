"""What serves two who show the same picture."""

from __future__ import annotations

from meshconf.conference.quality import NOTHING, Quality


def test_two_wishes_are_served_by_the_larger_height_and_the_larger_rate() -> None:
    assert Quality(180, 60).joined(Quality(720, 15)) == Quality(720, 60)


def test_who_shows_nothing_changes_nothing() -> None:
    assert Quality(180, 60).joined(NOTHING) == NOTHING.joined(Quality(180, 60)) == Quality(180, 60)
