from __future__ import annotations

import copy
import random
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.errors import LocalProtocolError, ProtocolError, WrongCode
from meshconf.protocol.handshake import Doorman, Joiner
from meshconf.protocol.handshake_frames import MAX_FRAME
from meshconf.protocol.identity import Identity
from meshconf.protocol.invite import Code, Link, room_name

CODE = Code(42, ("crumb", "ozone", "plank"))
OTHER_CODE = Code(42, ("crumb", "ozone", "zebra"))
LINK = Link(b"L" * 16)
OTHER_LINK = Link(b"M" * 16)
ALICE = Identity(b"\x01" * 32)
BOB = Identity(b"\x02" * 32)
MALLORY = Identity(b"\x03" * 32)

both_kinds = pytest.mark.parametrize("invite", [CODE, LINK], ids=["code", "link"])
Tamper = Callable[[int, bytes], bytes]


class Meeting:
    """A joiner and a doorman with a wire between them on which somebody may sit."""

    def __init__(self, theirs: Code | Link, *ours: Code | Link, seed: int = 1) -> None:
        entropy = random.Random(seed).randbytes
        self.joiner = Joiner(theirs, BOB, entropy)
        self.doorman = Doorman(ours or [theirs], ALICE, entropy)
        self.frames: list[bytes] = []

    def run(self, tamper: Tamper = lambda index, frame: frame) -> None:
        """Carry all four frames, each through `tamper`, until one side refuses."""

        def carry(frame: bytes) -> bytes:
            self.frames.append(frame)
            return tamper(len(self.frames) - 1, frame)

        frame = carry(self.joiner.hello())
        for side in (self.doorman, self.joiner, self.doorman):
            (frame,) = side.receive(frame)
            frame = carry(frame)
        assert self.joiner.receive(frame) == []


def flip(frame: bytes, bit: int) -> bytes:
    flipped = bytearray(frame)
    flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)


@both_kinds
def test_both_sides_end_with_a_channel_and_the_others_key(invite: Code | Link) -> None:
    meeting = Meeting(invite)
    meeting.run()
    assert meeting.joiner.peer_public == ALICE.public
    assert meeting.doorman.peer_public == BOB.public
    assert meeting.doorman.invite == invite and meeting.doorman.refusal is None
    assert meeting.joiner.channel is not None and meeting.doorman.channel is not None
    assert meeting.doorman.channel.open(meeting.joiner.channel.seal(b"hello")) == b"hello"
    assert meeting.joiner.channel.open(meeting.doorman.channel.seal(b"welcome")) == b"welcome"


@both_kinds
def test_no_frame_shows_who_the_two_are_or_what_they_know(invite: Code | Link) -> None:
    meeting = Meeting(invite)
    meeting.run()
    seen = b"".join(meeting.frames)
    for secret in (ALICE.public, BOB.public, LINK.secret, b"crumb", b"ozone", b"plank"):
        assert secret not in seen
    assert max(map(len, meeting.frames)) < 200


@both_kinds
def test_the_hello_picks_the_invite(invite: Code | Link) -> None:
    meeting = Meeting(invite, LINK, CODE)
    assert meeting.doorman.kind is None
    meeting.run()
    assert meeting.doorman.kind == ("code" if invite is CODE else "link")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [(OTHER_CODE, CODE), (Code(43, CODE.words), CODE), (OTHER_LINK, LINK), (CODE, LINK), (LINK, CODE)],
    ids=["words", "unknown-nameplate", "unknown-link", "code-where-only-links", "link-where-only-codes"],
)
def test_a_wrong_guess_is_wrong_on_both_sides(theirs: Code | Link, ours: Code | Link) -> None:
    meeting = Meeting(theirs, ours)
    (reply,) = meeting.doorman.receive(meeting.joiner.hello())
    (proof,) = meeting.joiner.receive(reply)
    with pytest.raises(WrongCode):
        meeting.doorman.receive(proof)
    assert meeting.doorman.refusal is not None
    with pytest.raises(WrongCode):
        meeting.joiner.receive(meeting.doorman.refusal)
    for side in (meeting.joiner, meeting.doorman):
        assert side.channel is None and side.peer_public is None


def test_a_meeting_that_is_not_here_answers_like_one_that_is() -> None:
    known, unknown = Meeting(OTHER_CODE, CODE), Meeting(Code(43, CODE.words), CODE)
    shapes = []
    for meeting in (known, unknown):
        (reply,) = meeting.doorman.receive(meeting.joiner.hello())
        (proof,) = meeting.joiner.receive(reply)
        with pytest.raises(WrongCode) as refused:
            meeting.doorman.receive(proof)
        shapes.append((len(reply), meeting.doorman.refusal, str(refused.value)))
    assert shapes[0] == shapes[1]
    assert known.doorman.invite == CODE and unknown.doorman.invite is None


@both_kinds
def test_one_in_the_middle_with_another_secret_learns_nothing(invite: Code | Link) -> None:
    guess = OTHER_CODE if invite is CODE else Link(b"?" * 16)
    entropy = random.Random(5).randbytes
    victim, false_doorman = Joiner(invite, BOB, entropy), Doorman([guess], MALLORY, entropy)
    hello = victim.hello()
    # A link of another secret has another room: the one in the middle renames it to be heard at all.
    (reply,) = false_doorman.receive(hello.replace(room_name(invite).encode(), room_name(guess).encode()))
    (proof,) = victim.receive(reply)
    with pytest.raises(WrongCode):
        false_doorman.receive(proof)
    assert false_doorman.peer_public is None and BOB.public not in proof

    doorman, false_joiner = Doorman([invite], ALICE, entropy), Joiner(guess, MALLORY, entropy)
    hello = false_joiner.hello().replace(room_name(guess).encode(), room_name(invite).encode())
    (reply,) = doorman.receive(hello)
    (proof,) = false_joiner.receive(reply)
    with pytest.raises(WrongCode):
        doorman.receive(proof)
    assert false_joiner.peer_public is None

    assert doorman.refusal is not None
    with pytest.raises(WrongCode):
        victim.receive(doorman.refusal)
    assert victim.channel is None


@pytest.mark.parametrize("index", range(4), ids=["hello", "reply", "proof", "welcome"])
def test_every_flipped_bit_ends_the_handshake(index: int) -> None:
    honest = Meeting(LINK)
    honest.run()
    for bit in range(len(honest.frames[index]) * 8):
        meeting = Meeting(LINK)
        with pytest.raises((ProtocolError, WrongCode)):
            meeting.run(lambda at, frame, bit=bit: flip(frame, bit) if at == index else frame)  # type: ignore[misc]
        assert meeting.joiner.channel is None
        assert index == 3 or meeting.doorman.channel is None


@pytest.mark.parametrize("index", range(4), ids=["hello", "reply", "proof", "welcome"])
def test_a_flipped_bit_in_each_byte_ends_the_handshake_by_code(index: int) -> None:
    before: list[tuple[Joiner, Doorman]] = []
    honest = Meeting(CODE)

    def remember(_: int, frame: bytes) -> bytes:
        doorman = honest.doorman if honest.doorman.channel else copy.deepcopy(honest.doorman)  # it is through then
        before.append((copy.deepcopy(honest.joiner), doorman))
        return frame

    honest.run(remember)
    for at in range(len(honest.frames[index])):
        joiner, doorman = copy.deepcopy(before[index][0]), before[index][1]
        doorman = doorman if doorman.channel else copy.deepcopy(doorman)
        frame = flip(honest.frames[index], at * 8 + at % 8)
        with pytest.raises((ProtocolError, WrongCode)):
            for side in (doorman, joiner, doorman, joiner)[index:]:
                (frame,) = side.receive(frame)
        assert joiner.channel is None
        assert index == 3 or doorman.channel is None


@both_kinds
@pytest.mark.parametrize("given", range(4))
@pytest.mark.parametrize("instead", range(4))
def test_a_frame_in_the_place_of_another_is_refused(invite: Code | Link, given: int, instead: int) -> None:
    recorded = Meeting(invite, seed=2)
    recorded.run()
    meeting = Meeting(invite, seed=3)
    frames = recorded.frames
    with pytest.raises((ProtocolError, WrongCode)):
        meeting.run(lambda at, frame: frames[instead] if at == given else frame)
    assert meeting.joiner.channel is None


@both_kinds
def test_an_own_frame_sent_back_is_refused(invite: Code | Link) -> None:
    for turn in range(2):
        meeting = Meeting(invite)
        sent = meeting.joiner.hello()
        if turn:
            (reply,) = meeting.doorman.receive(sent)
            (sent,) = meeting.joiner.receive(reply)
        with pytest.raises(ProtocolError):
            meeting.joiner.receive(sent)
    with pytest.raises(ProtocolError):
        meeting.doorman.receive(reply)


@both_kinds
def test_the_exchange_of_one_side_sent_back_as_the_others_is_refused(invite: Code | Link) -> None:
    meeting = Meeting(invite)
    _, version, _, exchange = msgspec.msgpack.decode(meeting.joiner.hello())
    reflected = msgspec.msgpack.encode(["reply", version, exchange])
    proof: list[bytes] = []
    with pytest.raises((ProtocolError, WrongCode)):
        proof += meeting.joiner.receive(reflected)  # a code notices here, a link at the confirmation
        _, version, box, confirmation = msgspec.msgpack.decode(proof[0])
        meeting.joiner.receive(msgspec.msgpack.encode(["welcome", version, box, confirmation]))
    assert meeting.joiner.channel is None


def test_a_whole_recorded_conversation_opens_nothing_again() -> None:
    recorded = Meeting(CODE, seed=2)
    recorded.run()
    doorman = Doorman([CODE], ALICE, random.Random(9).randbytes)
    doorman.receive(recorded.frames[0])
    with pytest.raises(WrongCode):
        doorman.receive(recorded.frames[2])


def test_a_failed_attempt_takes_no_further_frames() -> None:
    meeting = Meeting(LINK)
    (reply,) = meeting.doorman.receive(meeting.joiner.hello())
    (proof,) = meeting.joiner.receive(reply)
    with pytest.raises(WrongCode):
        meeting.doorman.receive(flip(proof, len(proof) * 8 - 1))
    with pytest.raises(ProtocolError):
        meeting.doorman.receive(proof)
    assert meeting.doorman.channel is None


def test_a_frame_after_the_end_leaves_the_channel_alone() -> None:
    meeting = Meeting(LINK)
    meeting.run()
    with pytest.raises(ProtocolError):
        meeting.doorman.receive(meeting.frames[2])
    assert meeting.doorman.channel is not None and meeting.doorman.refusal is None


def test_an_exchange_of_small_order_is_refused() -> None:
    for room, exchange in ((room_name(LINK), bytes(32)), (room_name(CODE), b"A\x01" + bytes(31))):
        doorman = Doorman([LINK, CODE], ALICE, random.Random(1).randbytes)
        with pytest.raises(ProtocolError):
            doorman.receive(msgspec.msgpack.encode(["hello", 1, room, exchange]))
        assert doorman.peer_public is None and doorman.channel is None


def test_another_version_is_named_as_the_reason_on_both_sides() -> None:
    meeting = Meeting(CODE)
    meeting.joiner.hello()
    later = msgspec.msgpack.encode(["hello", 2, "42", bytes(32), "something new"])
    with pytest.raises(ProtocolError, match="another version"):
        meeting.doorman.receive(later)
    assert meeting.doorman.refusal is not None
    with pytest.raises(ProtocolError, match="another version"):
        meeting.joiner.receive(meeting.doorman.refusal)


def test_a_malformed_frame_is_answered_with_a_refusal() -> None:
    meeting = Meeting(CODE)
    meeting.joiner.hello()
    with pytest.raises(ProtocolError):
        meeting.doorman.receive(b"GET / HTTP/1.1")
    assert meeting.doorman.refusal is not None
    with pytest.raises(ProtocolError, match="malformed"):
        meeting.joiner.receive(meeting.doorman.refusal)


def test_a_joiner_says_hello_once_and_first() -> None:
    joiner = Meeting(LINK).joiner
    joiner.hello()
    with pytest.raises(LocalProtocolError):
        joiner.hello()
    silent = Meeting(LINK)
    with pytest.raises(ProtocolError):
        silent.joiner.receive(b"")


@pytest.mark.parametrize("frame", [b"", b"\x91" * 4000, bytes(MAX_FRAME + 1), b"\x94\xa5hello\x01\xa142"])
def test_crafted_junk_is_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        Meeting(LINK).doorman.receive(frame)


anything = st.recursive(
    st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=40), st.binary(max_size=120)),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=10,
)
tags = st.sampled_from(["hello", "reply", "proof", "welcome", "refuse"])
frames = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda tag, rest: msgspec.msgpack.encode([tag, 1, *rest]), tags, st.lists(anything, max_size=4)),
)


@settings(deadline=None)
@given(frames)
def test_no_made_up_frame_does_more_than_end_the_attempt(frame: bytes) -> None:
    for turn in range(2):
        meeting = Meeting(LINK)
        hello = meeting.joiner.hello()
        if turn:
            (reply,) = meeting.doorman.receive(hello)
            meeting.joiner.receive(reply)
        for side in (meeting.doorman, meeting.joiner):
            with pytest.raises((ProtocolError, WrongCode)):
                side.receive(frame)
            assert side.channel is None
