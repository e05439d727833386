"""A face that leads its voice by more than anybody notices is held back, and no other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from meshconf.conference.lipsync import UNNOTICED, LipSync
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp.rtcp import SenderReport
from meshconf.types import PeerId, SourceKind

ANN = PeerId("ann")
MIC, CAMERA = SourceKind.MIC, SourceKind.CAMERA


class Stage:
    """Ann speaks and is seen: both captured at second 10 of her clock, seen at 50 of ours, heard later."""

    def __init__(self, voice_delay: float) -> None:
        self.aligned: list[float] = []
        reports = {MIC: SenderReport(1, 10 << 32, 0, 0, 0), CAMERA: SenderReport(2, 10 << 32, 0, 0, 0)}
        receiver = SimpleNamespace(align=self.aligned.append)
        media = SimpleNamespace(reports=reports, pictures={CAMERA: SimpleNamespace(receiver=receiver)})
        self.reports: dict[SourceKind, Any] = reports
        self.voice: Any = SimpleNamespace(playing=True, position=0, pulled_at=50.0 + voice_delay)
        ears: Any = SimpleNamespace(playout=lambda peer, source: self.voice)
        link: Any = SimpleNamespace(media=media)
        self.sync = LipSync(ears, lambda _: link)

    def turn(self) -> list[float]:
        self.aligned.clear()
        self.sync.saw(ANN, EncodedFrame("VP8", b"", True, 0, captured=50.0))
        self.sync.turn([ANN])
        return self.aligned


@pytest.mark.parametrize(("delay", "hold"), [(0.0, -UNNOTICED), (0.04, 0.0), (0.15, 0.11)])
def test_the_picture_waits_for_the_voice_but_for_what_nobody_notices(delay: float, hold: float) -> None:
    assert Stage(delay).turn() == [pytest.approx(hold, abs=1e-4)]


def test_a_face_without_a_voice_waits_for_nothing() -> None:
    stage = Stage(0.2)
    stage.voice.playing = False
    assert stage.turn()[0] <= 0
    stage.voice = None
    assert stage.turn()[0] <= 0


def test_before_both_reports_have_come_nothing_is_known() -> None:
    stage = Stage(0.2)
    del stage.reports[MIC]
    assert stage.turn()[0] <= 0


def test_only_pictures_that_came_since_are_compared() -> None:
    stage = Stage(0.2)
    assert stage.turn()
    stage.aligned.clear()
    stage.sync.turn([ANN])
    assert stage.aligned == []
    stage.sync.saw(ANN, EncodedFrame("VP8", b"", True, 0, captured=50.0))
    stage.sync.forget(ANN)
    stage.sync.turn([ANN])
    assert stage.aligned == []
