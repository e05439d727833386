"""The end of real links, whenever it comes: nothing is left behind."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Literal

import pytest

from meshconf.errors import LocalProtocolError
from meshconf.rtc import link as link_module
from meshconf.rtc import route as route_module
from meshconf.rtc.link import PeerLink
from meshconf.types import SourceKind
from tests.rtc.support import End, Player, RecordingListener, close, connect, opus_frames, until, vp8_frames


async def test_a_link_closed_by_the_peer_closes_here_too() -> None:
    one, other = End(), End()
    await connect(one, other)
    await one.link.close()
    await until(lambda: other.link.state == "closed")
    assert other.listener.states[-1] == "closed"
    await close(one, other)
    assert other.listener.states.count("closed") == 1


async def test_closing_has_a_deadline_and_may_be_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = End(), End()
    await connect(one, other)

    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(link_module, "CLOSE_TIMEOUT_S", 0.2)
    regular = one.link._connection.close
    monkeypatch.setattr(one.link._connection, "close", never)
    began = time.monotonic()
    await asyncio.gather(one.link.close(), one.link.close())
    assert time.monotonic() - began < 1.0
    assert one.link.state == "closed"
    await regular()
    await close(other)


async def test_a_link_can_be_closed_before_and_while_it_connects() -> None:
    unused, one, other = End(), End(), End()
    await unused.link.close()
    answer = await other.link.answer(await one.link.offer(), one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await asyncio.gather(one.link.close(), other.link.close())
    assert {end.link.state for end in (unused, one, other)} == {"closed"}
    with pytest.raises(LocalProtocolError):
        await unused.link.offer()
    await close(unused, one, other)


def _left_behind() -> tuple[int, int, int]:
    """Threads, tasks and open files."""
    files = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    return threading.active_count(), len(asyncio.all_tasks()), files


async def test_closing_leaves_no_thread_no_task_and_no_file() -> None:
    before = _left_behind()
    one, other = End(), End()
    await connect(one, other)
    players = [
        Player(one.feeds[SourceKind.MIC], opus_frames(), interval_s=0.02),
        Player(one.feeds[SourceKind.CAMERA], vp8_frames(), interval_s=0.02),
    ]
    await until(lambda: other.listener.pictures and other.listener.sound)
    assert threading.active_count() == before[0], "aiortc decodes nothing"
    await close(one, other)
    for player in players:
        await player.stop()
    await until(lambda: _left_behind() == before, within_s=3)


class Leaver(RecordingListener):
    """Closes its link as soon as something has happened."""

    def __init__(self, when: str) -> None:
        super().__init__()
        self._when = when

    def link_state(self, link: PeerLink, state: str) -> None:
        super().link_state(link, state)
        self._happened(link, state)

    def link_open(self, link: PeerLink) -> None:
        super().link_open(link)
        self._happened(link, "open")

    def _happened(self, link: PeerLink, what: str) -> None:
        if what == self._when:
            self.closing = asyncio.create_task(link.close())


@pytest.mark.parametrize("when", ["connecting", "connected", "open"])
@pytest.mark.parametrize("who", ["offerer", "answerer", "both"])
async def test_closing_in_the_moment_of_connecting_leaves_nothing_either(
    when: str, who: Literal["offerer", "answerer", "both"]
) -> None:
    before = _left_behind()
    one, other = (End(listener=Leaver(when) if who in (side, "both") else None) for side in ("offerer", "answerer"))
    player = Player(one.feeds[SourceKind.CAMERA], vp8_frames(), interval_s=0.005)
    answer = await other.link.answer(await one.link.offer(), one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await until(lambda: any(end.link.state == "closed" for end in (one, other)))
    await close(one, other)
    await player.stop()
    await until(lambda: _left_behind() == before, within_s=3)


@pytest.mark.parametrize("turns", range(0, 60, 4))
async def test_closing_at_any_turn_of_the_handshake_leaves_nothing_either(turns: int) -> None:
    before = _left_behind()
    one, other = End(), End()
    answer = await other.link.answer(await one.link.offer(), one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    for _ in range(turns):
        await asyncio.sleep(0.001)
    await asyncio.gather(close(one), close(other))
    await until(lambda: _left_behind() == before, within_s=3)


@pytest.mark.parametrize("place", ["open_outlet", "read_instead"])
async def test_a_link_that_gets_no_socket_for_media_closes_and_leaves_nothing(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    before = _left_behind()
    one, other = End(), End()
    monkeypatch.setattr(route_module, place, refuse)
    answer = await other.link.answer(await one.link.offer(), one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await until(lambda: {end.link.state for end in (one, other)} == {"closed"})
    await close(one, other)
    await until(lambda: _left_behind() == before, within_s=3)


async def test_a_closed_link_is_freed() -> None:
    async def live() -> list[Callable[[], object]]:
        one, other = End(), End()
        await connect(one, other)
        ends = [weakref.ref(end.link) for end in (one, other)] + [weakref.ref(end.link.media) for end in (one, other)]
        await close(one, other)
        return list(ends)

    references = await live()

    def freed() -> bool:
        gc.collect()
        return not any(reference() for reference in references)

    await until(freed, within_s=3)
