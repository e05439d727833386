"""Which failure a newcomer is told when no way leads in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from meshconf.conference import entry
from meshconf.config import Options
from meshconf.errors import MeshconfError, NoSuchMeeting, Refused, RendezvousUnreachable, WrongCode
from meshconf.protocol.identity import Identity
from meshconf.protocol.invite import Code, lan_tag, parse_invite
from meshconf.signaling.lan_advert import LanMeeting

INVITE = parse_invite("42-crumb-ozone-plank")


class OneMeeting:
    """A browser of a network on which one member announces the meeting."""

    async def start(self) -> None:
        pass

    async def wait_for(self, match: Callable[[LanMeeting], bool], _seconds: float) -> LanMeeting | None:
        assert isinstance(INVITE, Code)
        tags = frozenset({lan_tag(INVITE, time.time())})
        meeting = LanMeeting("0011223344556677", ("192.0.2.1", "192.0.2.2"), 4000, tags, None, None)
        return meeting if match(meeting) else None

    async def close(self) -> None:
        pass


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, MeshconfError]:
    """What each address says to somebody who knocks."""
    said: dict[str, MeshconfError] = {}

    async def join_room(url: str, _name: str, *, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        raise said[url]

    monkeypatch.setattr(entry, "LanBrowser", OneMeeting)
    monkeypatch.setattr(entry, "join_room", join_room)
    return said


async def _failure(options: Options) -> MeshconfError:
    with pytest.raises(MeshconfError) as caught:
        await entry.enter(INVITE, "Ann", Identity.generate(os.urandom), options, on_lobby=lambda: None)
    return caught.value


async def test_a_crowded_door_is_a_refusal_not_an_unknown_meeting(answers: dict[str, MeshconfError]) -> None:
    answers["ws://192.0.2.1:4000"] = Refused("Too many are waiting.", reason="full")
    answers["ws://192.0.2.2:4000"] = RendezvousUnreachable()

    failure = await _failure(Options())

    assert isinstance(failure, Refused)
    assert (str(failure), failure.exit_code) == ("Too many are waiting.", 4)


async def test_a_crowded_rendezvous_is_a_refusal_too(answers: dict[str, MeshconfError]) -> None:
    answers["ws://meet"] = Refused("Too many requests.", reason="limit")
    assert (await _failure(Options(lan=False, rendezvous="ws://meet"))).exit_code == 4


async def test_a_meeting_that_nobody_knows_is_unknown(answers: dict[str, MeshconfError]) -> None:
    answers["ws://192.0.2.1:4000"] = answers["ws://192.0.2.2:4000"] = NoSuchMeeting()
    failure = await _failure(Options())
    assert isinstance(failure, NoSuchMeeting) and not isinstance(failure, WrongCode)
