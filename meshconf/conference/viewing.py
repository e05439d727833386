"""What we show of the others' pictures, told to each of them: nobody encodes, sends or decodes what nobody sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from meshconf.conference.quality import NOTHING, Quality
from meshconf.protocol.messages import Want
from meshconf.rtc.link import PeerLink
from meshconf.types import PeerId, SourceKey, SourceKind

PICTURES = tuple(kind for kind in SourceKind if not kind.is_audio)


class Viewing:
    """Our side of receiver-driven pictures.

    Args:
        shown: In which quality a source is shown here; `NOTHING` if it is not.
        link: The connection in use with a peer.
        send: Sends a message to a peer; False when it cannot be.
    """

    def __init__(
        self,
        shown: Callable[[PeerId, SourceKind], Quality],
        *,
        link: Callable[[PeerId], PeerLink | None],
        send: Callable[[PeerId, Want], bool],
    ) -> None:
        self._shown = shown
        self._link = link
        self._send = send
        self._asked: dict[SourceKey, Quality] = {}
        """What a person or a script asked for, which counts for more than windows."""
        self._told: dict[SourceKey, tuple[PeerLink, Want]] = {}

    def ask(self, peer: PeerId, source: SourceKind, height: int, fps: int, *, paused: bool) -> None:
        """Show a source in this size from now on, whatever the windows are like."""
        self._asked[peer, source] = NOTHING if paused else Quality(height, fps)
        self.tell([peer])

    def tell(self, peers: Iterable[PeerId]) -> None:
        """Tell peers what has changed; cheap when nothing has."""
        for peer in peers:
            link = self._link(peer)
            if link is None:
                continue
            wants = {source: self._want(peer, source) for source in PICTURES}
            link.media.discard(frozenset(source for source, want in wants.items() if want.paused))
            for source, want in wants.items():
                known = self._told.get((peer, source))
                if (known is None or known[0] is not link or known[1] != want) and self._send(peer, want):
                    self._told[peer, source] = (link, want)

    def forget(self, peer: PeerId) -> None:
        """A peer is gone."""
        for source in PICTURES:
            self._asked.pop((peer, source), None)
            self._told.pop((peer, source), None)

    def _want(self, peer: PeerId, source: SourceKind) -> Want:
        height, fps = self._asked.get((peer, source)) or self._shown(peer, source)
        return Want(source=source, height=height, fps=fps, paused=not (height and fps))
