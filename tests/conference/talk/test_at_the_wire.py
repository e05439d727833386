"""Muted means that not one packet of the microphone leaves: seen in the datagrams between two members."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from meshconf.conference import events
from meshconf.conference.conference import Conference
from meshconf.conference.talk import commands
from meshconf.conference.talk.events import Hand
from meshconf.rtc.datagrams import SocketOutlet
from meshconf.types import SourceKind
from tests.support.waiting import until


class Wire:
    """What leaves, by the SSRC that stands in clear in each sealed packet of RTP (RFC 3711, 3.1)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.packets: dict[int, int] = {}
        send, send_segments = SocketOutlet.send, SocketOutlet.send_segments

        def one(outlet: SocketOutlet, data: bytes | memoryview) -> None:
            self._count(bytes(data))
            send(outlet, data)

        def several(outlet: SocketOutlet, data: memoryview, size: int) -> None:
            for at in range(0, len(data), size):
                self._count(bytes(data[at : at + size]))
            send_segments(outlet, data, size)

        monkeypatch.setattr(SocketOutlet, "send", one)
        monkeypatch.setattr(SocketOutlet, "send_segments", several)

    def _count(self, data: bytes | memoryview) -> None:
        if not 192 <= data[1] <= 223:  # RTCP (RFC 5761, 4) tells of times, and carries no sound
            ssrc = int.from_bytes(data[8:12])
            self.packets[ssrc] = self.packets.get(ssrc, 0) + 1


@pytest.mark.lab
async def test_muted_no_packet_of_the_microphone_is_on_the_wire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESHCONF_HOME", str(tmp_path))
    wire = Wire(monkeypatch)
    async with (
        Conference.host(name="Ada", mic="test", start_muted=True, loopback=True, windows=False) as ada,
        Conference.join(ada.link, name="Bob", loopback=True, windows=False) as bob,
    ):
        microphone = ada._studio.feeds[SourceKind.MIC].ssrc
        blocks: list[object] = []
        publisher = ada._studio.sounds[SourceKind.MIC]
        publisher.on_captured = lambda block, clean: blocks.append(block)
        heard: list[events.Event] = []
        told = asyncio.create_task(_follow(bob, heard))

        async def silence() -> None:
            """The device gives ten blocks, and nothing of them leaves."""
            before, given = wire.packets.get(microphone, 0), len(blocks)
            await until(lambda: len(blocks) >= given + 10)
            assert wire.packets.get(microphone, 0) == before

        async def sound() -> None:
            before = wire.packets.get(microphone, 0)
            await until(lambda: wire.packets.get(microphone, 0) >= before + 10)

        await until(lambda: any(isinstance(event, events.Peer) and event.state == "connected" for event in heard))
        await silence()
        await ada.do(commands.Unmute())
        await sound()
        for mute in (commands.Mute(), commands.PushToTalk(state="on")):
            await ada.do(mute)
            await silence()
            await ada.do(commands.PushToTalk(state="down"))
            await sound()
            await ada.do(commands.PushToTalk(state="up"))
            await silence()
        states = [event.state for event in heard if isinstance(event, events.Source)]
        assert states == ["on", "off", "on", "off", "on", "off"]
        await ada.do(commands.Hand(up=True))
        await until(lambda: any(isinstance(event, Hand) and event.up for event in heard))
        told.cancel()
        await asyncio.gather(told, return_exceptions=True)


async def _follow(meeting: Conference, heard: list[events.Event]) -> None:
    async for event in meeting.events():
        heard.append(event)
