"""Holds each peer's camera back until its voice has been played: lip sync, from the peer's sender reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from meshconf.conference.ears import Ears
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp.rtcp import SenderReport
from meshconf.media.sync import lateness
from meshconf.rtc.link import PeerLink
from meshconf.types import PICTURE_CLOCK, SAMPLE_RATE, PeerId, SourceKind

UNNOTICED = 0.04
"""Seconds by which a picture may lead: nobody notices less (ITU-R BT.1359), and every picture would be late by it."""


class LipSync:
    """Compares voice and picture of each peer, and tells the picture's receiver.

    Args:
        ears: Plays the voices.
        link: The connection in use with a peer.
    """

    def __init__(self, ears: Ears, link: Callable[[PeerId], PeerLink | None]) -> None:
        self._ears = ears
        self._link = link
        self._pictures: dict[PeerId, EncodedFrame] = {}

    def saw(self, peer: PeerId, frame: EncodedFrame) -> None:
        """The newest picture of a peer's camera."""
        self._pictures[peer] = frame

    def turn(self, peers: Iterable[PeerId]) -> None:
        """Compare once; to be done about once a second."""
        for peer in peers:
            link, frame = self._link(peer), self._pictures.pop(peer, None)
            if link is not None and frame is not None:
                lead = self._lead(peer, link.media.reports, frame)
                link.media.pictures[SourceKind.CAMERA].receiver.align(lead - UNNOTICED)

    def _lead(self, peer: PeerId, reports: Mapping[SourceKind, SenderReport], frame: EncodedFrame) -> float:
        """Seconds by which a picture that nobody holds is ahead of its voice; 0 while that is not known."""
        spoken, seen = reports.get(SourceKind.MIC), reports.get(SourceKind.CAMERA)
        voice = self._ears.playout(peer, SourceKind.MIC)
        if voice is None or not voice.playing or voice.pulled_at is None or spoken is None or seen is None:
            return 0.0
        heard = lateness(spoken, SAMPLE_RATE, voice.position, voice.pulled_at)
        return heard - lateness(seen, PICTURE_CLOCK, frame.timestamp, frame.captured)

    def forget(self, peer: PeerId) -> None:
        """A peer is gone."""
        self._pictures.pop(peer, None)
