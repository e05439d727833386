"""Freezes: gaps that should not have been."""

from __future__ import annotations

import pytest

from meshconf.media.encoded import EncodedFrame
from meshconf.media.receive.freezes import Freezes


def frozen(*pictures: tuple[float, float, bool]) -> float:
    """Seconds frozen, after a second of pictures at 20 a second; each as seconds of source and viewer, and skipped."""
    freezes = Freezes()
    moving = [(n / 20, n / 20, False) for n in range(21)]
    return sum(
        freezes.gap(EncodedFrame("VP8", b"", False, round(source * 90_000)), seen, skipped=skipped)
        for source, seen, skipped in [*moving, *pictures]
    )


def test_a_moving_picture_is_not_frozen() -> None:
    assert frozen((1.05, 1.2, False)) == 0


def test_a_picture_that_waited_was_a_freeze() -> None:
    assert frozen((1.05, 1.3, False), (1.1, 1.3, False)) == pytest.approx(0.3)


def test_pictures_left_out_were_a_freeze() -> None:
    assert frozen((1.5, 1.5, True)) == pytest.approx(0.5)


def test_a_source_that_stood_still_was_not() -> None:
    assert frozen((5.0, 5.1, False)) == 0


def test_a_slow_source_may_take_three_intervals() -> None:
    freezes = Freezes()
    seen = [freezes.gap(EncodedFrame("VP8", b"", False, n * 18_000), n / 5, skipped=False) for n in range(10)]
    seen.append(freezes.gap(EncodedFrame("VP8", b"", False, 11 * 18_000), 2.3, skipped=True))
    assert sum(seen) == 0
