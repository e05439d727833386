"""Sockets are read at once while little comes, in turns while much does, and no descriptor or timer is left behind."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from meshconf.rtc import poll as poll_module
from meshconf.rtc.poll import SocketPoll
from tests.rtc.support import pending_timers, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere asyncio reads")


class Link:
    """A socket that is polled, and one that sends to it."""

    def __init__(self) -> None:
        self.own, self.peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.own.setblocking(False)
        self.read: list[tuple[float, bytes]] = []
        self.poll = SocketPoll.running()
        self.poll.add(self.own, self._read)

    def _read(self) -> None:
        self.read.append((asyncio.get_running_loop().time(), self.own.recv(100)))

    def close(self) -> None:
        self.poll.remove(self.own)
        self.own.close()
        self.peer.close()


@contextmanager
def links(many: int) -> Iterator[list[Link]]:
    """So many, all of which are closed in the end."""
    made = [Link() for _ in range(many)]
    try:
        yield made
    finally:
        for link in made:
            link.close()


async def _make_busy(poll: SocketPoll, link: Link) -> None:
    """As after half a second in which much came."""
    poll._since -= 1.0
    poll._count = 10 * poll_module.MUCH
    link.peer.send(b"first")
    await until(lambda: link.read)


async def test_a_quiet_link_waits_for_nothing() -> None:
    with links(1) as (link,):
        for number in range(5):
            link.peer.send(b"%d" % number)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert len(link.read) == number + 1
        assert pending_timers() == []


async def test_while_much_comes_all_sockets_are_read_together_on_the_grid() -> None:
    with links(3) as made:
        made[0].poll._much = True
        made[0].peer.send(b"first")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert made[0].read.pop()[1] == b"first", "whose turn begins with this one"
        for link in made:
            link.peer.send(b"one")
            link.peer.send(b"two")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not any(link.read for link in made), "not before its turn"
        timer = made[0].poll._timer
        assert timer is not None
        assert timer.when() / poll_module.TURN == pytest.approx(round(timer.when() / poll_module.TURN), abs=1e-3)
        await until(lambda: all(len(link.read) == 2 for link in made))
        times = sorted(at for link in made for at, _ in link.read)
        assert times[-1] - times[0] < poll_module.TURN


async def test_after_a_turn_without_anything_the_next_is_read_at_once() -> None:
    with links(2) as (busy, other):
        await _make_busy(busy.poll, busy)
        await until(lambda: busy.poll._timer is None)
        other.peer.send(b"x")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert other.read


async def test_when_less_comes_nobody_waits_any_more() -> None:
    with links(1) as (link,):
        await _make_busy(link.poll, link)
        assert link.poll._much
        link.poll._since -= 1.0
        link.peer.send(b"x")
        await until(lambda: len(link.read) == 2)
        assert not link.poll._much


async def test_a_flood_of_one_leaves_the_others_and_the_loop_their_time() -> None:
    with links(2) as (flooded, other):
        flooded.peer.setblocking(False)
        sent = 0
        try:
            while sent < 200:
                flooded.peer.send(b"x")
                sent += 1
        except BlockingIOError:  # the system holds no more
            pass
        other.peer.send(b"y")
        assert sent > 5
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert other.read
        assert len(flooded.read) <= poll_module.MOST_AT_ONCE
        await until(lambda: len(flooded.read) == sent)


@pytest.mark.parametrize("busy", [False, True])
async def test_whoever_is_read_may_close_any_link(busy: bool) -> None:
    before = len(os.listdir("/proc/self/fd"))
    made = [Link() for _ in range(3)]
    if busy:
        made[0].poll._much = True
        made[0].peer.send(b"first")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(pending_timers()) == 1

    def close_all() -> None:
        for link in made:
            link.close()

    for link in made:
        link.poll.remove(link.own)
    assert pending_timers() == []
    for link in made:
        link.poll = SocketPoll.running()
        link.poll.add(link.own, close_all)
        link.peer.send(b"x")
    await until(lambda: made[0].own.fileno() < 0)
    await asyncio.sleep(2 * poll_module.TURN)
    assert len(os.listdir("/proc/self/fd")) == before
    assert pending_timers() == []


@pytest.mark.parametrize("busy", [False, True])
async def test_what_one_peer_breaks_the_others_do_not_feel(busy: bool) -> None:
    failures: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
    with links(2) as (broken, sound):

        def read() -> None:
            raise KeyError(broken.own.recv(100))

        broken.poll._readers[broken.own.fileno()] = read
        sound.peer.send(b"first")
        broken.poll._much = busy
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(pending_timers()) == busy, "the next comes in a turn"
        broken.peer.send(b"a check without a priority")
        await until(lambda: failures)
        sound.peer.send(b"second")
        await until(lambda: len(sound.read) == 2)
    assert [type(failure) for failure in failures] == [KeyError]
