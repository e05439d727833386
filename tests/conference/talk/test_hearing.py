"""Who does not hear whom is told with a name, in both directions, and a new connection begins anew."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from meshconf.conference.events import Event, Notice
from meshconf.conference.talk.hearing import Hearing
from meshconf.media.rtp.rtcp import StreamArrivals
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.types import PeerId, SourceKind

BOB = PeerId("bob")
MIC = SourceKind.MIC


def link() -> Any:
    return SimpleNamespace(
        outgoing={MIC: OutgoingStream(MIC, 1, 2)},
        sounds={MIC: SimpleNamespace(packets=0)},
        reports={},
    )


def test_both_ways_are_watched_and_told_by_name() -> None:
    told: list[Event] = []
    links = {BOB: link()}
    hearing = Hearing(lambda: links, name=str.capitalize, tell=told.append)
    now = 0.0

    def pass_by(*, arrives: bool) -> None:
        nonlocal now
        for _ in range(10):
            now += 0.5
            media = links[BOB]
            media.outgoing[MIC].counters.packets += 25
            report = media.reports.get(MIC)
            media.reports[MIC] = SimpleNamespace(packets=(report.packets if report else 0) + 25)
            if arrives:
                last = media.outgoing[MIC].counters.packets & 0xFFFF
                media.outgoing[MIC].note_arrivals(StreamArrivals(1, last, (0, 5, None)))
                media.sounds[MIC].packets += 20
            hearing.look(now)

    def codes() -> list[str | None]:
        return [event.code for event in told if isinstance(event, Notice) and event.peer == BOB]

    pass_by(arrives=True)
    assert codes() == []
    pass_by(arrives=False)
    assert codes() == ["hears-not", "not-heard"] and all("Bob" in event.text for event in told)  # type: ignore[attr-defined]
    pass_by(arrives=True)
    assert codes()[2:] == ["heard-again", "hears-again"]
    links[BOB] = link()
    pass_by(arrives=True)
    links.clear()
    hearing.look(now + 10)
    assert len(told) == 4


def test_a_peer_that_has_died_is_not_said_to_be_deaf_before_it_is_gone() -> None:
    told: list[Event] = []
    links = {BOB: link()}
    hearing = Hearing(lambda: links, name=str.capitalize, tell=told.append)
    sent = links[BOB].outgoing[MIC]
    for tick in range(19):
        sent.counters.packets += 25
        if tick < 10:
            sent.note_arrivals(StreamArrivals(1, sent.counters.packets, (0,)))
        hearing.look(tick / 2)
    assert told == []


def test_the_last_packet_that_came_is_known_whatever_was_lost_behind_it() -> None:
    stream = OutgoingStream(MIC, 1, 2)
    stream.note_arrivals(StreamArrivals(1, 10, (None, None)))
    assert stream.arrived is None
    stream.note_arrivals(StreamArrivals(1, 65_534, (3, None, 1, None)))
    assert stream.arrived == 0
