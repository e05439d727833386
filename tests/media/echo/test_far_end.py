"""Two cards with clocks of their own, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from meshconf.media.echo.far_end import LEAD, FarEnd

BLOCK, RATE = 960, 48_000
Sound = npt.NDArray[np.int16]


def noise(seconds: float) -> Sound:
    """Below 6 kHz, as what echoes is."""
    size = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(size))
    spectrum[size * 6000 // RATE :] = 0
    wave = np.fft.irfft(spectrum, size)
    sound: Sound = np.rint(wave / np.abs(wave).max() * 20_000).astype(np.int16)
    return sound


class Cards:
    """A loudspeaker that plays `sound`, and a microphone whose clock runs otherwise."""

    def __init__(self, sound: Sound, *, ppm: float = 0.0, jitter: float = 0.0, ahead: float = 0.04) -> None:
        self.sound = sound
        self.far_end = FarEnd()
        self._ppm = ppm
        self._jitter = jitter
        self._ahead = ahead
        self._random = np.random.default_rng(3)
        self._played = 0
        self.start = 500.0
        self.late = 0.0
        """Seconds by which the loudspeaker sounds later than it did at first."""

    def play_until(self, now: float) -> None:
        """Hand over what the loudspeaker has taken by then."""
        while (sounds := self.start + self.late + self._played * 0.02) - self._ahead <= now:
            block = self.sound[self._played * BLOCK : (self._played + 1) * BLOCK]
            self.far_end.play(sounds + self._random.normal(0, self._jitter), block)
            self._played += 1

    def run(self, begin: float, end: float) -> Iterator[tuple[Sound, float]]:
        """What lies beside each block of the microphone, and where in the sound it is, without the lead."""
        pace = 0.02 / (1 + self._ppm * 1e-6)
        for number in range(int(begin / pace), int(end / pace)):
            captured = self.start + 0.01 + number * pace  # between two blocks of the loudspeaker
            self.play_until(captured + 0.04)
            beside = self.far_end.beside(captured + self._random.normal(0, self._jitter), BLOCK)
            yield beside, (captured - self.start) * RATE


def place_of(block: Sound, sound: Sound, expected: float) -> float:
    """Where in the sound the block is, in samples from where it is expected: the peak of their correlation."""
    first = int(expected) - 1000
    products = np.correlate(sound[first : first + BLOCK + 2000].astype(float), block.astype(float), "valid")
    peak = int(products.argmax())
    below, top, above = products[peak - 1 : peak + 2]
    return float(first + peak + (below - above) / (2 * (below - 2 * top + above)) - expected)


@pytest.mark.parametrize("ppm", [0.0, 100.0, 1000.0, -1000.0])
def test_what_lies_beside_stays_beside(ppm: float) -> None:
    cards = Cards(noise(22), ppm=ppm, jitter=0.0003)
    offsets = [place_of(block, cards.sound, at) / RATE for block, at in list(cards.run(0, 20))[-100:]]
    assert np.mean(offsets) == pytest.approx(cards.far_end.lead, abs=0.0005)
    assert np.ptp(offsets) < 0.0004, "the echo's path stands still"


def test_clocks_that_agree_leave_the_sound_as_it_is() -> None:
    cards = Cards(noise(4))
    *_, (block, at) = cards.run(0, 3)
    first = round(at + LEAD * RATE)
    assert np.abs(block.astype(int) - cards.sound[first : first + BLOCK]).max() <= 2


def test_the_lead_is_what_the_loudspeaker_knows_in_advance() -> None:
    shallow = Cards(noise(2), ahead=-0.018)
    blocks = [block for block, _ in shallow.run(0.1, 1)]
    assert 0.0 < shallow.far_end.lead < LEAD
    assert all(block.any() for block in blocks)


def test_a_block_that_was_not_played_moves_the_place_at_once() -> None:
    cards = Cards(noise(8), jitter=0.0002)
    list(cards.run(0, 2))
    cards.late = 0.03  # all that follows sounds later
    offsets = [place_of(block, cards.sound, at - 0.03 * RATE) / RATE for block, at in cards.run(2, 4)]
    off = [abs(offset - cards.far_end.lead) > 0.005 for offset in offsets[2:]]
    assert any(off[:5]) and not any(off[8:])


def test_one_wrong_time_moves_nothing() -> None:
    beside = []
    for wrong in (0.0, 0.5):
        cards = Cards(noise(6))
        list(cards.run(0, 3))
        cards.far_end.beside(cards.start + 3.01 + wrong, BLOCK)
        beside.append(np.concatenate([block for block, _ in cards.run(3.02, 4)]))
    assert beside[0].any() and np.array_equal(beside[0], beside[1])


def test_nothing_played_is_silence() -> None:
    assert not FarEnd().beside(10.0, BLOCK).any()


def test_a_loudspeaker_that_fell_silent_is_not_heard_again() -> None:
    cards = Cards(noise(2))
    list(cards.run(0, 1.5))
    blocks = [cards.far_end.beside(cards.start + 1.5 + number * 0.02, BLOCK) for number in range(200)]
    assert not any(block.any() for block in blocks[10:])


def test_another_loudspeaker_begins_anew() -> None:
    cards = Cards(noise(8))
    list(cards.run(0, 2))
    cards.start += 5.0
    offsets = [place_of(block, cards.sound, at) / RATE for block, at in list(cards.run(2.2, 4))[10:]]
    assert np.allclose(offsets, cards.far_end.lead, atol=0.001)


def test_a_microphone_that_was_off_finds_its_place_at_once() -> None:
    cards = Cards(noise(8), ppm=200)
    list(cards.run(0, 2))
    cards.play_until(cards.start + 5)
    cards.far_end.restart()
    block, at = next(cards.run(5, 6))
    assert place_of(block, cards.sound, at) / RATE == pytest.approx(cards.far_end.lead, abs=0.001)
