"""Peers hear what is shown of them: once, on each change, and again over a new connection."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from meshconf.conference.quality import NOTHING, Quality
from meshconf.conference.viewing import Viewing
from meshconf.protocol.messages import Want
from meshconf.types import PeerId, SourceKind

ANN = PeerId("ann")
CAMERA, SCREEN = SourceKind.CAMERA, SourceKind.SCREEN


class Media:
    """What a link throws away."""

    def __init__(self) -> None:
        self.discarded: frozenset[SourceKind] = frozenset()

    def discard(self, kinds: frozenset[SourceKind]) -> None:
        self.discarded = kinds


class Stage:
    """One peer, whose camera is shown in a window."""

    def __init__(self) -> None:
        self.shown: dict[SourceKind, Quality] = {CAMERA: Quality(360, 30)}
        self.link: Any = self.connect()
        self.sent: list[Want] = []
        self.deaf = False
        self.viewing = Viewing(
            lambda _, source: self.shown.get(source, NOTHING), link=lambda _: self.link, send=self._send
        )

    def connect(self) -> Any:
        self.link = SimpleNamespace(media=Media())
        return self.link

    def _send(self, peer: PeerId, want: Want) -> bool:
        if not self.deaf:
            self.sent.append(want)
        return not self.deaf

    def tell(self) -> dict[SourceKind, tuple[int, bool]]:
        """What the peer is told: height, and whether it pauses."""
        self.sent.clear()
        self.viewing.tell([ANN])
        return {want.source: (want.height, want.paused) for want in self.sent}


def test_a_peer_is_told_once_and_again_when_something_changes() -> None:
    stage = Stage()
    assert stage.tell() == {CAMERA: (360, False), SCREEN: (0, True)}
    assert stage.tell() == {}
    stage.shown[CAMERA] = Quality(180, 15)
    assert stage.tell() == {CAMERA: (180, False)}
    stage.shown[CAMERA] = NOTHING
    assert stage.tell() == {CAMERA: (0, True)}


def test_what_nobody_sees_is_thrown_away_on_arrival() -> None:
    stage = Stage()
    stage.tell()
    assert stage.link.media.discarded == {SCREEN}


def test_a_new_connection_and_one_that_did_not_take_it_are_told_again() -> None:
    stage = Stage()
    stage.deaf = True
    stage.tell()
    stage.deaf = False
    assert set(stage.tell()) == {CAMERA, SCREEN}
    stage.connect()
    assert set(stage.tell()) == {CAMERA, SCREEN}


def test_what_somebody_asks_for_counts_more_than_windows() -> None:
    stage = Stage()
    stage.tell()
    stage.sent.clear()
    stage.viewing.ask(ANN, CAMERA, 720, 30, paused=False)
    assert [(want.source, want.height) for want in stage.sent] == [(CAMERA, 720)]
    stage.shown[CAMERA] = NOTHING
    assert stage.tell() == {}
    stage.viewing.ask(ANN, CAMERA, 0, 0, paused=True)
    assert stage.sent[-1].paused
    stage.viewing.forget(ANN)
    assert stage.tell()[SCREEN] == (0, True)
