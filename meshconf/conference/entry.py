"""The newcomer's way in: race the local network and the rendezvous with one code, prove it, be admitted.

The local network wins where both answer. Everything after the first contact goes over the sealed road.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from meshconf.conference.sealed import SealedRoad
from meshconf.config import Options
from meshconf.errors import (
    MeshconfError,
    NetworkError,
    NoSuchMeeting,
    ProtocolError,
    Refused,
    RendezvousUnreachable,
    SignalingLost,
    WrongCode,
)
from meshconf.protocol.handshake import Joiner
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.invite import Code, Link, lan_tags_around, room_name
from meshconf.protocol.membership import sign_member
from meshconf.protocol.messages import Admitted, JoinRequest, Member, Relay, Seat, Signal, TurnedAway, Waiting
from meshconf.protocol.room.acts import Entry
from meshconf.protocol.room.history import MAX_LOG, History
from meshconf.protocol.room.messages import Entries
from meshconf.protocol.text import clean
from meshconf.signaling.base import Departed, Received, RoomSocket
from meshconf.signaling.lan_advert import LanMeeting
from meshconf.signaling.lan_browser import LanBrowser
from meshconf.signaling.rendezvous import join_room
from meshconf.types import PeerId

LOOK_FOR = 3.0
"""Seconds to look for the meeting on the local network when nothing else knows it."""

ANSWER_WITHIN = 15.0
"""Seconds for a doorman to answer a knock, who may have to wait for a new host first."""

LATEST = 2**52
"""Milliseconds since 1970, some 140,000 years on, up to which a seat is taken: later visits need later ones, and a
doorman who names the last one there is would keep us out of the meeting for good."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """We are in: the room's log, who is there, and the sealed road for the first signals."""

    me: Member
    admitted: Admitted
    history: History
    socket: RoomSocket
    road: SealedRoad


async def enter(
    invite: Code | Link, name: str, identity: Identity, options: Options, *, on_lobby: Callable[[], None]
) -> Entrance:
    """Find the meeting and be let in; `on_lobby` is called when somebody there has to decide first.

    Raises:
        WrongCode: the meeting is there, the code is not right.
        NoSuchMeeting: neither the local network nor the rendezvous knows it.
        Refused: locked, denied, full.
        NetworkError: the rendezvous does not answer, and the local network does not know the meeting.
    """
    failures: list[MeshconfError] = []
    async for socket in _reach(invite, options, failures):
        try:
            return await _knock(socket, invite, name, identity, on_lobby)
        except Refused:
            await socket.close()
            raise
        except (WrongCode, NetworkError, NoSuchMeeting, ProtocolError) as error:
            await socket.close()
            failures.append(error)
        except BaseException:
            await socket.close()
            raise
    raise _verdict(failures)


def _verdict(failures: list[MeshconfError]) -> MeshconfError:
    """The failure that tells the person most: a wrong code, then a refusal, the network, an unknown meeting."""
    for kind in (WrongCode, Refused, ProtocolError, NetworkError, NoSuchMeeting):
        for failure in failures:
            if isinstance(failure, kind):
                return failure
    return NoSuchMeeting("No meeting with that code is open on this network; ask the host, or name a --rendezvous.")


async def _reach(invite: Code | Link, options: Options, failures: list[MeshconfError]) -> AsyncIterator[RoomSocket]:
    """Sockets in rooms that may be the one meant, as they are reached; what could not be is put into `failures`."""
    ways: set[asyncio.Task[RoomSocket]] = set()
    rendezvous = options.rendezvous or (invite.rendezvous if isinstance(invite, Link) else None)
    if options.lan:
        ways.add(asyncio.create_task(_over_lan(invite), name="reach-lan"))
        if isinstance(invite, Link) and invite.address:
            ways.add(asyncio.create_task(join_room(f"ws://{invite.address}", room_name(invite)), name="reach-address"))
    if rendezvous:
        ways.add(asyncio.create_task(join_room(rendezvous, room_name(invite)), name="reach-rendezvous"))
    try:
        while ways:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in sorted(done, key=lambda task: task.get_name() == "reach-rendezvous"):
                ways.remove(way)  # only now: what is never asked for is closed below
                try:
                    socket = way.result()
                except RendezvousUnreachable as error:
                    # An address in a link is a hint; only the rendezvous that somebody named is missed.
                    if way.get_name() == "reach-rendezvous":
                        failures.append(error)
                except MeshconfError as error:
                    failures.append(error)
                else:
                    yield socket
    finally:
        for way in ways:
            way.cancel()
        for late in await asyncio.gather(*ways, return_exceptions=True):
            if not isinstance(late, BaseException):
                await late.close()


async def _over_lan(invite: Code | Link) -> RoomSocket:
    """Browse until an advert carries the tag of our invite, and go there.

    Raises:
        Refused: every door of the meeting that we found is crowded.
        NoSuchMeeting: nobody announces it.
        LanUnavailable: there is no network to look on.
    """
    wanted = lan_tags_around(invite, time.time())

    def is_it(meeting: LanMeeting) -> bool:
        return bool(wanted & meeting.tags)

    refused: Refused | None = None
    browser = LanBrowser()
    await browser.start()
    try:
        deadline = time.monotonic() + LOOK_FOR
        tried: set[str] = set()
        while (left := deadline - time.monotonic()) > 0:
            found = await browser.wait_for(lambda meeting: is_it(meeting) and meeting.instance not in tried, left)
            if found is None:
                break
            tried.add(found.instance)
            for address in found.addresses:
                host = f"[{address}]" if ":" in address else address
                try:
                    return await join_room(f"ws://{host}:{found.port}", room_name(invite), timeout=2.0)
                except (RendezvousUnreachable, NoSuchMeeting):
                    continue
                except Refused as error:
                    refused = error  # one member's door is crowded; another's may not be
    finally:
        await browser.close()
    if refused is not None:
        raise refused
    raise NoSuchMeeting("No meeting with that code is open on this network; ask the host, or name a --rendezvous.")


async def _knock(
    socket: RoomSocket, invite: Code | Link, name: str, identity: Identity, on_lobby: Callable[[], None]
) -> Entrance:
    """Prove the code to one member of the room and ask to be let in."""
    members = sorted(socket.members)
    if not members:
        raise NoSuchMeeting("The meeting is known, but nobody is there to open; try again in a moment.")
    other = members[0]
    log: list[Entry] = []
    try:
        async with asyncio.timeout(ANSWER_WITHIN) as patience:
            road, public = await prove(socket, other, invite, identity)
            seat = road.open(await next_box(socket, other))
            if not isinstance(seat, Seat):
                raise ProtocolError("the doorman must first say when we join")
            if seat.joined > LATEST:
                raise ProtocolError("the doorman names a moment after which no other could come")
            me = sign_member(identity, name, seat.joined)
            await road.send(JoinRequest(member=me))
            while True:
                match road.open(await next_box(socket, other)):
                    case Waiting():
                        patience.reschedule(None)
                        on_lobby()
                    case Entries(entries=entries) if entries and len(log) + len(entries) <= MAX_LOG:
                        log += entries
                        patience.reschedule(asyncio.get_running_loop().time() + ANSWER_WITHIN)
                    case Admitted() as admitted:
                        break
                    case TurnedAway(reason=reason, text=text):
                        raise Refused(clean(text, 200), reason=reason)
                    case (Signal() as signal) | Relay(signal=signal):
                        road.keep(signal)
                    case _:
                        raise ProtocolError("the doorman answered something else")
    except TimeoutError:
        raise NetworkError("The meeting was found, but nobody there answers.") from None
    doorman = next((member for member in admitted.members if member.peer == admitted.by), None)
    if doorman is None or doorman.public != public:
        raise ProtocolError("the doorman is not among the members that it names")
    history = await asyncio.to_thread(_replay, log)
    if not {identity.peer_id, PeerId(admitted.by)} <= history.best().state.people.keys():
        raise ProtocolError("the room's log does not say that we were let in")
    return Entrance(me, admitted, history, socket, road)


async def prove(socket: RoomSocket, other: int, invite: Code | Link, identity: Identity) -> tuple[SealedRoad, bytes]:
    """Show a member of the room that we know the invite, and who we are; returns the road to it, and its public key.

    Raises:
        WrongCode: one of us does not know the invite of the other.
        ProtocolError: what came is no handshake.
        SignalingLost: the member or the relay is gone.
    """
    joiner = Joiner(invite, identity, os.urandom)
    await socket.send(other, await asyncio.to_thread(joiner.hello))
    while joiner.channel is None:
        for frame in await asyncio.to_thread(joiner.receive, await next_box(socket, other)):
            await socket.send(other, frame)
    assert joiner.peer_public is not None
    return SealedRoad(socket, other, joiner.channel), joiner.peer_public


def _replay(log: list[Entry]) -> History:
    """Check the room's log from its founding on."""
    if not log:
        raise ProtocolError("the doorman keeps the room's log to itself")
    history = History(log[0], verify)
    for entry in log[1:]:
        history.add(entry)
    return history


async def next_box(socket: RoomSocket, other: int) -> bytes:
    """The next box of one socket of the room.

    Raises:
        SignalingLost: it left, or the relay is gone.
    """
    while True:
        news = await socket.receive()
        if isinstance(news, Received) and news.sender == other:
            return news.box
        if isinstance(news, Departed) and news.socket == other:
            raise SignalingLost("The person at the door has just left; try again.")
