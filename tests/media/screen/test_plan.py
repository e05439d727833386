"""A plan with an encoder that needs as many bytes as its guesses say, times a factor; virtual time."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from meshconf.media.screen.changes import Plane
from meshconf.media.screen.plan import Purpose, ScreenPlan, Shot
from meshconf.media.screen.sizes import COARSEST, SHARP, Sizes

WIDTH, HEIGHT, FPS = 640, 368, 30
LAN, THIN = 8_000_000, 250_000


def page(seed: int) -> list[Plane]:
    """Noise everywhere."""
    luma = np.random.default_rng(seed).integers(100, 156, (HEIGHT, WIDTH), np.uint8)
    return [luma, *(np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8) for _ in range(2))]


def line(planes: list[Plane], row: int, seed: int = 9) -> list[Plane]:
    """The same with another line of text in it."""
    changed = [plane.copy() for plane in planes]
    changed[0][row * 16 : row * 16 + 16, :160] = page(seed)[0][:16, :160]
    return changed


class Sender:
    """Does what a plan says; bytes as the first guesses are, and remembers when they left a link of that bitrate."""

    def __init__(self, bps: int, factor: float = 1.0) -> None:
        self.plan, self.bps, self.factor = ScreenPlan(WIDTH, HEIGHT, FPS), bps, factor
        self.now = 1000.0
        self.shots: list[tuple[float, Shot, int]] = []
        self.done_at = 0.0

    def show(self, planes: list[Plane], seconds: float = 0.0, *, keyframe: bool = False) -> list[Shot]:
        """A picture is on the screen for so long; what was encoded meanwhile."""
        before, end = len(self.shots), self.now + seconds
        self.plan.look(planes, self.now)
        self._ask(keyframe)
        while (wake := max(self.plan.wake, self.now + 0.001)) <= end:
            self.now = wake
            self._ask()
        self.now = max(end, self.now + 1e-6)
        return [shot for _, shot, _ in self.shots[before:]]

    def _ask(self, keyframe: bool = False) -> None:
        shot = self.plan.next(self.bps, self.now, keyframe=keyframe)
        if shot is None:
            assert self.plan.wake > self.now
            return
        octets = round(self.factor * Sizes().guess(shot.detail, shot.quantizer, shot.before))
        self.plan.encoded(shot, octets, self.now)
        self.shots.append((self.now, shot, octets))
        self.done_at = max(self.done_at, self.now) + octets * 8 / self.bps


def test_a_fast_link_gets_a_page_sharp_at_once() -> None:
    sender = Sender(LAN)
    first, *rest = sender.show(page(1), 5.0)
    assert (first.purpose, first.quantizer) == (Purpose.FIRST, SHARP) and first.blocks.all()
    assert {shot.purpose for shot in rest} == {Purpose.REPEAT}


def test_a_page_that_is_complete_is_repeated_ever_more_rarely_and_for_nothing() -> None:
    sender = Sender(LAN)
    sender.show(page(1), 0.09)
    repeats = sender.show(page(1), 10.0)
    assert 7 <= len(repeats) <= 9
    assert all(shot.purpose is Purpose.REPEAT and not shot.blocks.any() for shot in repeats)
    gaps = np.diff([at for at, _, _ in sender.shots])
    assert 0.1 <= gaps[0] < 0.15 and gaps[-1] == pytest.approx(2.0)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_thin_link_gets_a_page_soon_and_then_ever_sharper(factor: float) -> None:
    sender = Sender(THIN, factor)
    shots = [shot for shot in sender.show(page(1), 60.0) if shot.purpose is not Purpose.REPEAT]
    assert shots[0].quantizer == COARSEST and shots[-1].quantizer == SHARP
    quantizers = [shot.quantizer for shot in shots]
    assert quantizers == sorted(set(quantizers), reverse=True), "each is finer than the one before"
    assert all(shot.blocks.all() for shot in shots)


def test_no_picture_waits_long_behind_another() -> None:
    sender = Sender(THIN)
    for seed in range(100):
        sender.show(page(seed), 1 / FPS)
        last = sender.shots[-1]
        assert sender.done_at - last[2] * 8 / THIN < last[0] + 0.1
    octets = sum(octets for _, _, octets in sender.shots[:-1])
    assert octets * 8 / (sender.shots[-1][0] - 1000.0) < THIN


def test_a_thin_link_gets_fewer_pictures_and_the_last_one_in_the_end() -> None:
    sender = Sender(THIN)
    for seed in range(30):
        sender.show(page(seed), 1 / FPS)
    assert 1 <= len(sender.shots) < 10
    *_, last = [shot for shot in sender.show(page(29), 60.0) if shot.purpose is not Purpose.REPEAT]
    assert last.purpose is Purpose.REFINEMENT and last.quantizer == SHARP and last.blocks.all()


def test_motion_is_as_fluid_as_the_rung_allows_where_the_link_carries_it() -> None:
    sender = Sender(8 * LAN)
    for number in range(60):
        sender.show(line(page(1), number % 20, number), 1 / 60)
    assert 24 <= len(sender.shots) <= 40
    assert sum(shot.blocks.sum() for _, shot, _ in sender.shots[5:]) < 0.2 * len(sender.shots) * 40 * 23


def test_a_line_beside_a_page_costs_a_line() -> None:
    sender = Sender(LAN)
    sender.show(page(1), 3.0)
    shots = sender.show(line(page(1), 3), 3.0)
    assert shots[0].purpose is Purpose.FIRST and shots[0].quantizer == SHARP
    assert np.argwhere(shots[0].blocks).tolist() == [[3, column] for column in range(10)]
    assert {shot.purpose for shot in shots[1:]} == {Purpose.REPEAT}


def test_text_becomes_sharp_while_something_else_moves_on() -> None:
    sender = Sender(2_000_000)
    sender.show(page(1), 20.0)
    begun = len(sender.shots)
    text = line(page(1), 20, seed=77)
    text[0][:160] = page(2)[0][:160]
    for number in range(90):
        film = [plane.copy() for plane in text]
        film[0][160:240, 160:] = page(number + 10)[0][160:240, 160:]
        sender.show(film, 1 / FPS)
    quality = np.full((23, 40), 99)
    for _, shot, _ in sender.shots[begun:]:
        if shot.purpose is not Purpose.REPEAT:
            quality[shot.blocks] = shot.quantizer
    assert (quality[:10] == SHARP).all(), "the page stands"
    assert (quality[11:14, 11:] > SHARP).all(), "the film runs"
    motion = sum(shot.purpose is Purpose.MOTION for _, shot, _ in sender.shots[begun:])
    assert motion >= 10


def test_a_keyframe_takes_all_blocks_as_soon_as_the_link_is_free() -> None:
    sender = Sender(LAN)
    sender.show(page(1), 3.0)
    (shot,) = sender.show(page(1), 0.05, keyframe=True)
    assert shot.blocks.all() and shot.quantizer == SHARP


def test_a_link_that_becomes_slow_is_not_waited_for_longer_than_a_second() -> None:
    sender = Sender(LAN)
    sender.show(page(1))
    sender.bps = 50_000
    sender.show(page(2), 4.1)
    assert len(sender.shots) == 2


def test_a_picture_that_the_encoder_refuses_is_tried_again() -> None:
    plan = ScreenPlan(WIDTH, HEIGHT, FPS)
    assert plan.wake == inf
    plan.look(page(1), 1000.0)
    assert plan.next(LAN, 1000.0) is not None
    plan.dropped(1000.0)
    assert plan.next(LAN, 1000.001) is None and 1000.001 < plan.wake < 1000.1
    assert plan.next(LAN, plan.wake) is not None
