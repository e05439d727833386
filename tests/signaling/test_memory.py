"""The rendezvous in memory keeps the rules of the real one."""

from __future__ import annotations

import asyncio

import pytest

from meshconf.errors import LocalProtocolError, NoSuchMeeting, Refused, SignalingLost
from meshconf.signaling.base import Arrived, Departed, Received, RoomSocket
from meshconf.signaling.memory import MemoryRendezvous
from rendezvous.messages import MAX_BOX

TOKEN = b"t" * 16


async def test_two_peers_find_each_other_and_exchange_boxes() -> None:
    relay = MemoryRendezvous()
    host: RoomSocket
    async with await relay.open_room("memory:", ["l-a"], TOKEN, allocate=True) as host:
        assert host.names == ("l-a", "1")
        async with await relay.join_room("memory:", "1") as guest:
            assert guest.names == ("1",)
            assert guest.members == {host.own}
            await guest.send(host.own, b"hello")
            assert [await host.receive(), await host.receive()] == [Arrived(guest.own), Received(guest.own, b"hello")]
        assert await host.receive() == Departed(guest.own)


async def test_refusals_are_those_of_the_real_rendezvous() -> None:
    relay = MemoryRendezvous()
    with pytest.raises(NoSuchMeeting):
        await relay.join_room("memory:", "1")
    async with await relay.open_room("memory:", ["a"], TOKEN) as host, await relay.open_room("memory:", ["b"], TOKEN):
        with pytest.raises(Refused) as refused:
            await relay.open_room("memory:", ["a"], b"o" * 16)
        assert refused.value.reason == "taken"
        with pytest.raises(Refused):
            await host.rename(["b"])
        await host.rename(["c"])
        assert host.names == ("c",)
        with pytest.raises(LocalProtocolError):
            await host.send(1, b"\0" * (MAX_BOX + 1))


async def test_a_joiner_keeps_count_of_the_members() -> None:
    relay = MemoryRendezvous()
    first = await relay.open_room("memory:", ["a"], TOKEN)
    async with await relay.join_room("memory:", "a") as guest, await relay.open_room("memory:", ["a"], TOKEN) as second:
        assert guest.members == {first.own, second.own}
        await first.close()
        assert guest.members == {second.own}
        assert second.members == frozenset()


async def test_an_empty_room_ends_after_its_grace() -> None:
    now = 0.0
    relay = MemoryRendezvous(clock=lambda: now)
    await (await relay.open_room("memory:", ["a"], TOKEN)).close()
    await (await relay.join_room("memory:", "a")).close()
    now = 121.0
    with pytest.raises(NoSuchMeeting):
        await relay.join_room("memory:", "a")


async def test_a_reader_learns_that_the_relay_is_gone() -> None:
    relay = MemoryRendezvous()
    host = await relay.open_room("memory:", ["a"], TOKEN)
    waiting = asyncio.create_task(host.receive())
    await asyncio.sleep(0)
    await relay.close()
    with pytest.raises(SignalingLost):
        await waiting
    with pytest.raises(SignalingLost):
        await host.receive()
    with pytest.raises(SignalingLost):
        await host.send(1, b"")
