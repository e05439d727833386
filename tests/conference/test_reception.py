"""What a member announces on the local network, over the life of a meeting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from meshconf.conference import reception as module
from meshconf.conference.reception import Reception
from meshconf.conference.sealed import SealedRoad
from meshconf.config import Options
from meshconf.protocol.identity import Identity
from meshconf.protocol.invite import Code, Link
from meshconf.protocol.messages import Admitted, Member, Signal, TurnedAway
from meshconf.protocol.room.acts import Entry
from meshconf.types import PeerId


class Announcer:
    """Writes down what is announced instead of sending it."""

    last: Announcer

    def __init__(self, *, port: int, tags: Sequence[str], title: str | None = None, people: int | None = None) -> None:
        self.title = title
        self.tags = tuple(tags)
        self.people = [people]
        self.changed = asyncio.Event()
        Announcer.last = self

    async def start(self) -> None:
        pass

    async def update(self, *, tags: Sequence[str], people: int | None) -> None:
        self.tags = tuple(tags)
        self.people.append(people)
        self.changed.set()

    async def close(self) -> None:
        pass

    async def shows(self, wanted: Callable[[Announcer], bool]) -> None:
        async with asyncio.timeout(5.0):
            while not wanted(self):
                self.changed.clear()
                await self.changed.wait()


class NobodyAtHome:
    """A house to which nobody comes."""

    def __init__(self) -> None:
        self.identity = Identity.generate(os.urandom)

    def invites(self) -> Sequence[Code | Link]:
        return []

    def wrong_guess(self) -> None: ...

    def seat(self, peer: PeerId) -> int:
        raise AssertionError(peer)

    def log(self) -> list[Entry]:
        raise AssertionError

    async def admit(
        self, member: Member, road: SealedRoad, ask_to_wait: Callable[[], Awaitable[None]]
    ) -> Admitted | TurnedAway:
        raise AssertionError(member, road)

    @property
    def reunion(self) -> Link:
        raise AssertionError

    def reunite(self, member: Member, road: SealedRoad) -> tuple[list[Entry], Admitted | TurnedAway]:
        raise AssertionError(member, road)

    def signal(self, signal: Signal, carrier: PeerId) -> None: ...

    def departed(self, peer: PeerId, road: SealedRoad) -> None: ...


@pytest.fixture
async def listed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reception]:
    async for reception in _opened(monkeypatch, Options(title="Tea", listed=True)):
        yield reception


@pytest.fixture
async def unlisted(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reception]:
    async for reception in _opened(monkeypatch, Options(title="Tea")):
        yield reception


async def _opened(monkeypatch: pytest.MonkeyPatch, options: Options) -> AsyncIterator[Reception]:
    monkeypatch.setattr(module, "LanAnnouncer", Announcer)
    monkeypatch.setattr(module, "ADVERT_PAUSE", 0.0)
    reception = Reception(options, lambda _: None)
    reception.serve(NobodyAtHome())
    reception.count_people(1)
    await reception.found()
    yield reception
    await reception.close()


async def test_a_listed_meeting_says_how_many_are_there_and_keeps_it_fresh(listed: Reception) -> None:
    assert (Announcer.last.title, Announcer.last.people) == ("Tea", [1])

    listed.count_people(3)
    await Announcer.last.shows(lambda announcer: announcer.people[-1] == 3)


async def test_an_unlisted_meeting_says_neither_title_nor_number(unlisted: Reception) -> None:
    before = Announcer.last.tags
    unlisted.count_people(3)
    await unlisted.rotate(link=True)

    await Announcer.last.shows(lambda announcer: announcer.tags != before)
    assert (Announcer.last.title, set(Announcer.last.people)) == (None, {None})
