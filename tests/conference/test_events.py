from __future__ import annotations

import json
from typing import Any

import pytest

from meshconf.conference import events
from meshconf.conference.events import Event, line
from meshconf.types import Ending, LinkPath, PeerState, SourceKind

PEER = "abcdefghij234567"

SOURCE_STATS = events.SourceStats(source=SourceKind.CAMERA)
LINK_STATS = events.LinkStats(
    peer=PEER, path=LinkPath.LAN, rtt_ms=1.5, loss=0.0, up_bps=1.0, down_bps=2.0, sources=[SOURCE_STATS]
)

CONTRACT: list[tuple[Event, str]] = [
    (
        events.Room(room="r", invite="42-a-b-c", link="meshconf:x", self=PEER, title="t", name="Ann"),
        "room invite link self title",
    ),
    (events.Joined(room="r", self=PEER, host=PEER, title="t", name="Ann", peers=[]), "room self host peers"),
    (events.Peer(peer=PEER, name="Ann", state=PeerState.CONNECTED), "peer name state path"),
    (
        events.RoomState(
            epoch=1,
            seq=2,
            host=PEER,
            admins=[],
            members=[PEER],
            locked=False,
            lobby=False,
            forbidden=events.Forbidden(),
        ),
        "epoch seq host admins members locked lobby forbidden",
    ),
    (events.Source(peer=PEER, source=SourceKind.MIC, state="on"), "peer source state"),
    (events.FirstFrame(peer=PEER, name="Ann", source=SourceKind.MIC), "peer source width height"),
    (events.Picture(peer=PEER, source=SourceKind.CAMERA, bus=None), "peer source bus"),
    (events.Windows(open=True), "open"),
    (events.Chat(peer=PEER, name="Ann", text="hi"), "peer text to"),
    (
        events.Stats(links=[LINK_STATS], encoders=[], cpu_s=1.0, rss_bytes=1, loop_lag_ms=0.1),
        "links encoders cpu_s rss_bytes loop_lag_ms",
    ),
    (events.Error(code="wrong-code", message="m", id=4), "code message id"),
    (events.Ok(id=4), "id"),
    (events.Left(reason=Ending.LEFT), "reason"),
]
NAMES = "room joined peer room_state source first_frame picture windows chat stats error ok left".split()


def said(event: Event) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(line(event))
    return parsed


@pytest.mark.parametrize(("event", "fields"), CONTRACT, ids=NAMES)
def test_a_line_says_event_then_time_then_every_field_of_the_contract(event: Event, fields: str) -> None:
    keys = list(said(event))
    assert keys[:2] == ["event", "t"]
    assert set(fields.split()) <= set(keys)


def test_the_events_are_called_as_in_the_contract() -> None:
    assert [said(event)["event"] for event, _ in CONTRACT] == NAMES


def test_the_nested_records_have_every_field_of_the_contract() -> None:
    stats = events.Stats(links=[LINK_STATS], encoders=[], cpu_s=0, rss_bytes=0, loop_lag_ms=0)
    stats.encoders.append(events.EncoderStats(source=SourceKind.CAMERA, rung="360p", viewers=2, bps=1.0))
    data = said(stats)
    assert set(data["links"][0]) == set("peer path rtt_ms loss up_bps down_bps sources".split())
    assert set(data["links"][0]["sources"][0]) == set(
        "source width height fps bps delay_ms delays_ms frozen_ms freezes_ms concealed level_db".split()
    )
    assert set(data["encoders"][0]) == set("source rung viewers bps".split())
    assert set(said(CONTRACT[3][0])["forbidden"]) == set("audio video screen control".split())


def test_an_absent_id_is_left_out_and_other_nulls_are_said() -> None:
    assert "id" not in said(events.Error(code="device", message="no camera"))
    assert said(events.Ok(id=0))["id"] == 0
    assert said(events.Chat(peer=PEER, name="Ann", text="hi"))["to"] is None
    assert said(events.Peer(peer=PEER, name="Ann", state=PeerState.LEFT))["path"] is None


def test_an_event_is_one_line_whatever_the_text_in_it() -> None:
    written = line(events.Chat(peer=PEER, name="Ann", text='one\ntwo\u2028"three"', t=1.23456))
    assert written.count(b"\n") == 1 and written.endswith(b"\n")
    assert json.loads(written)["text"] == 'one\ntwo\u2028"three"'
    assert json.loads(written)["t"] == 1.235
