"""Who does not hear whom, by what one end sent and the other got: told in plain words, both ways.

Runs on the event loop, twice a second, over counters that are kept anyway.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from meshconf.conference.events import Event, Notice
from meshconf.media.one_way import OneWay
from meshconf.media.rtp.rtcp import SenderReport
from meshconf.rtc.incoming import IncomingSound
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.types import PeerId, SourceKind

LOOK_EVERY = 0.5
"""Seconds between two looks."""

DYING_S = 5.0
"""Seconds within which a peer that has died is shown as gone: till then nobody is said not to hear us."""

_MIC = SourceKind.MIC
_OUT = {
    "lost": ("not-heard", "{name} does not hear you: nothing of your sound arrives there."),
    "back": ("heard-again", "{name} hears you again."),
}
_IN = {
    "lost": ("hears-not", "You do not hear {name}: nothing of their sound arrives here."),
    "back": ("hears-again", "You hear {name} again."),
}


class Media(Protocol):
    """What is read of a link."""

    outgoing: dict[SourceKind, OutgoingStream]

    @property
    def sounds(self) -> Mapping[SourceKind, IncomingSound]:
        """What arrives."""

    @property
    def reports(self) -> Mapping[SourceKind, SenderReport]:
        """What the peer says to have sent."""


class Hearing:
    """Watches the microphones over all links.

    Args:
        links: the media of each link in use.
        name: the name behind an id, safe to show.
        tell: takes events for the faces.
    """

    def __init__(
        self,
        links: Callable[[], Mapping[PeerId, Media]],
        *,
        name: Callable[[str], str],
        tell: Callable[[Event], None],
    ) -> None:
        self._links = links
        self._name = name
        self._tell = tell
        self._watched: dict[PeerId, tuple[Media, OneWay, OneWay]] = {}

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self.look(time.monotonic())
            await asyncio.sleep(LOOK_EVERY)

    def look(self, now: float) -> None:
        """Read the counters of all links; a new connection begins anew."""
        links = self._links()
        for gone in self._watched.keys() - links.keys():
            del self._watched[gone]
        for peer, media in links.items():
            known = self._watched.get(peer)
            if known is None or known[0] is not media:
                known = self._watched[peer] = (media, OneWay(DYING_S), OneWay())
            _, out, back = known
            sent = media.outgoing[_MIC]
            if (news := out.update(sent.counters.packets, sent.arrived, now)) is not None:
                self._say(peer, *_OUT[news])
            # Without a report of theirs there is nothing to compare with: they may just be silent.
            if _MIC in media.sounds and (report := media.reports.get(_MIC)) is not None:
                if (news := back.update(report.packets, media.sounds[_MIC].packets, now)) is not None:
                    self._say(peer, *_IN[news])

    def _say(self, peer: PeerId, code: str, sentence: str) -> None:
        self._tell(Notice(text=sentence.format(name=self._name(peer)), code=code, peer=peer))
