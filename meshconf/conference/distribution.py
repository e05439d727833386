"""Who gets which quality of our pictures: from what each viewer shows, what its link carries, and what we can encode.

Decides ten times a second, and at once when a viewer shows something else. The decisions are made by pure parts of
`media/`; here they are brought to the encoders and to the links.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from meshconf.conference.economy import Economy
from meshconf.conference.publishing.pictures import PicturePublisher
from meshconf.conference.publishing.sound import SoundPublisher
from meshconf.conference.quality import NOTHING, Quality
from meshconf.conference.viewing import PICTURES
from meshconf.media.congestion.uplink import Allocation, LinkDemand, Uplink, Wish
from meshconf.media.rung_sharing import RungSharing
from meshconf.media.rungs import Rung, RungChooser
from meshconf.protocol.messages import Want
from meshconf.rtc.link import PeerLink
from meshconf.types import PeerId, SourceKey, SourceKind

SOUND = Wish(40_000, 60_000)
"""What a voice needs of a link, headers and repairs included."""

MUSIC = Wish(70_000, 160_000)
"""What music needs, and what it can use."""

EVERYTHING = Quality(8192, 240)
"""For a viewer that has not said what it shows."""


class Distribution:
    """The sender's side of receiver-driven pictures.

    Args:
        sounds: Our sources that sound.
        pictures: Those of pictures.
        links: The connections in use.
        uplink: Shares what we can send.
        economy: What this computer can afford.
    """

    def __init__(
        self,
        sounds: Mapping[SourceKind, SoundPublisher],
        pictures: Mapping[SourceKind, PicturePublisher],
        links: Callable[[], Mapping[PeerId, PeerLink]],
        uplink: Uplink,
        economy: Economy,
    ) -> None:
        self._sounds = sounds
        self._pictures = pictures
        self._links = links
        self._uplink = uplink
        self._economy = economy
        self._wants: dict[SourceKey, Want] = {}
        self._choosers: dict[SourceKey, RungChooser] = {}
        self._sharing: dict[SourceKind, tuple[tuple[Rung, ...], RungSharing[PeerId]]] = {}

    def want(self, peer: PeerId, want: Want) -> None:
        """A viewer says what it shows of a source."""
        if want.source in PICTURES:
            self._wants[peer, want.source] = want
            self.turn()

    def forget(self, peer: PeerId) -> None:
        """A peer is gone."""
        self._wants = {key: want for key, want in self._wants.items() if key[0] != peer}
        self._choosers = {key: chooser for key, chooser in self._choosers.items() if key[0] != peer}

    def turn(self) -> None:
        """Decide for every viewer and every source."""
        now, links = time.monotonic(), self._links()
        demands = {peer: LinkDemand(link.media.estimator, self._wishes(peer)) for peer, link in links.items()}
        budgets = self._uplink.allocate(demands, now)
        for kind, publisher in self._pictures.items():
            if publisher.on:
                self._distribute(kind, publisher, links, budgets, now)
            else:
                publisher.wanted = {}
        worst = max((link.media.estimator.loss for link in links.values()), default=0.0)
        for kind, sound in self._sounds.items():
            sound.expected_loss = round(100 * worst)
            given = [budget[kind] for budget in budgets.values() if kind in budget]
            sound.affordable_bps = min(given, default=MUSIC.wish_bps)
        for peer, link in links.items():
            link.media.estimator.wanted_bps = sum(wish.wish_bps for wish in demands[peer].wishes.values())

    def _distribute(
        self,
        kind: SourceKind,
        publisher: PicturePublisher,
        links: Mapping[PeerId, PeerLink],
        budgets: Allocation,
        now: float,
    ) -> None:
        choices: dict[PeerId, tuple[Rung, int]] = {}
        for peer in links:
            height, fps = self._shown(peer, kind, publisher.rungs)
            budget = budgets[peer].get(kind, 0)
            rung = self._chooser(peer, kind, publisher.rungs).choose(height, fps, not height, budget, now)
            if rung is not None:
                choices[peer] = (rung, budget)
        sharing = self._shared(kind, publisher.rungs).share(choices, now)
        publisher.cpu_short = self._economy.cpu_short
        publisher.wanted = sharing.bitrates_bps
        for peer, link in links.items():
            given = sharing.rungs.get(peer)
            link.media.show(kind, None if given is None else given.index)

    def _wishes(self, peer: PeerId) -> dict[SourceKind, Wish]:
        wishes = {kind: MUSIC if sound.music else SOUND for kind, sound in self._sounds.items() if sound.on}
        for kind, publisher in self._pictures.items():
            if not publisher.on:
                continue
            height, fps = self._shown(peer, kind, publisher.rungs)
            if height:
                wanted = self._chooser(peer, kind, publisher.rungs).enough(height, fps)
                wishes[kind] = Wish(publisher.rungs[-1].min_bps, wanted.max_bps)
        return wishes

    def _shown(self, peer: PeerId, kind: SourceKind, rungs: tuple[Rung, ...]) -> Quality:
        """How a viewer shows a source, as far as we can afford."""
        want = self._wants.get((peer, kind))
        height, fps = EVERYTHING if want is None else Quality(want.height, want.fps)
        if want is not None and (want.paused or not height or not fps):
            return NOTHING
        # A smaller screen could not be read: on a computer that is short of time it is sent less often instead.
        largest = rungs[0] if kind is SourceKind.SCREEN else self._economy.allowed(rungs)
        return Quality(min(height, largest.height), min(fps, largest.fps))

    def _chooser(self, peer: PeerId, kind: SourceKind, rungs: tuple[Rung, ...]) -> RungChooser:
        chooser = self._choosers.get((peer, kind))
        if chooser is None or chooser.rungs is not rungs:
            chooser = self._choosers[peer, kind] = RungChooser(rungs)
        return chooser

    def _shared(self, kind: SourceKind, rungs: tuple[Rung, ...]) -> RungSharing[PeerId]:
        known = self._sharing.get(kind)
        if known is None or known[0] is not rungs:
            known = self._sharing[kind] = (rungs, RungSharing(rungs))
        return known[1]
