"""The uplink: who gets what, who is paused, and whose turn it is to probe."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.media.congestion.probing import ProbePlan
from meshconf.media.congestion.uplink import PATIENCE, PAUSE, PROBE_SPACING, Allocation, LinkDemand, Uplink, Wish
from meshconf.types import PeerId, SourceKind

MIC, SCREEN, CAMERA = SourceKind.MIC, SourceKind.SCREEN, SourceKind.CAMERA
ADA, BEN, CAI = PeerId("ada"), PeerId("ben"), PeerId("cai")
SOUND = Wish(32_000, 32_000)
PICTURES = {MIC: SOUND, SCREEN: Wish(200_000, 1_500_000), CAMERA: Wish(100_000, 800_000)}


@dataclass
class Estimated:
    target_bps: int
    acknowledged_bps: int = 500_000
    loss: float = 0.0
    queue_delay_s: float = 0.0
    congested: bool = False


def settle(uplink: Uplink, links: dict[PeerId, LinkDemand], seconds: float = 5.0, begin: float = 0.0) -> Allocation:
    for tick in range(round(seconds / 0.1) + 1):
        allocation = uplink.allocate(links, begin + tick * 0.1)
    return allocation


def alone(target_bps: int, **known: float) -> dict[SourceKind, int]:
    estimated = Estimated(target_bps, **known)  # type: ignore[arg-type]
    return settle(Uplink(), {ADA: LinkDemand(estimated, PICTURES)})[ADA]


def test_where_there_is_enough_every_wish_comes_true() -> None:
    assert alone(3_000_000) == {MIC: 32_000, SCREEN: 1_500_000, CAMERA: 800_000}


def test_the_screen_is_served_before_the_camera_but_the_camera_keeps_its_floor() -> None:
    granted = alone(1_000_000)
    assert granted[MIC] == 32_000
    assert granted[CAMERA] == 100_000
    assert granted[SCREEN] == 950_000 - 132_000


def test_where_not_both_fit_the_camera_is_paused() -> None:
    granted = alone(300_000)
    assert granted == {MIC: 32_000, SCREEN: 285_000 - 32_000, CAMERA: 0}


def test_sound_is_never_paused() -> None:
    assert alone(30_000) == {MIC: 32_000, SCREEN: 0, CAMERA: 0}


def test_what_is_lost_is_sent_again_and_has_its_room() -> None:
    assert sum(alone(1_000_000, loss=0.2).values()) <= 0.8 * 950_000


def test_a_slow_viewer_changes_nothing_for_the_others() -> None:
    fast = {peer: LinkDemand(Estimated(3_000_000), PICTURES) for peer in (ADA, BEN)}
    slow = LinkDemand(Estimated(100_000, congested=True, queue_delay_s=0.3), PICTURES)
    with_slow = settle(Uplink(), {**fast, CAI: slow})
    without = settle(Uplink(), fast)
    assert {peer: with_slow[peer] for peer in fast} == without


def test_a_shared_uplink_is_divided_fairly_and_its_sum_is_kept() -> None:
    uplink = Uplink()
    estimates = {peer: Estimated(2_000_000) for peer in (ADA, BEN, CAI)}
    links = {
        peer: LinkDemand(estimated, {MIC: SOUND, CAMERA: PICTURES[CAMERA]}) for peer, estimated in estimates.items()
    }
    for turn in range(3):
        for congested in (True, False):
            for estimated in estimates.values():
                estimated.congested, estimated.queue_delay_s = congested, 0.06 * congested
            allocation = settle(uplink, links, 0.6, turn * 2.0 + (not congested))
    shares = [sum(granted.values()) for granted in allocation.values()]
    assert 0 < sum(shares) <= 0.95 * 1_600_000
    assert max(shares) - min(shares) < 10


def test_what_runs_is_not_paused_for_what_could_come_back() -> None:
    uplink = Uplink()
    estimates = {peer: Estimated(2_000_000, 100_000) for peer in (ADA, BEN)}
    links = {peer: LinkDemand(estimated, {CAMERA: Wish(100_000, 800_000)}) for peer, estimated in estimates.items()}
    now = 0.0

    def share(seconds: float) -> list[int]:
        # Together they were too much again and again, so that there is room for one camera only.
        nonlocal now
        for tick in range(round(seconds / 0.1)):
            now += 0.1
            for estimated in estimates.values():
                estimated.congested, estimated.queue_delay_s = tick % 10 < 5, 0.06
            granted = uplink.allocate(links, now)
        return [granted[peer][CAMERA] for peer in (ADA, BEN)]

    assert [bps > 0 for bps in share(5)] == [True, False]
    estimates[ADA].target_bps = 50_000
    assert [bps > 0 for bps in share(5)] == [False, True]
    estimates[ADA].target_bps = 2_000_000
    assert [bps > 0 for bps in share(5)] == [False, True]


def test_a_moment_of_shortage_pauses_nothing() -> None:
    uplink, estimated = Uplink(), Estimated(1_000_000)
    links = {ADA: LinkDemand(estimated, PICTURES)}
    settle(uplink, links, 1.0)
    estimated.target_bps = 60_000
    assert settle(uplink, links, PATIENCE - 0.2, 1.1)[ADA][CAMERA] == 100_000
    estimated.target_bps = 1_000_000
    settle(uplink, links, 0.5, 2.0)
    assert uplink.allocate(links, 2.6)[ADA][CAMERA] == 100_000


def test_what_was_paused_comes_back_with_some_room_to_spare_and_not_too_soon() -> None:
    uplink, estimated = Uplink(), Estimated(120_000)
    links = {ADA: LinkDemand(estimated, {MIC: SOUND, CAMERA: Wish(100_000, 500_000)})}
    assert settle(uplink, links, 2.0)[ADA][CAMERA] == 0
    estimated.target_bps = 145_000
    assert settle(uplink, links, 2 * PAUSE, 2.1)[ADA][CAMERA] == 0
    estimated.target_bps = 400_000
    assert uplink.allocate(links, 7.0)[ADA][CAMERA] > 300_000
    estimated.target_bps = 60_000
    settle(uplink, links, 1.5, 7.1)
    estimated.target_bps = 400_000
    assert settle(uplink, links, PAUSE - 1.0, 8.7)[ADA][CAMERA] == 0
    assert uplink.allocate(links, 8.7 + PAUSE)[ADA][CAMERA] > 300_000


def test_a_wish_given_up_and_made_again_starts_afresh() -> None:
    uplink = Uplink()
    poor = LinkDemand(Estimated(120_000), {CAMERA: Wish(150_000, 500_000)})
    assert settle(uplink, {ADA: poor}, 2.0)[ADA] == {CAMERA: 0}
    assert uplink.allocate({ADA: LinkDemand(poor.estimate, {CAMERA: Wish(0, 0)})}, 2.1)[ADA] == {CAMERA: 0}
    rich = LinkDemand(Estimated(1_000_000), {CAMERA: Wish(150_000, 500_000)})
    assert uplink.allocate({ADA: rich}, 2.2)[ADA] == {CAMERA: 500_000}


def test_links_that_are_gone_leave_nothing_behind() -> None:
    uplink = Uplink()
    for number in range(50):
        link = LinkDemand(Estimated(20_000), PICTURES)
        settle(uplink, {PeerId(str(number)): link}, 1.5, number * 2.0)
    assert uplink.allocate({}, 200.0) == {}
    assert not uplink._paused and not uplink._short


class Eager:
    """A link that would always send a burst."""

    def probe(self, now: float) -> ProbePlan | None:
        return ProbePlan(1_000_000, 6000)


class Content:
    """A link that needs none."""

    def probe(self, now: float) -> ProbePlan | None:
        return None


def test_bursts_of_different_links_do_not_meet() -> None:
    uplink = Uplink()
    assert uplink.probe(Content(), 0.0) is None
    assert uplink.probe(Eager(), 0.0) is not None
    assert uplink.probe(Eager(), PROBE_SPACING / 2) is None
    assert uplink.probe(Eager(), PROBE_SPACING) is not None
