"""The host's life as one member hears it."""

from __future__ import annotations

from meshconf.protocol.room.messages import Beat
from meshconf.protocol.room.pulse import LOST_AFTER, Pulse
from tests.protocol.room.logs import A, B


def beat(n: int) -> Beat:
    return Beat(1, A.id, bytes(32), n, bytes(64))


def test_only_a_newer_beat_is_news() -> None:
    pulse = Pulse(0.0)
    assert pulse.is_news(beat(0))
    pulse.hear(beat(3), 1.0)
    assert not pulse.is_news(beat(3)) and not pulse.is_news(beat(2)) and pulse.is_news(beat(4))
    assert pulse.is_newest(beat(3)) and not pulse.is_newest(beat(2))


def test_silence_is_counted_from_the_last_beat_or_excuse() -> None:
    pulse = Pulse(0.0)
    pulse.hear(beat(1), 1.0)
    assert pulse.silent_for(3.0) == 2.0
    pulse.excuse(3.0)
    assert pulse.silent_for(3.5) == 0.5


def test_after_a_goodbye_late_beats_revive_nobody() -> None:
    pulse = Pulse(0.0)
    pulse.mourn(5.0)
    pulse.hear(beat(9), 5.1)
    assert pulse.silent_for(5.1) >= LOST_AFTER
    pulse.excuse(6.0)
    assert pulse.silent_for(6.0) == 0.0


def test_a_beat_is_passed_to_whoever_has_not_shown_it() -> None:
    pulse = Pulse(0.0)
    assert not pulse.lacks(B.id)
    pulse.hear(beat(2), 0.0)
    assert pulse.lacks(B.id)
    pulse.shown(B.id, beat(2))
    pulse.shown(B.id, beat(1))
    assert not pulse.lacks(B.id)
    pulse.forget(B.id)
    assert pulse.lacks(B.id)


def test_a_new_host_begins_without_a_past() -> None:
    pulse = Pulse(0.0)
    pulse.hear(beat(2), 0.0)
    pulse.reset(9.0)
    assert pulse.beat is None and pulse.silent_for(9.0) == 0.0
