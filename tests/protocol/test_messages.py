from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.errors import ProtocolError
from meshconf.protocol.chat import AskPast, Chat, HeardUpTo, Line, Past, Whisper
from meshconf.protocol.control.input import KeyDown
from meshconf.protocol.control.messages import (
    ControlClipboard,
    ControlDeny,
    ControlGrant,
    ControlInputs,
    ControlMessage,
    ControlMotion,
    ControlPaused,
    ControlRelease,
    ControlRequest,
    ControlRevoke,
    Pointing,
)
from meshconf.protocol.fields import Message
from meshconf.protocol.messages import (
    MAX_MESSAGE,
    MAX_PEOPLE,
    Admitted,
    AnyMessage,
    DoorKeys,
    Hello,
    Introduce,
    JoinRequest,
    Leave,
    Member,
    Ping,
    Pong,
    Relay,
    Seat,
    Signal,
    Sources,
    TurnedAway,
    Waiting,
    Want,
    WrongGuess,
    decode,
    encode,
)
from meshconf.protocol.room.acts import MAX_VOTES, Act, Deed, Entry, Proposal, Vote
from meshconf.protocol.room.messages import (
    MAX_ENTRIES,
    MAX_LOCATOR,
    Beat,
    CallVote,
    Deny,
    Entries,
    Fetch,
    GiveVote,
    Knock,
    NotDone,
    Propose,
    RoomMessage,
)
from meshconf.protocol.signs import LowerHand, Signs
from meshconf.types import SourceKind

ID = "abcdefghij234567"
MEMBER = Member(peer=ID, public=bytes(32), name="Ann", joined=1, signature=bytes(64))
LINE = Line(author="a" * 16, at=1, text="hello", signature=bytes(64))
SIGNAL = Signal(
    room="r", sender=ID, joined=1, recipient=ID, session=1, kind="offer", sdp="v=0", fingerprint="AA", signature=b"s"
)

PROPOSAL = Proposal(room="r", author=ID, number=1, act=Act(Deed.LOCK), signature=bytes(64))
VOTE = Vote(voter=ID, signature=bytes(64))
ENTRY = Entry(1, 2, bytes(32), ID, PROPOSAL, bytes(64), (VOTE,))

OF_THE_ROOM: list[RoomMessage] = [
    Propose(proposal=PROPOSAL),
    NotDone(author=ID, number=1, reason="not-host", text="Only the host can do that."),
    Entries(entries=[ENTRY], more=True),
    Fetch(known=[bytes(32)]),
    Beat(epoch=1, host=ID, head=bytes(32), n=1, signature=bytes(64)),
    CallVote(parent=bytes(32)),
    GiveVote(parent=bytes(32), signature=bytes(64)),
    Knock(peer=ID, public=bytes(32), name="Ann", waiting=False),
    Deny(peer=ID),
]

OF_CONTROL: list[ControlMessage] = [
    ControlRequest(number=1),
    ControlRelease(number=1),
    ControlGrant(number=1, grant=bytes(8), seconds=300, clipboard=True),
    ControlDeny(number=1, reason="busy"),
    ControlRevoke(grant=bytes(8), reason="expired"),
    ControlPaused(grant=bytes(8), paused=True),
    ControlInputs(grant=bytes(8), first=1, inputs=[KeyDown("a", "KeyA")]),
    ControlMotion(grant=bytes(8), after=1, n=2, x=0.5, y=1),
    ControlClipboard(grant=bytes(8), text="copied"),
    Pointing(owner=ID, n=1, x=0.5, y=0.5, pen=True),
]

ONE_OF_EACH: list[AnyMessage] = [
    Seat(joined=1),
    JoinRequest(member=MEMBER),
    Waiting(),
    Admitted(by=ID, members=[MEMBER]),
    TurnedAway(reason="full", text="The meeting is full."),
    SIGNAL,
    Hello(member=MEMBER, binding=bytes(64)),
    Introduce(members=[MEMBER]),
    Sources(on=[SourceKind.MIC, SourceKind.SCREEN]),
    Chat(line=LINE),
    Whisper(text="psst"),
    HeardUpTo(at=7),
    AskPast(),
    Past(lines=[LINE]),
    Signs(hand=1500, deaf=True),
    LowerHand(),
    Want(source=SourceKind.CAMERA, height=360, fps=15, paused=True),
    DoorKeys(code="42-a-b-c", link="meshconf:x", token=bytes(16), version=2),
    WrongGuess(),
    Leave(),
    Ping(n=1),
    Pong(n=1),
    Relay(signal=SIGNAL),
    *OF_THE_ROOM,
    *OF_CONTROL,
]


def test_the_list_above_has_every_message() -> None:
    assert {type(message) for message in ONE_OF_EACH} == set(Message.__subclasses__())


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: type(message).__name__)
def test_a_message_comes_out_as_it_went_in(message: AnyMessage) -> None:
    assert decode(encode(message)) == message


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: type(message).__name__)
def test_fields_of_a_newer_version_are_ignored(message: AnyMessage) -> None:
    fields = msgspec.msgpack.decode(encode(message))
    assert decode(msgspec.msgpack.encode({**fields, "news": [1, 2]})) == message


@pytest.mark.parametrize(
    "message",
    [
        Whisper(text=""),
        Whisper(text="x" * 4001),
        Chat(line=msgspec.structs.replace(LINE, text="")),
        Want(source=SourceKind.CAMERA, height=8193, fps=0),
        Want(source=SourceKind.CAMERA, height=-1, fps=0),
        Want(source=SourceKind.CAMERA, height=0, fps=241),
        Ping(n=-1),
        Ping(n=2**53 + 1),
        Ping(n=1, roster=bytes(9)),
        Sources(on=[SourceKind.MIC] * 5),
        Introduce(members=[MEMBER] * (MAX_PEOPLE + 1)),
        Introduce(members=[msgspec.structs.replace(MEMBER, peer="short")]),
        Introduce(members=[msgspec.structs.replace(MEMBER, peer="A" * 16)]),
        Introduce(members=[msgspec.structs.replace(MEMBER, public=bytes(31))]),
        Introduce(members=[msgspec.structs.replace(MEMBER, name="x" * 65)]),
        Introduce(members=[msgspec.structs.replace(MEMBER, signature=bytes(63))]),
        Hello(member=MEMBER, binding=bytes(63)),
        Admitted(by=ID, members=[MEMBER] * (MAX_PEOPLE + 1)),
        DoorKeys(code="x" * 65, link="", token=b"", version=1),
        DoorKeys(code="", link="", token=bytes(33), version=1),
        TurnedAway(reason="x", text="x" * 201),
        msgspec.structs.replace(SIGNAL, sdp="x" * 12_001),
        msgspec.structs.replace(SIGNAL, fingerprint="x" * 96),
        msgspec.structs.replace(SIGNAL, signature=bytes(65)),
        Relay(signal=msgspec.structs.replace(SIGNAL, kind="bye")),
        Propose(proposal=msgspec.structs.replace(PROPOSAL, room="r" * 33)),
        Propose(proposal=msgspec.structs.replace(PROPOSAL, signature=bytes(63))),
        Propose(proposal=msgspec.structs.replace(PROPOSAL, act=Act(Deed.ADMIT, peer="short"))),
        Propose(proposal=msgspec.structs.replace(PROPOSAL, act=Act(Deed.ADMIT, name="x" * 65))),
        Propose(proposal=msgspec.structs.replace(PROPOSAL, act=Act(Deed.ADMIT, public=bytes(31)))),
        NotDone(author=ID, number=1, reason="x" * 33, text=""),
        NotDone(author=ID, number=1, reason="", text="x" * 201),
        Entries(entries=[ENTRY] * (MAX_ENTRIES + 1)),
        Entries(entries=[msgspec.structs.replace(ENTRY, previous=bytes(31))]),
        Entries(entries=[msgspec.structs.replace(ENTRY, votes=(VOTE,) * (MAX_VOTES + 1))]),
        Fetch(known=[bytes(32)] * (MAX_LOCATOR + 1)),
        Fetch(known=[bytes(33)]),
        Beat(epoch=-1, host=ID, head=bytes(32), n=1, signature=bytes(64)),
        CallVote(parent=b""),
        GiveVote(parent=bytes(32), signature=b""),
        Knock(peer=ID, public=bytes(32), name="x" * 65),
        Deny(peer=""),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_field_out_of_bounds_is_a_protocol_error(message: AnyMessage) -> None:
    with pytest.raises(ProtocolError):
        decode(encode(message))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80", b"\xa5hello", b"\x81\xa1t\xa5bogus", b"\x91" * 16_000])
def test_what_is_no_message_is_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data)


def test_a_message_that_is_too_large_is_not_even_read() -> None:
    with pytest.raises(ProtocolError, match=str(MAX_MESSAGE)):
        decode(bytes(MAX_MESSAGE + 1))


def test_the_signature_covers_every_other_field_of_a_signal() -> None:
    changed = {
        "room": "s",
        "sender": "b" * 16,
        "joined": 2,
        "recipient": "c" * 16,
        "session": 2,
        "kind": "answer",
        "sdp": "",
        "fingerprint": "",
    }
    assert {*changed, "signature"} == set(Signal.__struct_fields__)
    for name, value in changed.items():
        assert msgspec.structs.replace(SIGNAL, **{name: value}).signed_part() != SIGNAL.signed_part()
    assert msgspec.structs.replace(SIGNAL, signature=b"other").signed_part() == SIGNAL.signed_part()


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_a_protocol_error(data: bytes) -> None:
    try:
        decode(data)
    except ProtocolError:
        pass


@given(st.sampled_from(ONE_OF_EACH), st.data())
def test_a_damaged_message_is_a_message_or_a_protocol_error(message: AnyMessage, data: st.DataObject) -> None:
    damaged = bytearray(encode(message))
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(damaged) - 1), st.integers(0, 255)), max_size=4)):
        damaged[at] = value
    try:
        decode(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
    except ProtocolError:
        pass
