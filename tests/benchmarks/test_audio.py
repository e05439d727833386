import numpy as np
import pytest

from benchmarks.audio import engine, plain
from benchmarks.audio.crowd import listen
from benchmarks.audio.faces import p95_s
from benchmarks.audio.heard import BLOCK_S, Heard
from benchmarks.audio.line import BURST_S, SLOT_S, TRANSIT_S, Conditions, Line
from benchmarks.audio.mouth_to_ear import delays_s
from benchmarks.audio.spoken import spoken
from benchmarks.tables.voice import judge
from meshconf.types import BLOCK, SAMPLE_RATE


def carried(conditions: Conditions, seconds: float = 200.0) -> list[float | None]:
    line = Line(conditions, seconds, 1)
    return [line.carry(slot * SLOT_S) for slot in range(round(seconds / SLOT_S))]


@pytest.mark.parametrize("bursts", [False, True])
def test_lines_lose_as_much_as_they_are_told(bursts: bool) -> None:
    came = carried(Conditions(loss=0.1, bursts=bursts))
    lost = [arrives is None for arrives in came]
    runs = sum(b and not a for a, b in zip(lost, lost[1:], strict=False))
    assert np.mean(lost) == pytest.approx(0.1, abs=0.015)
    assert sum(lost) / runs * SLOT_S == pytest.approx(BURST_S if bursts else SLOT_S / 0.9, rel=0.15)


def test_lines_delay_in_order_and_the_same_for_everybody() -> None:
    first, second = (carried(Conditions(jitter_s=0.1)) for _ in range(2))
    assert first == second
    delays = [arrives - slot * SLOT_S for slot, arrives in enumerate(first) if arrives is not None]
    assert min(delays) >= TRANSIT_S - 1e-9 and 0.09 < max(delays) - TRANSIT_S <= 0.1
    assert all(a <= b for a, b in zip(first, first[1:], strict=False) if a is not None and b is not None)


def heard(sound: np.ndarray, said: np.ndarray) -> Heard:
    slots = sound.size // BLOCK
    return Heard(said, sound, np.arange(slots) * BLOCK, np.full(slots, 0.05), 0.0)


def test_silence_in_speech_is_seen_and_stalls_are_counted() -> None:
    said = np.full(4 * SAMPLE_RATE, 5000, dtype=np.int16)
    sound = said.copy()
    sound[100 * BLOCK : 105 * BLOCK] = 0  # 100 ms are none
    sound[120 * BLOCK : 126 * BLOCK] = 20
    assert heard(sound, said).filled == pytest.approx(1 - 11 / 150)
    assert heard(sound, said).stalls == 1
    assert heard(sound, np.zeros_like(said) + 1).empty() == []


def test_a_clean_line_takes_nothing_from_either() -> None:
    said = spoken(6.0)
    ours, theirs = (way(said, Conditions(), 1) for way in (engine.call, plain.call))
    for one in (ours, theirs):
        assert one.filled == 1.0 and one.made_up == 0.0 and one.stalls == 0
    # A block, the line, and until the speaker asks; aiortc holds four packets.
    assert ours.delay_s(2, 6) == pytest.approx(BLOCK_S + TRANSIT_S + engine.PHASE_S, abs=0.002)
    assert theirs.delay_s(2, 6) > ours.delay_s(2, 6) + 0.05


def test_copies_repair_what_breaks_plain_aiortc() -> None:
    said = spoken(12.0)
    ours, theirs = (judge(way(said, Conditions(loss=0.2), 2)) for way in (engine.call, plain.call))
    assert ours.filled > 0.995 and ours.made_up < 0.03 and ours.stalls_per_minute == 0
    assert ours.delay_ms < 1000 * (BLOCK_S + TRANSIT_S + engine.PHASE_S) + 45
    assert theirs.filled < 0.7


def test_a_crowd_does_not_clip() -> None:
    crowd = listen(2.0, 1)
    assert crowd.clipped == 0 and crowd.peak_without_limiter > 1.0 and crowd.cpu > 0


def test_the_95th_percentile_counts_both_directions() -> None:
    assert p95_s([0.01] * 90 + [-0.1] * 10) == pytest.approx(0.1)


def test_delays_are_found_by_what_was_said() -> None:
    said = spoken(6.0)
    late = np.concatenate([np.zeros(4800, np.int16), said])
    found = delays_s(said, late[2400:] // 2, lead_s=0.05)
    # Its recording begins 50 ms later, so that the first second is not in it.
    assert len(found) >= 3 and found == pytest.approx([0.1] * len(found), abs=0.001)
    noise = np.random.default_rng(1).normal(0, 3000, said.size).astype(np.int16)
    assert delays_s(said, noise) == []
