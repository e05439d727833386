"""What a link tells its owner, and the one place where an owner's exception is caught.

aiortc runs callbacks inside its transport loop: an exception there closes the connection, so none may get through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, Protocol

from meshconf.types import SourceKind

if TYPE_CHECKING:
    from meshconf.media.encoded import EncodedFrame
    from meshconf.rtc.channels import ChannelName
    from meshconf.rtc.incoming import SoundPacket
    from meshconf.rtc.link import PeerLink

log = logging.getLogger("meshconf.rtc")

P = ParamSpec("P")


class LinkListener(Protocol):
    """The owner of a link; every method is called on the event loop and should return at once."""

    def link_state(self, link: PeerLink, state: str) -> None:
        """The connection state changed: "connecting", "connected", "failed" or "closed", as in W3C webrtc-pc.

        "closed" comes once and last; where nobody called `close()`, the peer left or was lost.
        """

    def link_open(self, link: PeerLink) -> None:
        """All three data channels can send; comes once, before the first message."""

    def link_message(self, link: PeerLink, channel: ChannelName, data: bytes) -> None:
        """A message arrived; its size is within the channel's limit, its content is unchecked."""

    def link_sound(self, link: PeerLink, source: SourceKind, packet: SoundPacket) -> None:
        """A packet of sound arrived; its bytes are unchecked."""

    def link_picture(self, link: PeerLink, source: SourceKind, frame: EncodedFrame) -> None:
        """A picture is whole, and all before it that it needs; its bytes are unchecked."""


def tell(method: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call a listener's method; its exception is logged and goes no further."""
    try:
        method(*args, **kwargs)
    except Exception:
        log.exception("A link's listener failed in %s", getattr(method, "__name__", method))
