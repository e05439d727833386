"""The processor: when to step down and up."""

from __future__ import annotations

from meshconf.media.overuse import FIRST_WAIT, MAX_WAIT, PROOF, OveruseDetector, Step


class Machine:
    """Asks for the verdict every half second."""

    def __init__(self) -> None:
        self.detector = OveruseDetector()
        self.now = 100.0
        self.detector.verdict(self.now)

    def run(self, seconds: float, usage: float = 0.3, *, lag: float = 0.001, late: int = 0) -> list[tuple[float, Step]]:
        begin = self.now
        steps: list[tuple[float, Step]] = []
        for _ in range(round(seconds / 0.5)):
            for _ in range(15):
                self.detector.encode(usage / 30, 1 / 30)
            self.detector.loop_lag(lag)
            self.detector.late_sound(late)
            self.now += 0.5
            step = self.detector.verdict(self.now)
            if step is not Step.STEADY:
                steps.append((self.now - begin, step))
        return steps

    def wait_for_up(self) -> float:
        begin = self.now
        while not self.run(0.5):
            assert self.now < begin + 1000
        return self.now - begin


def test_a_machine_that_keeps_up_is_left_alone_until_more_is_tried() -> None:
    assert Machine().run(FIRST_WAIT) == []
    assert Machine().run(FIRST_WAIT + 1) == [(FIRST_WAIT + 0.5, Step.UP)]


def test_encoding_that_takes_too_long_steps_down_within_a_second() -> None:
    assert Machine().run(1.5, 0.95) == [(1.0, Step.DOWN)]


def test_between_the_marks_nothing_is_done() -> None:
    assert Machine().run(120, 0.7) == []


def test_calm_that_was_interrupted_begins_anew() -> None:
    machine = Machine()
    assert machine.run(8) + machine.run(1, 0.7) + machine.run(8) == []


def test_one_slow_half_second_is_forgiven() -> None:
    machine = Machine()
    assert machine.run(0.5, 1.5) + machine.run(5, 0.6) == []


def test_late_sound_steps_down_at_once_however_idle_the_encoder() -> None:
    assert Machine().run(0.5, 0.1, late=2) == [(0.5, Step.DOWN)]


def test_a_lagging_loop_steps_down_though_encoding_is_fast() -> None:
    assert Machine().run(0.5, 0.1, lag=0.12) == [(0.5, Step.DOWN)]
    assert Machine().run(1.0, 0.1, lag=0.05) == [(1.0, Step.DOWN)]


def test_a_step_is_given_time_to_show_but_not_where_sound_suffers() -> None:
    times = [time for time, _ in Machine().run(6, 0.95)]
    assert times == [1.0, 3.0, 5.0]
    assert len(Machine().run(2, 0.1, late=2)) == 4


def test_a_step_up_that_failed_is_tried_ever_later() -> None:
    machine, waits = Machine(), []
    for _ in range(7):
        waits.append(machine.wait_for_up())
        assert [step for _, step in machine.run(3, 0.95)] == [Step.DOWN]
        machine.run(3, 0.7)
    assert waits[0] < waits[1] < waits[2] < waits[3]
    assert waits[0] < FIRST_WAIT + 1 and MAX_WAIT <= waits[-1] <= MAX_WAIT + 1


def test_a_step_up_that_proved_right_is_followed_by_the_next_as_soon_as_the_first() -> None:
    machine = Machine()
    machine.wait_for_up()
    machine.run(3, 0.95)
    assert machine.wait_for_up() > 2 * FIRST_WAIT - 1
    machine.run(2 * PROOF + 1, 0.7)
    assert machine.wait_for_up() < FIRST_WAIT + 1
