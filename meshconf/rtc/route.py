"""The route of one link's media: the pair of candidates that ICE has settled on, read by us in place of asyncio.

Runs on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable

from aioice.ice import CandidatePair
from aiortc import RTCPeerConnection

from meshconf.rtc.datagrams import DatagramOutlet, open_outlet
from meshconf.rtc.ice import path_of
from meshconf.rtc.ice_hooks import divert_media, is_media, release_media, round_trip_s
from meshconf.rtc.internals import ice_of, nominated_pair
from meshconf.rtc.reader import Take, read_instead
from meshconf.types import LinkPath


class MediaRoute:
    """What comes over a connection beside STUN and DTLS, and where to send the same.

    Args:
        connection: Whose; nothing of it is touched before `follow`.
        take: Gets what arrives.
    """

    def __init__(self, connection: RTCPeerConnection, take: Take) -> None:
        self._connection = connection
        self._take = take
        self._pair: CandidatePair | None = None
        self._give_back: Callable[[], None] | None = None

    @property
    def path(self) -> LinkPath | None:
        """What kind of path ICE has settled on; None before there is any, and after the end."""
        return path_of(nominated_pair(self._connection))

    @property
    def round_trip_s(self) -> float | None:
        """Smoothed round trip of ICE's consent checks, in seconds; None before the first answer."""
        return round_trip_s(ice_of(self._connection))

    def follow(self) -> DatagramOutlet | None:
        """Receive over the pair that ICE has settled on; where several work, it may take another one a moment later.

        Returns:
            Where to send from now on, to be closed by the caller; None where nothing has changed.

        Raises:
            OSError: No socket is to be had. What worked before still does.
        """
        pair = nominated_pair(self._connection)
        if pair is None or pair is self._pair:
            return None
        outlet = open_outlet(pair)
        try:
            self._receive_over(pair)
        except OSError:
            outlet.close()
            raise
        return outlet

    def close(self) -> None:
        """Take nothing any more; asyncio reads again, and what is no media goes where it went before."""
        self._return_socket()
        release_media(ice_of(self._connection))

    def _receive_over(self, pair: CandidatePair) -> None:
        # First, since both pairs may share one socket.
        self._return_socket()
        self._pair = None
        self._give_back = read_instead(pair, is_media=is_media, take=self._take)
        divert_media(ice_of(self._connection), pair.remote_addr, self._take)
        self._pair = pair

    def _return_socket(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()
