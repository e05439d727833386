"""One connection to one peer: fixed media sections, three data channels, negotiated once and never again.

Who offers, how descriptions travel and what happens after a loss is decided elsewhere. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext

from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from meshconf.errors import LocalProtocolError, ProtocolError
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.congestion.probing import ProbePlan
from meshconf.media.encoded import EncodedFrame
from meshconf.rtc import patches
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.channels import ChannelName, Channels
from meshconf.rtc.description import M_LINES, remote_description
from meshconf.rtc.feed import Feed
from meshconf.rtc.ice import IceConfig, path_of
from meshconf.rtc.ice_hooks import loopback_only
from meshconf.rtc.incoming import SoundPacket
from meshconf.rtc.internals import (
    abandon_sockets,
    announce_streams,
    export_keying_material,
    keep_media_out,
    nominated_pair,
    use_certificate,
)
from meshconf.rtc.listener import LinkListener, tell
from meshconf.rtc.stats import LinkStats, StatsReader
from meshconf.rtc.transport import MediaTransport
from meshconf.types import LinkPath, SourceKind

log = logging.getLogger("meshconf.rtc")

_CODECS = ("audio/opus", "video/VP8", "video/H264", "video/rtx")

CLOSE_TIMEOUT_S = 3.0
"""A farewell that takes longer is cut short; an unreachable TURN server would hold it up for a minute."""


class PeerLink:
    """A link to one peer; make it on the running event loop, then `offer` and `accept`, or `answer`.

    Args:
        certificate: Shown to the peer; the peer must learn its fingerprint from whom it can trust.
        ice: How to find a path.
        feeds: What we send; a source without a feed stays silent.
        listener: Hears of everything that happens here.
        probe: Says when to send a burst, to see how much the link carries.
    """

    def __init__(
        self,
        *,
        certificate: Certificate,
        ice: IceConfig,
        feeds: Mapping[SourceKind, Feed],
        listener: LinkListener,
        probe: Callable[[LinkEstimator, float], ProbePlan | None] = LinkEstimator.probe,
    ) -> None:
        patches.apply()
        self._ice = ice
        self._listener = listener
        self._closing: asyncio.Task[None] | None = None
        self._state = "new"
        self._connection = RTCPeerConnection(ice.configuration())
        use_certificate(self._connection, certificate)
        feeds = {kind: feeds.get(kind) or Feed(kind) for kind in M_LINES}
        for kind, feed in feeds.items():
            self._add_section(kind, feed)
        self.media = MediaTransport(feeds, _Sink(self, listener), probe)
        """What is sent and received beside messages."""
        self._channels = Channels(
            self._connection,
            on_open=lambda: tell(listener.link_open, self),
            on_message=lambda name, data: tell(listener.link_message, self, name, data),
            on_violation=self._violated,
        )
        self._stats = StatsReader(self._connection, self.media)
        self._connection.on("connectionstatechange", self._state_changed)

    @property
    def state(self) -> str:
        """ "new", "connecting", "connected", "failed" or "closed"."""
        return self._state

    async def offer(self) -> str:
        """Gather addresses and make the offer.

        Raises:
            LocalProtocolError: The link has been used or closed already.
        """
        self._demand("stable", fresh=True)
        return await self._describe()

    async def answer(self, offer_sdp: str, fingerprint: str) -> str:
        """Take the peer's offer and make the answer; connecting begins at once.

        Args:
            offer_sdp: As it came, untrusted.
            fingerprint: SHA-256 of the certificate that the peer must show, learned from whom we can trust.

        Raises:
            ProtocolError: The offer is not one that meshconf makes.
            LocalProtocolError: The link has been used or closed already.
        """
        self._demand("stable", fresh=True)
        await self._apply(remote_description("offer", offer_sdp, fingerprint))
        return await self._describe()

    async def accept(self, answer_sdp: str, fingerprint: str) -> None:
        """Take the answer to our offer; connecting begins.

        Args:
            answer_sdp: As it came, untrusted.
            fingerprint: SHA-256 of the certificate that the peer must show, learned from whom we can trust.

        Raises:
            ProtocolError: The answer is not one that meshconf makes.
            LocalProtocolError: No offer is waiting for an answer.
        """
        self._demand("have-local-offer")
        await self._apply(remote_description("answer", answer_sdp, fingerprint))

    def send(self, channel: ChannelName, data: bytes) -> bool:
        """Queue a message for the peer.

        Returns:
            False when the channel is not open or too much waits already; the message is not sent then.

        Raises:
            LocalProtocolError: The message is longer than its channel carries.
        """
        return self._channels.send(channel, data)

    def exporter(self, label: str, length: int) -> bytes:
        """Bytes that only the two ends of this very session know (RFC 5705), equal on both.

        Raises:
            LocalProtocolError: The link is not connected.
        """
        return export_keying_material(self._connection, label, length)

    def path(self) -> LinkPath | None:
        """What kind of path packets take; None while there is none."""
        return path_of(nominated_pair(self._connection))

    def stats(self) -> LinkStats:
        """Take a reading; rates span the time since the last one."""
        return self._stats.read()

    async def close(self) -> None:
        """Say goodbye and free everything, within 3 s; further calls wait for the first."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    def _add_section(self, kind: SourceKind, feed: Feed) -> None:
        medium = "audio" if kind.is_audio else "video"
        transceiver = self._connection.addTransceiver(medium, direction="sendrecv")
        keep_media_out(transceiver)
        announce_streams(transceiver.sender, feed.ssrc, feed.rtx_ssrc)
        codecs = RTCRtpSender.getCapabilities(medium).codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType in _CODECS])

    def _demand(self, signaling_state: str, *, fresh: bool = False) -> None:
        connection = self._connection
        used = fresh and (connection.localDescription is not None or connection.remoteDescription is not None)
        if self._closing or used or connection.signalingState != signaling_state:
            raise LocalProtocolError("A link is negotiated once; make a new one.")

    async def _describe(self) -> str:
        with loopback_only() if self._ice.loopback else nullcontext():
            await self._connection.setLocalDescription()
        return self._connection.localDescription.sdp

    async def _apply(self, description: RTCSessionDescription) -> None:
        try:
            await self._connection.setRemoteDescription(description)
        except Exception as error:
            # Whatever aiortc makes of a description that passed our checks, the peer wrote it.
            raise ProtocolError("The peer's session description cannot be used.") from error

    def _violated(self, sentence: str) -> None:
        log.warning("Closing a link: %s", sentence)
        self._closing = self._closing or asyncio.create_task(self._close())

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "closed":
            # Not always our doing: aiortc closes by itself when the peer leaves or is lost.
            self._closing = self._closing or asyncio.create_task(self._close())
        else:
            if state == "connected" and self._closing is None:
                self._begin_media()
            self._report(state)

    def _begin_media(self) -> None:
        try:
            self.media.start(self._connection)
        except (ProtocolError, OSError) as error:  # OSError: no descriptor is left for our half of the socket
            self._violated(str(error))

    def _report(self, state: str) -> None:
        if state != self._state:
            self._state = state
            tell(self._listener.link_state, self, state)

    async def _close(self) -> None:
        self.media.close()
        farewell = asyncio.create_task(self._connection.close())
        _, late = await asyncio.wait([farewell], timeout=CLOSE_TIMEOUT_S)
        if late:
            log.warning("A link did not close in %.0f s; dropping it", CLOSE_TIMEOUT_S)
            farewell.cancel()
            abandon_sockets(self._connection)
        elif error := farewell.exception():
            log.warning("A link did not close cleanly: %r", error)
        self._report("closed")


class _Sink:
    """Hands what arrives to the link's listener."""

    def __init__(self, link: PeerLink, listener: LinkListener) -> None:
        self._link = link
        self._listener = listener

    def sound_arrived(self, kind: SourceKind, packet: SoundPacket) -> None:
        tell(self._listener.link_sound, self._link, kind, packet)

    def picture_arrived(self, kind: SourceKind, frame: EncodedFrame) -> None:
        tell(self._listener.link_picture, self._link, kind, frame)
