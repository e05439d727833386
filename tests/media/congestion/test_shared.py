"""A bottleneck that links share: when it is believed in, and what it limits."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.media.congestion.shared import BACKOFF, SharedLimit
from meshconf.types import PeerId


@dataclass
class Seen:
    acknowledged_bps: int = 1_000_000
    queue_delay_s: float = 0.0
    congested: bool = False


class Watched:
    """A number of links, and the limit on all of them."""

    def __init__(self, count: int) -> None:
        self.limit = SharedLimit()
        self.links = {PeerId(str(number)): Seen() for number in range(count)}
        self.now = 0.0

    def pass_time(self, seconds: float, *, wanted_bps: float = 1e9) -> None:
        for _ in range(round(seconds / 0.1)):
            self.now += 0.1
            self.limit.update(self.links, wanted_bps, self.now)

    def congest(self, queues: list[float]) -> None:
        """The first link becomes congested while packets wait so long on each."""
        for index, (link, queue) in enumerate(zip(self.links.values(), queues, strict=True)):
            link.queue_delay_s, link.congested = queue, index == 0
        self.pass_time(0.3)
        for link in self.links.values():
            link.queue_delay_s, link.congested = 0.0, False
        self.pass_time(2)


def test_links_that_all_see_the_queue_share_a_bottleneck() -> None:
    watched = Watched(5)
    watched.congest([0.05] * 5)
    assert watched.limit.bps is None
    for link in watched.links.values():
        link.queue_delay_s = 0.05
    watched.links[PeerId("3")].congested = True
    watched.pass_time(0.1)
    assert watched.limit.bps == BACKOFF * 5e6


def test_a_link_alone_in_its_queue_limits_nobody() -> None:
    watched = Watched(5)
    for _ in range(10):
        watched.congest([0.08, 0.0, 0.01, 0.005, 0.0])
    assert watched.limit.bps is None


def test_two_that_coincide_now_and_then_are_not_believed() -> None:
    watched = Watched(2)
    for turn in range(30):
        watched.congest([0.05, 0.05 if turn % 3 == 0 else 0.0])
        assert watched.limit.bps is None


def test_links_that_fail_without_a_queue_limit_nobody() -> None:
    watched = Watched(3)
    for _ in range(5):
        watched.congest([0.0, 0.0, 0.0])
        watched.congest([0.01, 0.008, 0.012])
    assert watched.limit.bps is None


def test_a_queue_that_grows_only_after_it_was_noticed_is_judged_when_it_has() -> None:
    watched = Watched(3)
    for _ in range(2):
        for queue in (0.0, 0.01, 0.05):
            for link in watched.links.values():
                link.queue_delay_s = queue
            watched.links[PeerId("0")].congested = True
            watched.pass_time(0.1)
        watched.links[PeerId("0")].congested = False
        watched.pass_time(1)
    assert watched.limit.bps is not None


def test_a_single_link_shares_with_nobody() -> None:
    watched = Watched(1)
    for _ in range(5):
        watched.congest([0.1])
    assert watched.limit.bps is None


def test_links_that_send_nothing_are_not_asked() -> None:
    watched = Watched(4)
    watched.links[PeerId("2")].acknowledged_bps = watched.links[PeerId("3")].acknowledged_bps = 0
    for _ in range(3):
        watched.congest([0.05, 0.05, 0.0, 0.0])
    assert watched.limit.bps is not None


def test_the_limit_grows_slowly_near_what_was_too_much_and_fast_beyond() -> None:
    watched = Watched(3)
    for _ in range(2):
        watched.congest([0.05] * 3)
    assert watched.limit.bps is not None and 0.9 * 3e6 < watched.limit.bps < 1.1 * 3e6
    assert not watched.limit.growing
    watched.pass_time(3)
    assert watched.limit.growing
    watched.pass_time(2)
    assert watched.limit.bps is not None and watched.limit.bps > 2 * 3e6


def test_a_limit_far_over_what_is_wanted_is_lifted() -> None:
    watched = Watched(3)
    for _ in range(2):
        watched.congest([0.05] * 3)
    watched.pass_time(0.1, wanted_bps=5e6)
    assert watched.limit.bps is not None
    watched.pass_time(6, wanted_bps=5e6)
    assert watched.limit.bps is None


def test_a_limit_is_lifted_when_links_turn_out_to_be_apart() -> None:
    watched = Watched(3)
    for _ in range(2):
        watched.congest([0.05] * 3)
    for _ in range(3):
        watched.congest([0.05, 0.0, 0.0])
    assert watched.limit.bps is None
