"""Whoever runs the rendezvous sees sealed boxes, and by lying gets a clean failure: never a call with a wrong peer."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable

import pytest

from meshconf import Conference
from meshconf.conference import entry, events
from meshconf.errors import MeshconfError, WrongCode
from rendezvous.messages import ClientMessage, Join, Open
from tests.support import hostile_rendezvous as hostile
from tests.support.hostile_rendezvous import HostileRendezvous, Lie

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(60),
    pytest.mark.may_block("two whole engines share this loop, and the first encoder takes its time"),
]

ENOUGH_S = 4.0
"""Longer than the longest wait of a newcomer for an answer, here; a connection on one machine takes 0.2 s."""


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is far away here: a lie that ends in silence need not cost eight seconds."""
    monkeypatch.setattr(entry, "ANSWER_WITHIN", 2.0)


@pytest.fixture
async def server() -> AsyncIterator[HostileRendezvous]:
    async with HostileRendezvous() as server:
        yield server


def _host(server: HostileRendezvous) -> Conference:
    return Conference.host(
        name="Evangeline", title="Looking glass", rendezvous=server.url, lan=False, windows=False, loopback=True
    )


def _join(server: HostileRendezvous, invite: str, name: str = "Bartholomew") -> Conference:
    return Conference.join(invite, name=name, rendezvous=server.url, lan=False, windows=False, loopback=True)


async def _meets(one: Conference, other: Conference) -> None:
    """Wait until `one` is connected with the very key of `other`, and with nobody else."""
    async with asyncio.timeout(ENOUGH_S):
        async for event in one.events():
            if isinstance(event, events.Peer):
                assert event.peer == other.self_id, "a call with a wrong peer"
                if event.state == "connected":
                    return


@pytest.mark.parametrize("by", ["code", "link"])
async def test_the_operator_reads_nothing(server: HostileRendezvous, by: str) -> None:
    async with _host(server) as alice:
        invite = alice.invite if by == "code" else alice.link
        async with _join(server, invite) as bob:
            await asyncio.gather(_meets(alice, bob), _meets(bob, alice))
            # Words of three letters stand in kilobytes of noise by chance now and then.
            words = [word for word in alice.invite.split("-")[1:] if len(word) > 4]
            words.append(alice.invite.partition("-")[2])
            secret = alice.link.removeprefix("meshconf:").partition("?")[0]
            ids = [alice.self_id, bob.self_id]

    seen = server.seen + b"".join(repr(request).encode() for _, request in server.requests)
    assert len(server.relayed) > 4
    assert max(len(each.box) for each in server.relayed) > 500  # descriptions did travel this way
    for clear in (*words, secret, *ids, "Evangeline", "Bartholomew", "Looking glass"):
        assert clear.encode() not in seen, clear
    for clear in ("a=", "ice-ufrag", "ice-pwd", "candidate:", "fingerprint", "sha-256", "m=audio", "127.0.0.1 "):
        # Two chance bytes are no leak: the short one is searched with its line end.
        assert (f"\r\n{clear}" if len(clear) < 4 else clear).encode() not in seen, clear
    for key in (alice.identity.public, bob.identity.public):
        assert key.hex().encode() not in seen and base64.b32encode(key) not in seen


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: hostile.replay(), id="replay"),
        pytest.param(lambda: hostile.replay_first(), id="replay-first"),
        pytest.param(lambda: hostile.flip(), id="flip-each"),
        *(pytest.param(lambda nth=nth: hostile.flip(nth=nth), id=f"flip-{nth}") for nth in range(8)),
        pytest.param(lambda: hostile.flip(3, nth=0), id="flip-head"),
        pytest.param(lambda: hostile.swap(), id="swap"),
        pytest.param(lambda: hostile.misattribute(), id="misattribute"),
        pytest.param(lambda: hostile.reflect(), id="reflect"),
        pytest.param(lambda: hostile.add(b""), id="add-nothing"),
        pytest.param(lambda: hostile.add(os.urandom(400)), id="add-noise"),
    ],
)
async def test_a_lie_ends_in_a_meeting_or_in_a_clean_error(server: HostileRendezvous, make: Callable[[], Lie]) -> None:
    async with _host(server) as alice:
        server.lie = make()
        try:
            async with asyncio.timeout(ENOUGH_S), _join(server, alice.invite) as bob:
                met = asyncio.gather(_meets(alice, bob), _meets(bob, alice), return_exceptions=True)
                for problem in await met:
                    # Described wrongly, the connection may never stand; nobody else's may.
                    assert problem is None or isinstance(problem, TimeoutError), problem
        except (MeshconfError, TimeoutError):
            pass
        server.lie = None
        await _still_open(server, alice)


async def test_a_silent_rendezvous_costs_a_clean_error(server: HostileRendezvous) -> None:
    async with _host(server) as alice:
        server.lie = hostile.drop()
        with pytest.raises(MeshconfError) as caught:
            async with asyncio.timeout(ENOUGH_S), _join(server, alice.invite):
                pytest.fail("nobody can have let us in")
        assert caught.value.exit_code == 5
        server.lie = None
        await _still_open(server, alice)


class Misdirecting(HostileRendezvous):
    """Sends whoever asks for any room to the room that was opened last."""

    def handle(self, socket: int, message: ClientMessage) -> None:
        if isinstance(message, Join):
            message = Join([asked for _, asked in self.requests if isinstance(asked, Open)][-1].names[0])
        super().handle(socket, message)


async def test_whoever_poses_as_the_host_without_the_code_lets_nobody_in() -> None:
    async with Misdirecting() as server, _host(server) as alice, _host(server) as mallory:
        with pytest.raises(WrongCode):
            async with _join(server, alice.invite):
                pytest.fail("the wrong host let us in")
        assert mallory.invite != alice.invite


async def _still_open(server: HostileRendezvous, alice: Conference) -> None:
    """After a lie, an honest newcomer with the present code gets in."""
    async with _join(server, alice.invite, "Carol") as carol:
        async with asyncio.timeout(ENOUGH_S):
            async for event in carol.events():
                if isinstance(event, events.Peer) and (event.peer, event.state) == (alice.self_id, "connected"):
                    return
    pytest.fail("the door does not open any more")
