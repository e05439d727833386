"""What faces are told of a call: rates since the last reading, nothing of who is gone, and at no cost to the sound."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from meshconf.codec.decoding.board import Series
from meshconf.conference import statistics as statistics_module
from meshconf.conference.events import EncoderStats, SourceStats
from meshconf.conference.process_cost import Cost, ProcessCost
from meshconf.conference.publishing.pictures import PicturePublisher
from meshconf.conference.statistics import LoopLag, Statistics
from meshconf.rtc.feed import Feed
from meshconf.rtc.stats import LinkStats
from meshconf.types import Medium, PeerId, SourceKind
from tests.conference.mirror import Unseen

ANN = PeerId("ann")
MIC, CAMERA = SourceKind.MIC, SourceKind.CAMERA


class Clock:
    """Monotonic seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Call:
    """A call with Ann, whose every counter can be set."""

    def __init__(self) -> None:
        self.here = {ANN}
        self.sources = {MIC, CAMERA}
        self.forbidden: set[Medium] = set()
        self.packets: Any = SimpleNamespace(packets=0)
        self.media = SimpleNamespace(sounds={MIC: self.packets}, discarded=set[SourceKind](), outgoing={})
        self.voice = SimpleNamespace(counters=SimpleNamespace(played=0, concealed=0))
        self.view: Any = None
        link = SimpleNamespace(media=self.media, path=lambda: None, stats=lambda: LinkStats(20.04, 0.01, 800, 900))
        mesh = SimpleNamespace(
            connected=lambda: sorted(self.here),
            member=lambda peer: peer if peer in self.here else None,
            sources_of=lambda peer: self.sources,
        )
        room = SimpleNamespace(state=SimpleNamespace(allows=lambda peer, medium: medium not in self.forbidden))
        driver: Any = SimpleNamespace(mesh=mesh, room=room, link=lambda peer: link)
        meter = SimpleNamespace(read=lambda: (-30.04, True))
        ears: Any = SimpleNamespace(playout=lambda peer, kind: self.voice, meter=lambda peer: meter)
        gallery: Any = SimpleNamespace(counters=lambda peer, kind: self.view)
        self.camera = PicturePublisher(
            CAMERA,
            Feed(CAMERA),
            seed="",
            size=(1280, 720, 30),
            mirror=Unseen(),
            on_lost=lambda kind, sentence: None,
        )
        self.statistics = Statistics(driver, ears, gallery, {CAMERA: self.camera}, LoopLag(lambda lag: None))

    async def ann(self, source: SourceKind) -> SourceStats:
        """A reading of a source of hers."""
        (link,) = (await self.statistics.take()).links
        return next(one for one in link.sources if one.source is source)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(statistics_module, "time", clock)
    monkeypatch.setattr(ProcessCost, "read", lambda self: Cost(1.23456, 1000))
    return clock


@pytest.fixture
def call(clock: Clock) -> Call:
    return Call()


async def test_rates_span_the_time_since_the_last_reading(call: Call, clock: Clock) -> None:
    await call.statistics.take()
    call.packets.packets, call.voice.counters.played, call.voice.counters.concealed = 100, 100, 5
    clock.now += 2.0
    voice = await call.ann(MIC)
    assert (voice.fps, voice.concealed, voice.level_db) == (50.0, 0.05, -30.0)
    clock.now += 2.0
    voice = await call.ann(MIC)
    assert (voice.fps, voice.concealed) == (0.0, None)


async def test_a_picture_that_stands_still_is_frozen_before_it_moves_again(call: Call, clock: Clock) -> None:
    clock.now += 1.0
    assert (await call.ann(CAMERA)).frozen_ms == 1000, "there is no picture at all"
    call.view = SimpleNamespace(
        width=640, height=360, frames=30, last=clock.now, frozen=0.0, freezes=Series(1, (250.0,)), delays=Series()
    )
    clock.now += 1.0
    seen = await call.ann(CAMERA)
    assert (seen.fps, seen.frozen_ms, seen.freezes_ms, seen.delay_ms) == (30.0, 0, [250.0], None)
    clock.now += 1.0
    seen = await call.ann(CAMERA)
    assert (seen.fps, seen.frozen_ms, seen.freezes_ms) == (0.0, 1000, [])


async def test_what_is_not_wanted_does_not_freeze_and_what_is_forbidden_is_not_told(call: Call, clock: Clock) -> None:
    call.media.discarded.add(CAMERA)
    call.forbidden.add(Medium.AUDIO)
    clock.now += 1.0
    (link,) = (await call.statistics.take()).links
    assert [(one.source, one.frozen_ms) for one in link.sources] == [(CAMERA, 0.0)]


async def test_who_went_and_comes_back_is_counted_from_zero(call: Call, clock: Clock) -> None:
    call.packets.packets = 500
    await call.statistics.take()
    call.here.clear()
    assert (await call.statistics.take()).links == []
    call.here.add(ANN)
    call.packets.packets = 50
    clock.now += 1.0
    assert (await call.ann(MIC)).fps == 50.0


async def test_encoders_are_told_while_somebody_watches(
    call: Call, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = call.camera.rungs[:2]
    call.media.outgoing = {CAMERA: SimpleNamespace(rung=large.index)}
    call.camera.octets = {small.index: 9000, large.index: 1000}
    call.camera.wanted = {large: large.start_bps}
    assert (await call.statistics.take()).encoders == [], "it is off"
    monkeypatch.setattr(PicturePublisher, "on", True)
    call.camera.octets[large.index] = 2000
    clock.now += 2.0
    await call.statistics.take()
    call.camera.octets[large.index] = 3000
    clock.now += 2.0
    assert (await call.statistics.take()).encoders == [EncoderStats(source=CAMERA, rung="720p30", viewers=1, bps=4000)]


async def test_processes_are_counted_in_a_thread(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def read(self: ProcessCost) -> Cost:
        threads.append(threading.get_ident())
        return Cost(1.23456, 1000)

    monkeypatch.setattr(ProcessCost, "read", read)
    stats = await call.statistics.take()
    assert (stats.cpu_s, stats.rss_bytes) == (1.235, 1000)
    assert threads and threading.get_ident() not in threads


def test_what_we_cost_counts_ourselves() -> None:
    cost = ProcessCost().read()
    assert cost.cpu_s > 0.0 and cost.rss_bytes > 1_000_000
