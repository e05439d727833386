"""One peer connection from first description to close: listens to its link, and proves whose it is.

What a session's news mean is for its owner, the driver, to decide. Runs on the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from meshconf.errors import ProtocolError
from meshconf.protocol.identity import Identity, peer_id_of, verify
from meshconf.protocol.messages import Hello, Member
from meshconf.rtc.link import PeerLink
from meshconf.types import PeerId, SourceKind

if TYPE_CHECKING:
    from meshconf.media.encoded import EncodedFrame
    from meshconf.rtc.incoming import SoundPacket

EXPORTER = "EXPORTER-meshconf"


class SessionOwner(Protocol):
    """What a session tells."""

    def session_open(self, session: Session) -> None:
        """All channels can send."""

    def session_lost(self, session: Session) -> None:
        """The connection failed or closed."""

    def session_message(self, session: Session, channel: str, data: bytes) -> None:
        """Unchecked bytes from the peer."""

    def session_sound(self, session: Session, source: SourceKind, packet: SoundPacket) -> None:
        """A packet of the peer's sound."""

    def session_picture(self, session: Session, source: SourceKind, frame: EncodedFrame) -> None:
        """A whole picture of the peer, to be decoded."""


@dataclass(slots=True, eq=False)
class Session:
    """The `number`th attempt to connect to a peer, and what came of it."""

    owner: SessionOwner
    peer: PeerId
    number: int
    proven: bool = False
    """Whether the peer has shown, over this very connection, that it holds the key of its id."""
    answered: bool = False
    """Whether the answer to our offer came; several members may carry it, the first counts."""
    _link: PeerLink | None = None

    @property
    def link(self) -> PeerLink:
        """The connection itself."""
        assert self._link is not None
        return self._link

    @link.setter
    def link(self, link: PeerLink) -> None:
        self._link = link

    def hello(self, identity: Identity, own: Member) -> Hello:
        """What proves to the peer who we are, bound to this very DTLS connection."""
        return Hello(member=own, binding=identity.sign(self._bound(PeerId(own.peer))))

    def prove(self, hello: Hello) -> None:
        """Check the peer's hello.

        Raises:
            ProtocolError: it is the second one, or of somebody else, or of another connection.
        """
        if self.proven:
            raise ProtocolError("a second hello")
        public = hello.member.public
        if peer_id_of(public) != self.peer or not verify(public, hello.binding, self._bound(self.peer)):
            raise ProtocolError("the hello does not prove the id")

    def _bound(self, peer: PeerId) -> bytes:
        return b"meshconf binding v1" + self.link.exporter(EXPORTER, 32) + peer.encode()

    # The link's listener.

    def link_state(self, link: PeerLink, state: str) -> None:
        """See `LinkListener`."""
        if state in ("failed", "closed"):
            self.owner.session_lost(self)

    def link_open(self, link: PeerLink) -> None:
        """See `LinkListener`."""
        self.owner.session_open(self)

    def link_message(self, link: PeerLink, channel: str, data: bytes) -> None:
        """See `LinkListener`."""
        self.owner.session_message(self, channel, data)

    def link_sound(self, link: PeerLink, source: SourceKind, packet: SoundPacket) -> None:
        """See `LinkListener`."""
        self.owner.session_sound(self, source, packet)

    def link_picture(self, link: PeerLink, source: SourceKind, frame: EncodedFrame) -> None:
        """See `LinkListener`."""
        self.owner.session_picture(self, source, frame)
