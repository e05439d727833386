"""The liar lies as it is told, so that the tests of trust prove something."""

from __future__ import annotations

import pytest

from meshconf.signaling.base import Arrived, News, Received
from meshconf.signaling.rendezvous import join_room, open_room
from rendezvous.messages import Join, Open
from tests.support import hostile_rendezvous as hostile


async def _heard(lie: hostile.Lie | None, boxes: list[bytes], expected: int) -> list[bytes]:
    async with hostile.HostileRendezvous(lie=lie) as server:
        async with await open_room(server.url, ["a"], b"t" * 16) as host, await join_room(server.url, "a") as guest:
            assert await host.receive() == Arrived(guest.own)
            for box in boxes:
                await guest.send(host.own, box)
            news: list[News] = [await host.receive() for _ in range(expected)]
            server.inject(hostile.Relayed(guest.own, host.own, b"end"))
            assert await host.receive() == Received(guest.own, b"end")
            assert [each.box for each in server.relayed] == boxes
            assert server.seen == b"\n".join(boxes)
            assert server.requests[:2] == [(host.own, Open(("a",), b"t" * 16)), (guest.own, Join("a"))]
    return [each.box for each in news if isinstance(each, Received)]


@pytest.mark.parametrize(
    ("lie", "heard"),
    [
        (None, [b"\x01", b"\x02"]),
        (hostile.replay(), [b"\x01", b"\x01", b"\x02", b"\x02"]),
        (hostile.replay_first(), [b"\x01", b"\x01"]),
        (hostile.flip(), [b"\x00", b"\x03"]),
        (hostile.flip(0, nth=1), [b"\x01", b"\x82"]),
        (hostile.swap(), [b"\x02", b"\x01"]),
        (hostile.misattribute(), [b"\x01", b"\x02"]),
        (hostile.reflect(), [b"\x01", b"\x02"]),
        (hostile.add(b"x"), [b"\x01", b"x", b"\x02", b"x"]),
    ],
)
async def test_a_lie_is_told_as_ordered(lie: hostile.Lie | None, heard: list[bytes]) -> None:
    assert await _heard(lie, [b"\x01", b"\x02"], len(heard)) == heard


async def test_what_is_dropped_never_arrives() -> None:
    async with hostile.HostileRendezvous(lie=hostile.drop()) as server:
        async with await open_room(server.url, ["a"], b"t" * 16) as host, await join_room(server.url, "a") as guest:
            await guest.send(host.own, b"lost")
            assert await host.receive() == Arrived(guest.own)
        assert [each.box for each in server.relayed] == [b"lost"]
