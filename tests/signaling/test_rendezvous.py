"""The client against a real server on this machine, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from meshconf.errors import LocalProtocolError, NoSuchMeeting, Refused, RendezvousUnreachable, SignalingLost
from meshconf.signaling.base import Arrived, Departed, Received, RoomSocket
from meshconf.signaling.rendezvous import join_room, open_room
from rendezvous.limits import Limits
from rendezvous.messages import MAX_BOX, SUBPROTOCOL
from rendezvous.server import RendezvousServer

TOKEN = b"t" * 16


@pytest.fixture
async def server() -> AsyncIterator[RendezvousServer]:
    async with RendezvousServer("127.0.0.1", 0) as server:
        yield server


async def test_two_peers_find_each_other_and_exchange_boxes(server: RendezvousServer) -> None:
    host: RoomSocket
    async with await open_room(server.url, ["l-a"], TOKEN, allocate=True) as host:
        assert host.names == ("l-a", "1")
        async with await join_room(server.url, "1") as guest:
            assert guest.members == {host.own}
            assert await host.receive() == Arrived(guest.own)
            await guest.send(host.own, b"hello")
            assert await host.receive() == Received(guest.own, b"hello")
            await host.send(guest.own, b"\0" * MAX_BOX)
            assert await guest.receive() == Received(host.own, b"\0" * MAX_BOX)
        assert await host.receive() == Departed(guest.own)


async def test_who_has_much_to_say_is_slow_rather_than_cut_off(server: RendezvousServer) -> None:
    boxes = Limits().frame_burst + 5
    async with await open_room(server.url, ["a"], TOKEN) as host, await join_room(server.url, "a") as guest:
        await asyncio.gather(*(host.send(guest.own, b"%d" % number) for number in range(boxes)))
        for number in range(boxes):
            assert await guest.receive() == Received(host.own, b"%d" % number)


async def test_a_door_on_this_very_machine_answers_a_whole_office() -> None:
    async with RendezvousServer("127.0.0.1", 0, limits=Limits.for_lan()) as server:
        host = await open_room(server.url, ["a"], TOKEN, paced=False)
        async with host, await join_room(server.url, "a") as guest:
            for _ in range(3 * Limits().frame_burst):
                await host.send(guest.own, b"who are you?")
                assert await guest.receive() == Received(host.own, b"who are you?")


async def test_a_joiner_hears_members_come_and_go(server: RendezvousServer) -> None:
    first = await open_room(server.url, ["a"], TOKEN)
    async with await join_room(server.url, "a") as guest, await open_room(server.url, ["a"], TOKEN) as second:
        assert await guest.receive() == Arrived(second.own)
        assert await second.receive() == Arrived(guest.own)
        await first.close()
        assert await guest.receive() == Departed(first.own)
        assert guest.members == {second.own}
        assert second.members == frozenset()


async def test_a_renamed_room_is_found_under_its_new_name_only(server: RendezvousServer) -> None:
    async with await open_room(server.url, ["l-a"], TOKEN, allocate=True) as host:
        await host.rename(["l-a"], allocate=True)
        assert host.names == ("l-a", "2")
        with pytest.raises(NoSuchMeeting):
            await join_room(server.url, "1")
        await (await join_room(server.url, "2")).close()


async def test_a_refused_rename_leaves_the_room_as_it_was(server: RendezvousServer) -> None:
    async with await open_room(server.url, ["a"], TOKEN) as host, await open_room(server.url, ["b"], b"o" * 16):
        with pytest.raises(Refused) as refused:
            await host.rename(["b"])
        assert refused.value.reason == "taken"
        assert host.names == ("a",)
        await host.rename(["c"])


async def test_a_name_of_somebody_else_is_refused(server: RendezvousServer) -> None:
    async with await open_room(server.url, ["a"], TOKEN):
        with pytest.raises(Refused) as refused:
            await open_room(server.url, ["a"], b"o" * 16)
        assert refused.value.reason == "taken"


async def test_news_before_the_end_are_read_and_then_the_loss(server: RendezvousServer) -> None:
    host = await open_room(server.url, ["a"], TOKEN)
    guest = await join_room(server.url, "a")
    await host.send(guest.own, b"last")
    assert await host.receive() == Arrived(guest.own)
    waiting = asyncio.create_task(host.receive())
    await guest.send(host.own, b"x")
    assert await waiting == Received(guest.own, b"x")
    await server.close()
    for socket in (host, guest):
        with pytest.raises(SignalingLost):
            async with asyncio.timeout(5):
                while True:
                    await socket.receive()
        with pytest.raises(SignalingLost):
            await socket.send(1, b"")
        await socket.close()
        await socket.close()


async def test_a_box_that_is_too_large_is_our_own_mistake(server: RendezvousServer) -> None:
    async with await open_room(server.url, ["a"], TOKEN) as host:
        with pytest.raises(LocalProtocolError):
            await host.send(1, b"\0" * (MAX_BOX + 1))


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1", "ws://", "http://127.0.0.1", "nonsense", "ws://[::"])
async def test_an_address_without_a_rendezvous_is_unreachable(url: str) -> None:
    with pytest.raises(RendezvousUnreachable):
        await join_room(url, "a", timeout=2)


async def test_a_silent_host_is_given_up_in_time() -> None:
    hung_up = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        hung_up.set()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        with pytest.raises(RendezvousUnreachable, match="answer"):
            await join_room(f"ws://127.0.0.1:{silent.sockets[0].getsockname()[1]}", "a", timeout=0.2)
        async with asyncio.timeout(5):
            await hung_up.wait()


@pytest.mark.parametrize("answer", [b"\xc1garbage", "text", b"\x81\xa4type\xa6joined"])
async def test_garbage_from_a_server_is_a_rendezvous_of_no_use(answer: bytes | str) -> None:
    async def garble(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(answer)
        await connection.wait_closed()

    async with serve(garble, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)]) as bad:
        port = next(iter(bad.sockets)).getsockname()[1]
        with pytest.raises(RendezvousUnreachable):
            await join_room(f"ws://127.0.0.1:{port}", "a")


async def test_a_server_of_another_version_is_not_spoken_to() -> None:
    async def ignore(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(ignore, "127.0.0.1", 0) as other:
        port = next(iter(other.sockets)).getsockname()[1]
        with pytest.raises(RendezvousUnreachable, match="version"):
            await join_room(f"ws://127.0.0.1:{port}", "a")
