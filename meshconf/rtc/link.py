"""One connection to one peer: fixed media sections, three data channels, negotiated once and never again.

Who offers, how descriptions travel and what happens after a loss is decided elsewhere. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from contextlib import nullcontext
from typing import Any

import av
import numpy as np
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from numpy.typing import NDArray

from meshconf.errors import LocalProtocolError, ProtocolError
from meshconf.rtc import patches
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.channels import ChannelName, Channels
from meshconf.rtc.description import M_LINES, remote_description
from meshconf.rtc.feed import FeedTrack, PacketFeed
from meshconf.rtc.ice import IceConfig, classify
from meshconf.rtc.ice_hooks import loopback_only
from meshconf.rtc.internals import (
    abandon_sockets,
    answer_keyframe_requests,
    export_keying_material,
    selected_pair,
    use_certificate,
)
from meshconf.rtc.listener import LinkListener, tell
from meshconf.rtc.receive import Received, drain
from meshconf.rtc.stats import LinkStats, StatsReader
from meshconf.types import LinkPath, SourceKind

log = logging.getLogger("meshconf.rtc")

CLOSE_TIMEOUT_S = 3.0
"""A farewell that takes longer is cut short; an unreachable TURN server would hold it up for a minute."""


class PeerLink:
    """A link to one peer; make it on the running event loop, then `offer` and `accept`, or `answer`.

    Args:
        certificate: Shown to the peer; its fingerprint must reach the peer by a trusted road.
        ice: How to find a way.
        feeds: What we send; a source without a feed stays silent.
        listener: Hears of everything that happens here.
    """

    def __init__(
        self,
        *,
        certificate: Certificate,
        ice: IceConfig,
        feeds: Mapping[SourceKind, PacketFeed],
        listener: LinkListener,
    ) -> None:
        patches.apply()
        self._ice = ice
        self._listener = listener
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Task[None] | None = None
        self._state = "new"
        self._received = {kind: Received() for kind in M_LINES}
        self._tracks: dict[SourceKind, FeedTrack] = {}
        self._connection = RTCPeerConnection(ice.configuration())
        use_certificate(self._connection, certificate)
        for kind in M_LINES:
            self._add_section(kind, feeds.get(kind) or PacketFeed(kind))
        self._channels = Channels(
            self._connection,
            on_open=lambda: tell(listener.link_open, self),
            on_message=lambda name, data: tell(listener.link_message, self, name, data),
            on_violation=self._violated,
        )
        self._stats = StatsReader(self._connection, self._tracks, self._received)
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
            fingerprint: SHA-256 of the certificate that the peer must show, from a trusted road.

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
            fingerprint: SHA-256 of the certificate that the peer must show, from a trusted road.

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
        """The road that packets take; None while there is none."""
        pair = selected_pair(self._connection)
        return classify(*pair) if pair else None

    async def stats(self) -> LinkStats:
        """Take a reading; rates span the time since the last one."""
        return await self._stats.read()

    async def close(self) -> None:
        """Say goodbye and free everything, within 3 s; further calls wait for the first."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    def _add_section(self, kind: SourceKind, feed: PacketFeed) -> None:
        track = self._tracks[kind] = feed.track()
        transceiver = self._connection.addTransceiver(track, direction="sendrecv")
        # One codec each. No RTX: with two video sections on one payload type aiortc cannot tell to which a
        # retransmission under a foreign SSRC belongs and drops it, whereas plain retransmissions arrive.
        wanted = "audio/opus" if kind.is_audio else "video/VP8"
        codecs = RTCRtpSender.getCapabilities(track.kind).codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == wanted])
        answer_keyframe_requests(transceiver.sender, track.request_keyframe)

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
        for kind, transceiver in zip(M_LINES, self._connection.getTransceivers(), strict=True):
            counters = self._received[kind]
            self._spawn(drain(kind, transceiver.receiver.track, counters, self._heard, self._saw))

    def _heard(self, source: SourceKind, samples: NDArray[np.int16]) -> None:
        tell(self._listener.link_audio, self, source, samples)

    def _saw(self, source: SourceKind, frame: av.VideoFrame) -> None:
        tell(self._listener.link_picture, self, source, frame)

    def _violated(self, sentence: str) -> None:
        log.warning("Closing a link: %s", sentence)
        self._closing = self._closing or asyncio.create_task(self._close())

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "closed":
            # Not always our doing: aiortc closes by itself when the peer leaves or is lost.
            self._closing = self._closing or asyncio.create_task(self._close())
        else:
            self._report(state)

    def _report(self, state: str) -> None:
        if state != self._state:
            self._state = state
            tell(self._listener.link_state, self, state)

    async def _close(self) -> None:
        farewell = asyncio.create_task(self._connection.close())
        _, late = await asyncio.wait([farewell], timeout=CLOSE_TIMEOUT_S)
        if late:
            log.warning("A link did not close in %.0f s; dropping it", CLOSE_TIMEOUT_S)
            farewell.cancel()
            abandon_sockets(self._connection)
        elif error := farewell.exception():
            log.warning("A link did not close cleanly: %r", error)
        for track in self._tracks.values():
            track.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._report("closed")

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A task of a link failed", exc_info=error)
