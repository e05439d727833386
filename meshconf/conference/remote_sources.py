"""What others send, as far as the room lets them: forbidden sound is not played, forbidden pictures are not shown.

Whatever a modified program sends: it is the receivers who keep the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from meshconf.conference import events
from meshconf.conference.ears import Ears
from meshconf.conference.events import Event
from meshconf.conference.gallery import Gallery, title_of
from meshconf.types import Medium, PeerId, SourceKey, SourceKind

if TYPE_CHECKING:
    from meshconf.media.encoded import EncodedFrame
    from meshconf.rtc.incoming import SoundPacket


class RemoteSources:
    """The other people's sources.

    Args:
        ears: where sound goes.
        gallery: where pictures go.
        allows: whether the room lets a peer send that.
        tell: takes events for the faces.
        name: the name behind an id, safe to show.
    """

    def __init__(
        self,
        ears: Ears,
        gallery: Gallery,
        *,
        allows: Callable[[PeerId, Medium], bool],
        tell: Callable[[Event], None],
        name: Callable[[str], str],
    ) -> None:
        self._ears = ears
        self._gallery = gallery
        self._allows = allows
        self._tell = tell
        self._name = name
        self._open: dict[SourceKey, bool] = {}
        """The sources that are on, and whether we take them."""
        self._met: set[SourceKey] = set()
        """Sounds of which the first was heard."""

    def switched(self, peer: PeerId, source: SourceKind, on: bool) -> None:
        """A peer says that it switched a source on or off."""
        key = (peer, source)
        if not on:
            self._shut(key)
            self._open.pop(key, None)
            self._tell(events.Source(peer=peer, source=source, state="off"))
            return
        self._open[key] = self._allows(peer, source.medium)
        self._tell(events.Source(peer=peer, source=source, state="on" if self._open[key] else "forbidden"))

    def ruled(self) -> None:
        """The room's rules changed."""
        for (peer, source), was in list(self._open.items()):
            if (now := self._allows(peer, source.medium)) is not was:
                self._open[peer, source] = now
                if not now:
                    self._shut((peer, source))
                self._tell(events.Source(peer=peer, source=source, state="on" if now else "forbidden"))

    def reconnected(self, peer: PeerId) -> None:
        """A new connection to a peer stands."""
        self._ears.reconnected(peer)

    def forget(self, peer: PeerId) -> None:
        """A peer is gone."""
        self._ears.forget(peer)

    def heard(self, peer: PeerId, source: SourceKind, packet: SoundPacket) -> None:
        """A packet of a peer's sound."""
        if not self._open.get((peer, source)):
            return
        if (peer, source) not in self._met:
            self._met.add((peer, source))
            self._tell(events.FirstFrame(peer=peer, name=self._name(peer), source=source))
        self._ears.hear(peer, source, packet)

    def saw(self, peer: PeerId, source: SourceKind, frame: EncodedFrame) -> None:
        """A whole picture of a peer, to be decoded."""
        if self._open.get((peer, source)):
            self._gallery.feed(peer, source, title_of(self._name(peer), source), frame)

    def shown(self, peer: PeerId, source: SourceKind, width: int, height: int) -> None:
        """The first picture of a source was decoded."""
        self._tell(events.FirstFrame(peer=peer, name=self._name(peer), source=source, width=width, height=height))

    def _shut(self, key: SourceKey) -> None:
        self._ears.forget(*key)
        self._gallery.forget(*key)
        self._met.discard(key)
