import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meshconf.media.level import FLOOR_DB
from meshconf.media.samples import Samples
from meshconf.media.voice import VoicePlayout
from meshconf.media.voice.packets import MAX_PACKETS
from meshconf.types import BLOCK, SAMPLE_RATE
from tests.media.voice.line import BLOCK_S, MADE_UP, ScriptedDecoder, delay_s, packet, vowel

PHASE_S = 0.007
VOWEL = vowel()


class Talk:
    """A voice and its play-out, step by step: each step is 20 ms, and the packet of that time comes or does not."""

    def __init__(self, *, copies: bool = False, sound: Samples = VOWEL) -> None:
        self.playout = VoicePlayout(ScriptedDecoder(sound, copies=copies))
        self.sequence = 100
        self.now = 0.0

    @property
    def number(self) -> int:
        return round(self.now / BLOCK_S)

    @property
    def delay_s(self) -> float:
        """What play-out adds to the delay of the last block, the line being as fast as can be."""
        return delay_s(self.playout)

    def push(self, number: int | None = None, payload: bytes | None = None) -> None:
        number = self.number if number is None else number
        payload = packet(number) if payload is None else payload
        self.playout.push(self.sequence + number, number * BLOCK, payload, self.now)

    def pull(self) -> Samples:
        block = self.playout.pull(self.now + PHASE_S)
        self.now += BLOCK_S
        assert block.shape == (BLOCK,) and block.dtype == np.int16
        return block

    def speak(self, blocks: int) -> Samples:
        heard = [np.zeros(0, np.int16)]
        for _ in range(blocks):
            self.push()
            heard.append(self.pull())
        return np.concatenate(heard)

    def silence(self, blocks: int) -> Samples:
        return np.concatenate([np.zeros(0, np.int16), *(self.pull() for _ in range(blocks))])


def test_nothing_is_played_before_the_first_packet() -> None:
    talk = Talk()
    assert not talk.silence(10).any() and not talk.playout.playing
    assert talk.playout.counters.played == 0 and talk.playout.level_db == FLOOR_DB
    assert talk.playout.position == 0


def test_every_sample_is_played_once_and_in_order() -> None:
    talk = Talk()
    heard = talk.speak(10)
    assert np.array_equal(heard[2 * BLOCK :], VOWEL[BLOCK : 9 * BLOCK])
    assert talk.playout.counters.concealed == 0


def test_level_position_and_delay_are_those_of_the_block_played() -> None:
    talk = Talk()
    talk.speak(100)
    assert talk.playout.level_db == pytest.approx(-18, abs=3)
    assert 98 * BLOCK <= talk.playout.position <= 99 * BLOCK
    assert talk.playout.pulled_at == pytest.approx(99 * BLOCK_S + PHASE_S)


def test_a_lost_packet_is_made_up_and_costs_no_delay() -> None:
    talk = Talk()
    talk.speak(100)
    usual = talk.delay_s
    heard = np.concatenate([talk.pull(), talk.speak(3)])
    assert (heard == MADE_UP).sum() == BLOCK
    talk.speak(20)
    assert talk.playout.counters.concealed == BLOCK
    assert talk.delay_s == pytest.approx(usual, abs=1e-6)


def test_a_packet_late_by_a_block_is_played_late_and_the_delay_comes_back() -> None:
    talk = Talk()
    talk.speak(100)
    usual = talk.delay_s
    late = talk.number
    talk.pull()
    talk.push(late)
    talk.speak(1)
    assert talk.delay_s > usual + 0.005
    assert talk.playout.counters.concealed == BLOCK and talk.playout.counters.late == 0
    talk.speak(200)
    assert talk.delay_s < usual + 0.005


def test_a_packet_whose_time_is_over_is_counted_and_dropped() -> None:
    talk = Talk()
    talk.speak(100)
    late = talk.number
    talk.pull()
    talk.speak(5)
    talk.push(late)
    talk.push(late)
    talk.speak(5)
    assert talk.playout.counters.late == 1


def test_repeated_packets_are_harmless() -> None:
    talk = Talk()
    for _ in range(100):
        talk.push()
        talk.push()
        if talk.number:
            talk.push(talk.number - 1)
        talk.pull()
    counters = talk.playout.counters
    assert (counters.concealed, counters.late, counters.restarts) == (0, 0, 0)
    assert talk.delay_s < 0.02


def test_where_many_packets_are_lost_the_copy_in_the_next_one_is_used() -> None:
    for copies in (False, True):
        talk, rng = Talk(copies=copies), random.Random(1)
        talk.speak(50)
        for _ in range(1000):
            if rng.random() > 0.1:
                talk.push()
            talk.pull()
        counters = talk.playout.counters
        assert (counters.recovered > 3 * counters.concealed) == copies
        assert talk.delay_s < (0.05 if copies else 0.03)


def test_where_few_are_lost_no_delay_is_spent_on_copies() -> None:
    talk, rng = Talk(copies=True), random.Random(1)
    talk.speak(200)
    for _ in range(1000):
        if rng.random() > 0.002:
            talk.push()
        talk.pull()
    assert talk.delay_s < 0.03


def test_a_hole_fades_to_silence_and_the_sender_is_taken_to_have_stopped() -> None:
    talk = Talk()
    talk.speak(100)
    heard = talk.silence(50)
    loud = np.flatnonzero(heard)
    assert SAMPLE_RATE // 10 <= loud[-1] <= SAMPLE_RATE // 5
    assert not talk.playout.playing and talk.playout.level_db == FLOOR_DB


def test_a_pause_of_the_sender_is_no_loss() -> None:
    talk = Talk()
    talk.speak(100)
    skipped = 40
    talk.silence(skipped)
    talk.sequence -= skipped  # numbers go on where they were, time does not
    talk.speak(100)
    assert talk.playout.counters.concealed == 0 and talk.playout.counters.restarts == 0
    assert talk.delay_s < 0.03


@pytest.mark.parametrize("pause", [10, 100, 10_000])
def test_after_a_pause_of_any_length_the_voice_is_back_at_once(pause: int) -> None:
    talk = Talk()
    talk.speak(100)
    talk.silence(pause)
    talk.sequence -= pause
    heard = talk.speak(10)
    assert np.abs(heard[3 * BLOCK :].astype(int)).max() > 5000
    assert talk.delay_s < 0.045


def test_silence_that_is_not_sent_is_comfort_and_no_concealment() -> None:
    talk = Talk()
    talk.speak(100)
    for _ in range(5):
        talk.push(payload=b"\x08")  # announces it
        talk.pull()
        heard = talk.silence(19)
        assert (heard[BLOCK:] == MADE_UP).all(), "the decoder's noise, not faded"
        talk.sequence -= 19
    talk.speak(50)
    counters = talk.playout.counters
    assert counters.concealed == 0 and counters.comfort >= 5 * 19 * BLOCK and talk.delay_s < 0.03


def test_a_pause_takes_all_delay_that_is_too_much() -> None:
    talk, rng = Talk(), random.Random(1)
    talk.speak(50)
    for _ in range(20):  # late by up to five blocks
        late = talk.number
        talk.silence(rng.randrange(6))
        for number in range(late, talk.number + 1):
            talk.push(number)
        talk.pull()
    assert talk.delay_s > 0.08
    for _ in range(26):  # as long as it takes to forget
        talk.push(payload=b"\x08")
        talk.silence(20)
        talk.sequence -= 19
    talk.speak(2)
    assert talk.delay_s < 0.05


def test_a_leap_of_the_stream_is_a_new_beginning() -> None:
    talk = Talk()
    talk.speak(100)
    talk.sequence += 30_000
    heard = talk.speak(10)
    assert talk.playout.counters.restarts == 1 and talk.delay_s < 0.05
    assert np.abs(heard[3 * BLOCK :].astype(int)).max() > 5000


def test_a_new_beginning_does_not_click() -> None:
    sound = vowel(pitch_hz=140.0)
    steepest = int(np.abs(np.diff(sound.astype(np.int32))).max())
    for moment in range(100, 110):
        talk = Talk(sound=sound)
        before = talk.speak(moment)[-BLOCK:]
        talk.sequence += 30_000
        heard = np.concatenate([before, talk.speak(10)]).astype(np.int32)
        assert talk.playout.counters.restarts == 1
        assert np.abs(np.diff(heard)).max() <= 1.1 * steepest


def test_a_sender_whose_clock_was_set_meanwhile_is_not_waited_for() -> None:
    talk = Talk()
    talk.speak(100)
    talk.silence(1500)
    for _ in range(10):
        number = talk.number + 25  # half a second ahead of before
        talk.playout.push(talk.sequence + number, number * BLOCK, packet(number), talk.now + PHASE_S - 0.001)
        talk.pull()
    assert talk.delay_s < 0.05 - 0.5


def test_a_loudspeaker_that_stood_still_goes_on_with_what_is_said_now() -> None:
    talk = Talk()
    talk.speak(100)
    for _ in range(100):  # two seconds without a pull
        talk.push()
        talk.now += BLOCK_S
    talk.speak(2)
    assert talk.delay_s < 0.05
    assert talk.playout.counters.concealed == 0


def test_a_loudspeaker_that_asks_in_bursts_gets_whole_sound() -> None:
    playout = VoicePlayout(ScriptedDecoder(VOWEL))
    for number in range(600):
        playout.push(number, number * BLOCK, packet(number), number * BLOCK_S)
        if number % 3 == 2:
            for _ in range(3):
                playout.pull(number * BLOCK_S + PHASE_S)
        if number == 300:
            before = playout.counters.concealed
    assert playout.counters.concealed == before


def test_blocks_of_ten_milliseconds_are_made_as_well() -> None:
    playout = VoicePlayout(ScriptedDecoder(VOWEL), block=BLOCK // 2)
    heard = []
    for number in range(100):
        playout.push(number, number * BLOCK, packet(number), number * BLOCK_S)
        for half in (0, 1):
            heard.append(playout.pull(number * BLOCK_S + PHASE_S + half * BLOCK_S / 2))
    assert all(block.shape == (BLOCK // 2,) for block in heard)
    assert playout.counters.concealed == 0 and delay_s(playout) < 0.02


def test_broken_packets_are_made_up() -> None:
    class Refusing(ScriptedDecoder):
        def decode(self, packet: bytes) -> Samples:
            return np.zeros(0, dtype=np.int16)

    playout = VoicePlayout(Refusing(VOWEL))
    for number in range(100):
        playout.push(number, number * BLOCK, b"\xff", number * BLOCK_S)
        playout.pull(number * BLOCK_S + PHASE_S)
    assert playout.counters.concealed > 0 and delay_s(playout) < 0.05


steps = st.tuples(
    st.one_of(st.integers(0, 40), st.integers(0, 2**40)),
    st.one_of(st.integers(0, 40 * BLOCK), st.integers(0, 2**40)),
    st.sampled_from([0.0, 0.001, 0.02, 0.3, 100.0]),
    st.booleans(),
)


@settings(deadline=None)
@given(st.lists(steps, max_size=80))
@example([(0, 0, 0.0, False), (1, 33 * BLOCK, 0.0, False), (2, 0, 0.0, False)])
def test_any_numbers_at_any_time_end_in_blocks(sent: list[tuple[int, int, float, bool]]) -> None:
    playout, now = VoicePlayout(ScriptedDecoder(VOWEL, copies=True)), 0.0
    for sequence, timestamp, pause, pull in sent:
        now += pause
        playout.push(sequence, timestamp, packet(sequence), now)
        if pull:
            assert playout.pull(now).shape == (BLOCK,)
        assert len(playout._packets) <= MAX_PACKETS and len(playout._arrivals) <= MAX_PACKETS
        assert playout._supply.ahead.size <= 4 * BLOCK
    for _ in range(250):
        now += BLOCK_S
        playout.pull(now)
    assert not playout.playing, "it ends when nothing comes any more"


def test_a_flood_is_bounded() -> None:
    playout = VoicePlayout(ScriptedDecoder(VOWEL))
    for number in range(5000):
        playout.push(number, number * 10, packet(number), 0.0)
    assert len(playout._packets) <= MAX_PACKETS and len(playout._arrivals) <= MAX_PACKETS
    assert playout.pull(0.0).shape == (BLOCK,)


def test_copies_that_were_sent_soon_are_waited_for_and_late_ones_not() -> None:
    for behind, waits in ((2, True), (6, False)):
        talk, rng, lost = Talk(), random.Random(1), set()
        for _ in range(1000):
            if rng.random() > 0.1:
                talk.push()
            else:
                lost.add(talk.number)
            if talk.number >= behind and (talk.number - behind in lost or rng.random() < 0.5):
                talk.push(talk.number - behind)
            talk.pull()
        assert (talk.playout.counters.concealed < 0.2 * len(lost) * BLOCK) == waits
        assert (0.03 < talk.delay_s < 0.06) == waits and talk.delay_s < 0.06


def test_an_announcement_of_silence_that_comes_late_costs_no_delay() -> None:
    talk = Talk()
    talk.speak(100)
    usual = talk.delay_s
    announcement = talk.number
    talk.silence(8)
    talk.push(announcement, b"\x08")
    talk.silence(11)
    talk.sequence -= 18
    talk.speak(3)
    assert talk.delay_s == pytest.approx(usual, abs=1e-6)
    assert talk.playout.counters.concealed <= BLOCK


@pytest.mark.parametrize("step", [-300, -1, 0, 1, 20_000])
def test_over_another_connection_a_voice_goes_on_whatever_its_packets_are_numbered(step: int) -> None:
    talk = Talk()
    talk.speak(50)
    talk.sequence += step
    talk.playout.renumber()
    heard = talk.speak(50)
    assert heard[-40 * BLOCK :].reshape(-1, BLOCK).any(axis=1).all()
