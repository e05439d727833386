"""A driver on links that are none: nothing is sent, everything is noted, and a test says what the network does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from meshconf.conference.driver import Driver
from meshconf.conference.session import Session
from meshconf.media.encoded import EncodedFrame
from meshconf.protocol.events import MeshEvent
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.membership import sign_member
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import AnyMessage, Member, Signal, decode, encode
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import RoomEvent
from meshconf.protocol.room.history import History
from meshconf.protocol.room.making import found
from meshconf.rtc.ice import IceConfig
from meshconf.rtc.incoming import SoundPacket
from meshconf.types import PeerId, SourceKind


class FakeLink:
    """Stands in for a `PeerLink`: keeps what was sent, describes itself in a word."""

    def __init__(self, *, listener: Session, **_: Any) -> None:
        self.session = listener
        self.sent: list[AnyMessage] = []
        self.accepted: list[str] = []
        self.closed = False

    async def offer(self) -> str:
        """An offer."""
        return "offer"

    async def answer(self, sdp: str, fingerprint: str) -> str:
        """An answer."""
        return "answer"

    async def accept(self, sdp: str, fingerprint: str) -> None:
        """Takes an answer."""
        self.accepted.append(sdp)

    def send(self, channel: str, data: bytes) -> bool:
        """Notes a message."""
        self.sent.append(decode(data))
        return True

    def exporter(self, label: str, length: int) -> bytes:
        """The same on both sides."""
        return bytes(length)

    async def close(self) -> None:
        """Notes the end."""
        self.closed = True


class FakeApplication:
    """Notes what the driver tells."""

    def __init__(self) -> None:
        self.events: list[MeshEvent] = []
        self.decisions: list[RoomEvent] = []
        self.messages: list[AnyMessage] = []
        self.sound: list[PeerId] = []
        self.pictures: list[PeerId] = []
        self.notices: list[str] = []
        self.finished: list[str] = []

    def happened(self, event: MeshEvent) -> None:
        """Notes an event."""
        self.events.append(event)

    def decided(self, event: RoomEvent) -> None:
        """Notes what the room decided."""
        self.decisions.append(event)

    def received(self, peer: PeerId, message: AnyMessage) -> None:
        """Notes what came in."""
        self.messages.append(message)

    def heard(self, peer: PeerId, source: SourceKind, samples: Any) -> None:
        """Notes whose sound it was."""
        self.sound.append(peer)

    def saw(self, peer: PeerId, source: SourceKind, frame: Any) -> None:
        """Notes whose picture it was."""
        self.pictures.append(peer)

    def greeted(self, peer: PeerId) -> None:
        """Nobody asks."""

    def notice(self, text: str) -> None:
        """Notes a sentence."""
        self.notices.append(text)

    def finish(self, reason: str) -> None:
        """Notes the end."""
        self.finished.append(reason)


class Person:
    """Somebody at the other end, with a key of their own."""

    def __init__(self, seed: int, *, joined: int = 1) -> None:
        self.identity = Identity(seed.to_bytes(32, "big"))
        self.member: Member = sign_member(self.identity, f"person {seed}", joined)
        self.peer = PeerId(self.member.peer)

    def signal(self, to: PeerId, kind: str, session: int, *, joined: int | None = None, sdp: str = "sdp") -> Signal:
        """A signal that this person signed."""
        joined = self.member.joined if joined is None else joined
        bare = Signal(
            room=ROOM.room,
            sender=self.peer,
            joined=joined,
            recipient=to,
            session=session,
            kind=cast(Any, kind),
            sdp=sdp,
        )
        return Signal(**{**_fields(bare), "signature": self.identity.sign(bare.signed_part())})


US = Person(1)
"""Who sits at the desk, and founded the room."""

ROOM = History(found(US.peer, US.identity.public, "", US.identity.sign), verify)
"""The room in which everything here takes place, at its founding; its id is the same in every run."""


def room_of(members: Iterable[Person], *, now: float) -> Room:
    """Our room, with these people admitted."""
    room = Room(US.peer, History(ROOM.root.entry, verify), sign=US.identity.sign, verify=verify, now=now)
    for person in members:
        member = person.member
        room.propose(Act(Deed.ADMIT, peer=member.peer, name=member.name, public=member.public), now=now)
    room.events()
    return room


class Desk:
    """The surroundings of one driver: its clock, its application, and every link that it made."""

    def __init__(self, *, now: float = 100.0) -> None:
        self.now = now
        self.application = FakeApplication()
        self.links: list[FakeLink] = []
        self.own = US

    def start(self, *others: Person, admitted: Iterable[Person] = (), founder: bool = True) -> Driver:
        """The driver, acquainted with these people; call it on the event loop.

        Args:
            others: who is in the meeting.
            admitted: who else is in the room's log, and whom we do not know of yet.
            founder: False for whoever came in through a door, and must get hold of the meeting.
        """
        room = room_of([*others, *admitted], now=self.now)
        mesh = Mesh(self.own.member, founder=founder, welcomes=room.welcomes)
        driver = self.driver = Driver(
            mesh,
            room,
            identity=self.own.identity,
            feeds={},
            ice=IceConfig(),
            application=self.application,
            make_link=self._make,
            clock=lambda: self.now,
        )
        mesh.admit([other.member for other in others], now=self.now)
        return driver

    def _make(self, **given: Any) -> Any:
        link = FakeLink(**given)
        self.links.append(link)
        return link


def say(link: FakeLink, message: AnyMessage, channel: str = "ctl") -> None:
    """A message of the peer arrives on this link."""
    link.session.link_message(cast(Any, link), cast(Any, channel), encode(message))


def show(link: FakeLink) -> None:
    """A packet of sound and a picture of the peer arrive on this link."""
    link.session.link_sound(cast(Any, link), SourceKind.MIC, SoundPacket(1, 960, b"sound", 0.0))
    link.session.link_picture(cast(Any, link), SourceKind.CAMERA, EncodedFrame("VP8", b"picture", True, 0))


def _fields(signal: Signal) -> dict[str, Any]:
    return {name: getattr(signal, name) for name in signal.__struct_fields__}
