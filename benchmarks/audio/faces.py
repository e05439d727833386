"""A face and its voice on their way to a viewer, in virtual time: how far apart they come."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from meshconf.conference.lipsync import LipSync
from meshconf.media.encoded import EncodedFrame
from meshconf.types import SAMPLE_RATE, PeerId, SourceKind
from tests.conference.virtual_call import Meeting, Viewer, virtual_time
from tests.media.congestion.link import Conditions

_PEER = PeerId("speaker")
_TURN_S = 1.0
"""Seconds between two comparisons, as in a meeting."""
_SETTLED_S = 10.0
_PICTURE_S = 1 / 30
_TICKS = 3000
"""Of the pictures' clock, from one to the next."""


def skews_s(conditions: Conditions, seconds: float, seed: int) -> list[float]:
    """For each picture shown, how many seconds the sound that is heard with it was behind it (below 0: ahead)."""
    with virtual_time() as clock:
        meeting = Meeting(clock, [[(0.0, conditions)]], seed)
        viewer = meeting.viewers[0]
        media = SimpleNamespace(reports={}, pictures={SourceKind.CAMERA: viewer})
        sync = LipSync(
            cast(Any, SimpleNamespace(playout=lambda peer, source: viewer.playout)),
            lambda peer: cast(Any, SimpleNamespace(media=media)),
        )
        skews: list[float] = []
        shown = 0
        while clock.now < seconds:
            meeting.run(_PICTURE_S)
            new, shown = viewer.pictures[shown:], len(viewer.pictures)
            for at, frame in new:
                sync.saw(_PEER, frame)
                if at > _SETTLED_S and viewer.playout.playing:
                    skews.append(_voice_delay_s(viewer) - _picture_delay_s(at, frame))
            if clock.now % _TURN_S < _PICTURE_S:
                media.reports = {
                    SourceKind.MIC: viewer.mic.report(clock.now, clock.now),
                    SourceKind.CAMERA: viewer.camera.report(clock.now, clock.now),
                }
                sync.turn([_PEER])
    return skews


def p95_s(skews: list[float]) -> float:
    """What 95 in 100 pictures are below, whichever came first."""
    return float(np.percentile(np.abs(skews), 95))


def _voice_delay_s(viewer: Viewer) -> float:
    assert viewer.playout.pulled_at is not None
    return viewer.playout.pulled_at - viewer.playout.position % (1 << 32) / SAMPLE_RATE


def _picture_delay_s(at: float, frame: EncodedFrame) -> float:
    # The camera's first picture has the number 1.
    return at - (frame.timestamp % (1 << 32) / _TICKS - 1) * _PICTURE_S
