from __future__ import annotations

import sys

import numpy as np
import pytest

from meshconf.conference.voice_cleaner import VoiceCleaner
from meshconf.devices.synthetic import Tone
from meshconf.errors import DeviceError
from meshconf.media.echo.far_end import FarEnd
from meshconf.media.level import level_db
from meshconf.media.samples import Samples
from meshconf.media.typing_duck import DEPTH
from meshconf.types import BLOCK, SAMPLE_RATE

START = 1000.0


class Card:
    """A loudspeaker, and a microphone that hears it across a room; time passes block by block."""

    def __init__(self, sound: Samples) -> None:
        self.captured = START
        self._sound = sound
        self._asked = self._read = 0
        echo = np.convolve(sound, [0.0] * 200 + [0.5, 0.2, 0.0, -0.1])[: sound.size]
        self._heard = np.rint(echo).astype(np.int16)

    def played(self) -> list[tuple[float, Samples]]:
        """A `TimedSink`'s."""
        first, self._asked = self._asked, min(self._read + 4, self._sound.size // BLOCK)
        return [(START + n * 0.02, self._sound[n * BLOCK : (n + 1) * BLOCK]) for n in range(first, self._asked)]

    def hear(self) -> Samples:
        """The microphone's next block."""
        self.captured = START + self._read * 0.02
        self._read += 1
        block: Samples = self._heard[(self._read - 1) * BLOCK : self._read * BLOCK]
        return block

    async def read(self) -> Samples:
        return self.hear()

    def close(self) -> None:
        pass


def noise(seconds: float) -> Samples:
    return (np.random.default_rng(5).standard_normal(int(seconds * SAMPLE_RATE)) * 1500).astype(np.int16)


def no_complaint(error: DeviceError) -> None:
    raise AssertionError(error)


def blocks(cleaner: VoiceCleaner, card: Card, count: int) -> tuple[Samples, Samples]:
    """What was heard, and what is sent."""
    heard = []
    sent = []
    for _ in range(count):
        heard.append(card.hear())
        sent.append(cleaner.clean(card, heard[-1]))
    return np.concatenate(heard), np.concatenate(sent)


def test_what_the_loudspeaker_plays_is_not_sent() -> None:
    card = Card(noise(4))
    cleaner = VoiceCleaner(card.played, no_complaint)
    cleaner.prepare(card)
    blocks(cleaner, card, 100)
    heard, sent = blocks(cleaner, card, 50)
    assert level_db(heard) - level_db(sent) > 30


def test_raw_means_raw_and_it_can_change_at_any_time() -> None:
    card = Card(noise(4))
    cleaner = VoiceCleaner(card.played, no_complaint, on=False)
    cleaner.prepare(card)
    heard, sent = blocks(cleaner, card, 10)
    assert np.array_equal(heard, sent)
    cleaner.on = True
    blocks(cleaner, card, 100)
    heard, sent = blocks(cleaner, card, 50)
    assert level_db(heard) - level_db(sent) > 30


async def test_what_is_no_microphone_goes_out_as_it_is() -> None:
    tone = Tone(500)
    cleaner = VoiceCleaner(lambda: [], no_complaint)
    cleaner.prepare(tone)
    block = await tone.read()
    assert cleaner.clean(tone, block) is block


def test_stereo_goes_out_as_it_is() -> None:
    card = Card(noise(1))
    cleaner = VoiceCleaner(card.played, no_complaint)
    cleaner.prepare(card)
    stereo = np.ones((BLOCK, 2), dtype=np.int16)
    assert cleaner.clean(card, stereo) is stereo


def test_each_microphone_is_brought_in_line_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    restarts: list[bool] = []
    monkeypatch.setattr(FarEnd, "restart", lambda self: restarts.append(True))
    cleaner = VoiceCleaner(lambda: [], no_complaint)
    for card in (Card(noise(1)), Card(noise(1))):
        blocks(cleaner, card, 10)
    assert len(restarts) == 2


def test_without_the_library_it_is_told_once_and_typing_is_lowered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    monkeypatch.setattr("time.monotonic", lambda: START + 0.1)
    card = Card(noise(1))
    complaints: list[DeviceError] = []
    cleaner = VoiceCleaner(card.played, complaints.append)
    cleaner.prepare(card)
    cleaner.typing()
    heard, sent = blocks(cleaner, card, 25)
    quiet = slice(int(0.12 * SAMPLE_RATE), int(0.22 * SAMPLE_RATE))
    assert level_db(sent[quiet]) - level_db(heard[quiet]) == pytest.approx(20 * np.log10(DEPTH), abs=0.2)
    assert np.array_equal(heard[-BLOCK:], sent[-BLOCK:])
    assert len(complaints) == 1 and "headphones" in complaints[0].fix
