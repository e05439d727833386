"""A link that has become slower is told from bursts of ours, from jitter and from a path that stood still."""

from __future__ import annotations

from random import Random

from meshconf.media.congestion.history import Acknowledged
from meshconf.media.congestion.onset import Backlog, Onset

OFFSET, DELAY = 500.0, 0.02
BASE = OFFSET + DELAY
REPORT = 0.05


class Path:
    """A link that is sent 1.9 Mbit/s in packets of 1200 bytes, and its reports."""

    def __init__(self, rate_bps: float = 2e6) -> None:
        self.rate_bps = rate_bps
        self.onset = Onset()
        self.backlog = Backlog()
        self.told: list[float] = []
        """When congestion was seen to begin, on the receiver's clock without its offset."""
        self._free = 0.0
        self._came: list[Acknowledged] = []
        self._report_at = REPORT

    def send(self, at: float, size: int = 1200, held_until: float = 0.0, extra: float = 0.0) -> None:
        out = max(at, self._free, held_until) + size * 8 / self.rate_bps
        self._free = out
        arrived = out + DELAY + extra
        while arrived > self._report_at:
            if self._came:
                self.onset.update(self._came, BASE, 0.0)
                if self.onset.rising:
                    self.told.append(self._report_at)
                self._came = []
            self._report_at += REPORT
        self._came.append(Acknowledged(OFFSET + arrived, at, size, self.backlog.add(size, 2e6, at)))

    def run(self, begin: float, end: float, **how: float) -> None:
        for number in range(round((end - begin) / 0.005)):
            self.send(begin + number * 0.005, **how)  # type: ignore[arg-type]


def test_a_cut_is_seen_within_a_tenth_of_a_second_and_its_rate_is_known() -> None:
    path = Path()
    path.run(0, 1)
    assert path.told == []
    path.rate_bps = 300_000
    path.run(1, 1.1)
    assert path.told and path.told[0] <= 1 + DELAY + 0.1
    assert 0.9 * 300_000 < path.onset.bps < 1.1 * 300_000


def test_a_burst_of_ours_is_none() -> None:
    path = Path()
    path.run(0, 1)
    for _ in range(20):
        path.send(1.0)  # 96 ms of the link at once
    path.run(1.0, 2.0)
    assert path.told == []


def test_a_path_that_stands_still_and_lets_all_go_is_no_slower_link() -> None:
    for at in range(20):
        path = Path(rate_bps=20e6)
        path.run(0, 1)
        path.run(1.0, 1.15, held_until=1.15 + at * 0.0025)
        path.run(1.15, 2)
        assert path.told == []


def test_jitter_is_none_and_a_link_a_little_too_thin_is_left_to_the_queue() -> None:
    random = Random(3)
    path = Path(rate_bps=20e6)
    for number in range(4000):
        path.send(number * 0.005, extra=random.uniform(0, 0.02))
    assert path.told == []
    path = Path(rate_bps=1.7e6)
    path.run(0, 1.5)
    assert path.told == []


def test_what_we_send_ourselves_is_expected_to_wait_until_it_is_gone() -> None:
    backlog = Backlog()
    assert backlog.add(1250, 1e6, 5.0) == 0.01
    assert backlog.add(1250, 1e6, 5.0) == 0.02
    assert 0.01 < backlog.add(1250, 1e6, 5.01) < 0.02
    assert backlog.add(1250, 1e6, 6.0) == 0.01
