from __future__ import annotations

import asyncio

import msgspec

from meshconf.conference.bulletin import BEHIND, QUEUE, SAID, Bulletin
from meshconf.conference.events import (
    Chat,
    Error,
    Event,
    FirstFrame,
    Forbidden,
    HostReturned,
    Joined,
    Left,
    Level,
    Levels,
    Named,
    Notice,
    Ok,
    Peer,
    Picture,
    RoomState,
    Source,
    Windows,
)
from meshconf.tui.model import MeetingModel
from meshconf.types import Ending, PeerId, PeerState, SourceKind


def chat(text: str) -> Chat:
    return Chat(peer="ann", name="Ann", text=text)


def peer(state: PeerState, name: str = "ann") -> Peer:
    return Peer(peer=name, name=name, state=state)


def levels() -> Levels:
    return Levels(levels={"ann": Level(db=-20, speaking=True)})


async def told_to_a_late_face(bulletin: Bulletin) -> list[Event]:
    """What a face hears that comes now; the meeting is over afterwards."""
    subscription = bulletin.subscribe()
    subscription.close()
    return [event async for event in subscription]


async def test_a_face_hears_what_happens_in_order() -> None:
    bulletin = Bulletin()
    face = bulletin.subscribe()
    happened = [peer(PeerState.CONNECTED), chat("hi"), Notice(text="n"), Left(reason=Ending.LEFT)]
    for event in happened:
        bulletin.tell(event)
    assert [event async for event in face] == happened


async def test_a_face_that_waits_is_woken() -> None:
    bulletin = Bulletin()
    face = bulletin.subscribe()
    first = asyncio.ensure_future(anext(aiter(face)))
    await asyncio.sleep(0)
    bulletin.tell(chat("hi"))
    async with asyncio.timeout(1):
        heard = await first
    assert isinstance(heard, Chat) and heard.text == "hi"


async def test_a_late_face_is_told_the_present_and_what_was_said_but_no_old_news() -> None:
    bulletin = Bulletin()
    connecting, connected = peer(PeerState.CONNECTING), peer(PeerState.CONNECTED)
    source = Source(peer="ann", source=SourceKind.MIC, state="on")
    passing: list[Event] = [Error(code="c", message="m"), Ok(id=1), levels()]
    passing.append(FirstFrame(peer="ann", name="Ann", source=SourceKind.MIC))
    for event in [connecting, connected, source, *passing, chat("one"), Notice(text="locked"), chat("two")]:
        bulletin.tell(event)
    late = await told_to_a_late_face(bulletin)
    assert late[:2] == [connected, source]
    assert [event.text for event in late[2:] if isinstance(event, Chat | Notice)] == ["one", "locked", "two"]
    assert len(late) == 5


async def test_who_left_is_not_part_of_the_present_and_nor_are_their_sources() -> None:
    bulletin = Bulletin()
    bulletin.tell(peer(PeerState.CONNECTED))
    bulletin.tell(peer(PeerState.CONNECTED, "ben"))
    bulletin.tell(Source(peer="ann", source=SourceKind.MIC, state="on"))
    bulletin.tell(peer(PeerState.LEFT))
    assert [event.peer for event in await told_to_a_late_face(bulletin) if isinstance(event, Peer | Source)] == ["ben"]


async def test_a_face_that_does_not_read_shows_nothing_until_it_does() -> None:
    bulletin = Bulletin()
    face = bulletin.subscribe()
    face.view("ann", SourceKind.CAMERA, 60, 10)
    for number in range(BEHIND + 1):
        assert bulletin.viewed(PeerId("ann"), SourceKind.CAMERA) == (60, 10)
        bulletin.tell(Ok(id=number))
    assert bulletin.viewed(PeerId("ann"), SourceKind.CAMERA) == (0, 0)
    await anext(aiter(face))
    assert bulletin.viewed(PeerId("ann"), SourceKind.CAMERA) == (60, 10)


async def test_a_late_face_is_told_where_the_pictures_are_now() -> None:
    bulletin = Bulletin()
    newest = Picture(peer="ann", source=SourceKind.CAMERA, bus="2")
    gone = [Picture(peer="ann", source=SourceKind.SCREEN, bus=bus) for bus in ("3", None)]
    windows = [Windows(open=is_open) for is_open in (True, False)]
    for event in [Picture(peer="ann", source=SourceKind.CAMERA, bus="1"), newest, *gone, *windows]:
        bulletin.tell(event)
    assert await told_to_a_late_face(bulletin) == [newest, windows[-1]]
    bulletin.tell(peer(PeerState.LEFT))
    assert await told_to_a_late_face(bulletin) == [windows[-1]]


async def test_a_face_that_does_not_read_loses_the_oldest() -> None:
    bulletin = Bulletin()
    face = bulletin.subscribe()
    for number in range(QUEUE + 5):
        bulletin.tell(Ok(id=number))
    face.close()
    assert [event.id async for event in face if isinstance(event, Ok)] == list(range(5, QUEUE + 5))


async def test_of_the_chat_only_the_latest_lines_are_kept() -> None:
    bulletin = Bulletin()
    for number in range(SAID + 5):
        bulletin.tell(chat(str(number)))
    late = [event.text for event in await told_to_a_late_face(bulletin) if isinstance(event, Chat)]
    assert late == [str(number) for number in range(5, SAID + 5)]


async def test_levels_reach_only_faces_that_want_them() -> None:
    bulletin = Bulletin()
    plain, attached = bulletin.subscribe(), bulletin.subscribe()
    assert not bulletin.levels_wanted and not bulletin.stats_wanted
    attached.levels = True
    assert bulletin.levels_wanted and not bulletin.stats_wanted
    bulletin.tell(levels())
    bulletin.tell(Left(reason=Ending.LEFT))
    assert [type(event) for event in [event async for event in plain]] == [Left]
    assert [type(event) for event in [event async for event in attached]] == [Levels, Left]


async def test_a_face_that_closed_is_not_asked_any_more() -> None:
    bulletin = Bulletin()
    face = bulletin.subscribe()
    face.levels = True
    face.close()
    assert not bulletin.levels_wanted
    bulletin.tell(chat("hi"))
    assert [event async for event in face] == []


async def test_a_face_that_comes_after_the_end_hears_that_it_is_over() -> None:
    bulletin = Bulletin()
    bulletin.tell(chat("hi"))
    bulletin.tell(Left(reason=Ending.ENDED))
    heard = [event async for event in bulletin.subscribe()]
    assert Left(reason=Ending.ENDED, t=heard[0].t) in heard
    assert len(heard) == 2


async def test_time_is_stamped_and_never_runs_backwards() -> None:
    bulletin = Bulletin()
    face = bulletin.subscribe()
    for number in range(10):
        bulletin.tell(Ok(id=number))
    face.close()
    stamps = [event.t async for event in face]
    assert stamps == sorted(stamps) and stamps[0] >= 0


def joined(*peers: str) -> Joined:
    return Joined(
        room="r", self="me", host=peers[0], title="", name="Me", peers=[Named(peer=one, name=one) for one in peers]
    )


def room_state(host: str) -> RoomState:
    return RoomState(epoch=1, seq=1, host=host, admins=[], members=[], locked=False, lobby=False, forbidden=Forbidden())


async def test_whom_we_met_when_we_came_and_who_is_gone_is_not_told_to_a_late_face() -> None:
    bulletin = Bulletin()
    face = bulletin.subscribe()
    told = joined("ann", "bob")
    bulletin.tell(told)
    for name in ("ann", "bob"):
        bulletin.tell(peer(PeerState.CONNECTED, name))
    bulletin.tell(peer(PeerState.LEFT, "bob"))
    model = MeetingModel()
    for event in await told_to_a_late_face(bulletin):
        model.apply(msgspec.to_builtins(event))
    assert set(model.people) == {"me", "ann"}
    assert [one.peer for one in told.peers] == ["ann", "bob"] and await anext(aiter(face)) is told


async def test_a_late_face_hears_that_a_former_host_is_back_as_long_as_that_holds() -> None:
    back = HostReturned(peer="ann", name="Ann")

    async def told_after(*later: Event) -> bool:
        bulletin = Bulletin()
        for event in (room_state("ann"), room_state("me"), peer(PeerState.CONNECTED), back, room_state("me"), *later):
            bulletin.tell(event)
        told = await told_to_a_late_face(bulletin)
        places = {type(event): place for place, event in enumerate(told)}
        # Behind the state of the room: until then nobody knows that the role is ours to give.
        return places.get(HostReturned, 0) > places[RoomState]

    assert await told_after()
    assert await told_after(peer(PeerState.LEFT, "bob"))
    assert not await told_after(room_state("ann"))
    assert not await told_after(room_state("bob"), room_state("me"))
    assert not await told_after(peer(PeerState.LEFT))
