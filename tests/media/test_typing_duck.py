import numpy as np
import numpy.typing as npt

from meshconf.media.typing_duck import DEPTH, HOLD, TypingDuck
from meshconf.types import BLOCK

LOUD = np.full(BLOCK, 10_000, dtype=np.int16)


def run(duck: TypingDuck, begin: float, end: float) -> npt.NDArray[np.int16]:
    return np.concatenate([duck.duck(LOUD, at) for at in np.arange(begin, end - 0.001, 0.02)])


def test_without_keys_nothing_is_touched() -> None:
    assert TypingDuck().duck(LOUD, 5.0) is LOUD


def test_a_key_lowers_the_microphone_for_a_moment() -> None:
    duck = TypingDuck()
    duck.press(10.0)
    sound = run(duck, 9.9, 10.4)
    seconds = 9.9 + np.arange(sound.size) / 48_000
    assert np.all(sound[(seconds > 9.98) & (seconds < 10.0 + HOLD - 0.01)] == round(10_000 * DEPTH))
    assert np.all(sound[seconds < 9.96] == 10_000)
    assert np.all(sound[seconds > 10.0 + HOLD + 0.07] == 10_000)


def test_it_goes_down_and_up_on_ramps() -> None:
    duck = TypingDuck()
    duck.duck(LOUD, 9.98)
    duck.press(10.01)  # its noise was in a block that is already sent
    steps = np.abs(np.diff(run(duck, 10.0, 10.4).astype(int)))
    assert 0 < steps.max() <= 10_000 / 240 + 2
    assert steps[BLOCK:].max() <= 10_000 / 240 / 12 + 2, "up again more slowly"


def test_further_keys_keep_it_low() -> None:
    duck = TypingDuck()
    sound = []
    for number in range(20):
        duck.press(10.0 + number * 0.1)
        sound.append(run(duck, 10.0 + number * 0.1, 10.1 + number * 0.1))
    assert np.concatenate(sound)[BLOCK:].max() == round(10_000 * DEPTH)


def test_the_noise_of_a_key_is_lowered_though_the_next_was_pressed() -> None:
    duck = TypingDuck()
    duck.press(10.0)
    duck.duck(LOUD, 9.98)
    duck.press(10.1)  # while sound of before waits to be processed
    assert duck.duck(LOUD, 10.0).max() == round(10_000 * DEPTH)


def test_a_later_key_does_not_reach_back() -> None:
    duck = TypingDuck()
    duck.press(10.0)
    run(duck, 10.0, 10.4)
    duck.press(20.0)
    assert np.array_equal(duck.duck(LOUD, 19.9), LOUD)
