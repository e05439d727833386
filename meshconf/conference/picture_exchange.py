"""Pictures both ways, turn by turn: what our viewers get, what we want of others, and faces in step with voices."""

from __future__ import annotations

from collections.abc import Callable

from meshconf.conference.beat import beat
from meshconf.conference.distribution import Distribution
from meshconf.conference.driver import Driver
from meshconf.conference.ears import Ears
from meshconf.conference.economy import Economy
from meshconf.conference.lipsync import LipSync
from meshconf.conference.quality import Quality
from meshconf.conference.studio import Studio
from meshconf.conference.viewing import Viewing
from meshconf.media.congestion.uplink import Uplink
from meshconf.media.encoded import EncodedFrame
from meshconf.protocol.messages import Want
from meshconf.types import PeerId, SourceKind

TURN_EVERY = 0.1
"""Seconds between two decisions; what cannot wait so long is decided at once."""

SYNC_EVERY = 10
"""Turns between two comparisons of voice and picture."""


class PictureExchange:
    """All that is decided about pictures while a meeting runs.

    Args:
        driver: Our links.
        studio: Our sources.
        ears: Plays the voices.
        shown: In which quality a peer's source is shown here.
        uplink: Shared by all links.
        notice: Takes a sentence for the person.
    """

    def __init__(
        self,
        driver: Driver,
        studio: Studio,
        ears: Ears,
        *,
        shown: Callable[[PeerId, SourceKind], Quality],
        uplink: Uplink,
        notice: Callable[[str], None],
    ) -> None:
        self._driver = driver
        self._ears = ears
        self._pictures = studio.pictures
        self._economy = Economy(notice)
        self.lagged = self._economy.lagged
        """To be told whenever the event loop came late."""
        self._distribution = Distribution(studio.sounds, studio.pictures, driver.links, uplink, self._economy)
        self._viewing = Viewing(shown, link=driver.link, send=driver.send)
        self._lipsync = LipSync(ears, driver.link)

    async def run(self) -> None:
        """Take turns for ever."""
        turn = 0
        while True:
            await beat(TURN_EVERY)
            self._economy.turn(self._pictures, self._ears.late_blocks)
            self.turn()
            turn += 1
            if turn % SYNC_EVERY == 0:
                self._lipsync.turn(self._driver.links())

    def turn(self) -> None:
        """Decide anew who gets what, here and there: a source, a window or a link has changed."""
        self._distribution.turn()
        self._viewing.tell(self._driver.links())

    def connecting(self) -> None:
        """Somebody is being connected."""
        self._economy.connecting()

    def wanted(self, peer: PeerId, want: Want) -> None:
        """A viewer says what it shows of a source of ours."""
        self._distribution.want(peer, want)

    def ask(self, peer: PeerId, want: Want) -> None:
        """Somebody here decides what is shown of a peer, whatever its window is like."""
        self._viewing.ask(peer, want.source, want.height, want.fps, paused=want.paused)

    def saw(self, peer: PeerId, source: SourceKind, frame: EncodedFrame) -> None:
        """A picture of a peer arrived."""
        if source is SourceKind.CAMERA:
            self._lipsync.saw(peer, frame)

    def forget(self, peer: PeerId) -> None:
        """A peer is gone."""
        for part in (self._distribution, self._viewing, self._lipsync):
            part.forget(peer)
