"""What viewers show and what their links carry decides what is encoded, and who gets it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from meshconf.conference.distribution import Distribution
from meshconf.conference.economy import Economy
from meshconf.media.congestion.uplink import Uplink
from meshconf.media.rungs import ladder
from meshconf.protocol.messages import Want
from meshconf.types import PeerId, SourceKind

CAMERA, SCREEN = SourceKind.CAMERA, SourceKind.SCREEN


class FakeMedia:
    """A link's media: how much it carries, and what it was told to send."""

    def __init__(self, bps: int) -> None:
        self.estimator = SimpleNamespace(
            target_bps=bps, acknowledged_bps=bps, loss=0.0, queue_delay_s=0.0, congested=False, wanted_bps=0
        )
        self.shown: dict[SourceKind, int | None] = {}

    def show(self, kind: SourceKind, rung: int | None) -> None:
        self.shown[kind] = rung


class Stage:
    """A 1280x720 camera and a 1280x720 screen, and viewers."""

    def __init__(self) -> None:
        self.now = 100.0
        self.links: dict[PeerId, Any] = {}
        self.publishers: dict[SourceKind, Any] = {
            kind: SimpleNamespace(on=kind is CAMERA, wanted={}, cpu_short=False, rungs=ladder(kind, 1280, 720, 30))
            for kind in (CAMERA, SCREEN)
        }
        sounds: Any = {kind: SimpleNamespace(on=False, expected_loss=5) for kind in SourceKind if kind.is_audio}
        self.told: list[str] = []
        self.economy = Economy(self.told.append)
        self.distribution = Distribution(sounds, self.publishers, lambda: self.links, Uplink(), self.economy)

    def viewer(self, name: str, bps: int = 10_000_000) -> FakeMedia:
        media = FakeMedia(bps)
        self.links[PeerId(name)] = SimpleNamespace(media=media)
        return media

    def want(self, name: str, height: int, source: SourceKind = CAMERA, *, fps: int = 30, paused: bool = False) -> None:
        self.distribution.want(PeerId(name), Want(source=source, height=height, fps=fps, paused=paused))

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds * 5)):
            self.now += 0.2
            self.distribution.turn()

    @property
    def encoded(self) -> dict[int, int]:
        """Height and bitrate of what is encoded of the camera."""
        return {rung.height: bps for rung, bps in self.publishers[CAMERA].wanted.items()}


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    with patch("meshconf.conference.distribution.time.monotonic", lambda: stage.now):
        yield stage


def test_nothing_is_encoded_for_nobody(stage: Stage) -> None:
    stage.distribution.turn()
    assert stage.encoded == {}


def test_a_viewer_that_has_said_nothing_gets_the_whole_picture(stage: Stage) -> None:
    media = stage.viewer("ann")
    stage.distribution.turn()
    assert media.shown[CAMERA] == 0 and set(stage.encoded) == {720}


def test_what_a_viewer_shows_acts_at_once_and_a_paused_one_costs_nothing(stage: Stage) -> None:
    ann, ben = stage.viewer("ann"), stage.viewer("ben")
    stage.want("ann", 180, fps=15)
    stage.want("ben", 360)
    assert (ann.shown[CAMERA], ben.shown[CAMERA]) == (2, 1)
    assert set(stage.encoded) == {180, 360}
    stage.want("ben", 360, paused=True)
    assert ben.shown[CAMERA] is None and set(stage.encoded) == {180}
    stage.want("ben", 0)
    assert ben.shown[CAMERA] is None


def test_a_thin_link_gets_a_small_picture_and_the_others_notice_nothing(stage: Stage) -> None:
    others = [stage.viewer(name) for name in ("ann", "ben", "cai", "dan")]
    stage.run(1)
    before = stage.encoded[720]
    thin = stage.viewer("eve", 300_000)
    stage.run(2)
    assert thin.shown[CAMERA] in (1, 2)
    assert all(media.shown[CAMERA] == 0 for media in others)
    assert stage.encoded[720] == before


def test_the_screen_comes_before_the_camera(stage: Stage) -> None:
    media = stage.viewer("ann", 1_200_000)
    stage.publishers[SCREEN].on = True
    stage.run(1)
    screen = sum(stage.publishers[SCREEN].wanted.values())
    assert media.shown[SCREEN] is not None and screen > sum(stage.encoded.values())
    assert screen + sum(stage.encoded.values()) <= 1_200_000


def test_a_source_that_is_off_and_a_viewer_who_left_cost_nothing(stage: Stage) -> None:
    stage.viewer("ann")
    stage.want("ann", 180)
    stage.links.clear()
    stage.distribution.forget(PeerId("ann"))
    stage.distribution.turn()
    assert stage.encoded == {}
    media = stage.viewer("ann")
    stage.publishers[CAMERA].on = False
    stage.distribution.turn()
    assert stage.encoded == {} and media.shown.get(CAMERA) is None


def test_a_link_is_told_how_much_it_would_be_used_for(stage: Stage) -> None:
    media = stage.viewer("ann")
    stage.distribution.turn()
    assert media.estimator.wanted_bps >= stage.publishers[CAMERA].rungs[0].max_bps
    stage.want("ann", 0, paused=True)
    assert media.estimator.wanted_bps < 100_000


def test_a_busy_computer_encodes_cheaper_then_smaller(stage: Stage) -> None:
    media = stage.viewer("ann")
    stage.run(1)
    assert not stage.publishers[CAMERA].cpu_short
    stage.economy.level = 1
    stage.run(1)
    assert stage.publishers[CAMERA].cpu_short and media.shown[CAMERA] == 0
    stage.economy.level = 3
    stage.run(1)
    assert media.shown[CAMERA] == 2 and set(stage.encoded) == {180}


def test_a_screen_keeps_its_size_on_a_computer_that_is_short_of_time(stage: Stage) -> None:
    stage.publishers[SCREEN].on = True
    viewer = stage.viewer("ada")
    stage.economy.level = 3
    stage.run(1)
    assert (viewer.shown[SCREEN], viewer.shown[CAMERA]) == (0, 2)
    assert stage.publishers[SCREEN].cpu_short
