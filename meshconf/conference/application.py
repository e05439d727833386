"""What the driver needs of the conference above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from meshconf.protocol.chat import ChatMessage
from meshconf.protocol.control.messages import ControlMessage
from meshconf.protocol.events import MeshEvent
from meshconf.protocol.messages import DoorKeys, Want, WrongGuess
from meshconf.protocol.room.events import RoomEvent
from meshconf.protocol.signs import SignMessage
from meshconf.types import Ending, PeerId, SourceKind

if TYPE_CHECKING:
    from meshconf.media.encoded import EncodedFrame
    from meshconf.rtc.incoming import SoundPacket


ApplicationMessage = DoorKeys | Want | WrongGuess | ChatMessage | SignMessage | ControlMessage
"""What members say to each other beside mesh and room."""


class Application(Protocol):
    """Hears what happened, what came in, and what a person should know; every method returns at once."""

    def happened(self, event: MeshEvent) -> None:
        """Something changed in the mesh."""

    def decided(self, event: RoomEvent) -> None:
        """Something changed in the room's log, or came to nothing."""

    def received(self, peer: PeerId, message: ApplicationMessage) -> None:
        """A message that is neither the mesh's nor the room's business.

        Raises:
            ProtocolError: the peer cannot have meant that honestly; its link ends.
        """

    def heard(self, peer: PeerId, source: SourceKind, packet: SoundPacket) -> None:
        """A packet of a peer's sound."""

    def saw(self, peer: PeerId, source: SourceKind, frame: EncodedFrame) -> None:
        """A whole picture of a peer, to be decoded."""

    def greeted(self, peer: PeerId) -> None:
        """A peer's connection stands, its identity is proven."""

    def notice(self, text: str) -> None:
        """A plain sentence for the person."""

    def finish(self, reason: Ending) -> None:
        """The meeting is over for us."""
