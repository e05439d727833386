"""Many viewers in one process that do ICE and DTLS, acknowledge every packet and decode nothing.

`python -m benchmarks.programs.light_viewers BITRATE`. A receiver that reports no loss and says once a second that the
network carries BITRATE is what a sender meets on a good network; decoding would only take the machine from it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, RtpPacket, pack_remb_fci

from benchmarks.programs.lines import Line, say, serve


@dataclass
class Tally:
    """What came of one stream since the last second."""

    frames: int = 0
    """Packets that end a picture."""
    octets: int = 0
    ssrc: int = 0


_tallies: WeakKeyDictionary[RTCRtpReceiver, Tally] = WeakKeyDictionary()


async def _take(receiver: Any, packet: RtpPacket, arrival_time_ms: int) -> None:
    """Instead of the receiver's own way from packet to picture: keep the statistics that reports are made of."""
    codec = receiver._RTCRtpReceiver__codecs.get(packet.payload_type)
    if codec is None:
        return
    streams = receiver._RTCRtpReceiver__remote_streams
    if packet.ssrc not in streams:
        streams[packet.ssrc] = StreamStatistics(codec.clockRate)
    streams[packet.ssrc].add(packet)
    tally = _tallies.setdefault(receiver, Tally())
    tally.octets += len(packet.payload) + 12
    if codec.name != "rtx":
        tally.frames += packet.marker
        tally.ssrc = packet.ssrc


class Viewers:
    """A connection per viewer and sender."""

    def __init__(self, bitrate_bps: int) -> None:
        self._bitrate_bps = bitrate_bps
        self._connections: dict[tuple[str, str], RTCPeerConnection] = {}

    async def obey(self, command: Line) -> str:
        """Answer an offer; a light viewer offers nothing itself."""
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        connection = self._connections[command["seat"], command["peer"]] = RTCPeerConnection(configuration)
        await connection.setRemoteDescription(RTCSessionDescription(command["sdp"], "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return str(connection.localDescription.sdp)

    async def report(self) -> None:
        """Say once a second what came, here and to the senders."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(before + 1.0 - time.monotonic())
            elapsed, before = time.monotonic() - before, time.monotonic()
            for (seat, peer), connection in list(self._connections.items()):
                camera: Line = {"source": "camera", "fps": 0.0}
                octets = 0
                for receiver, tally in self._streams(connection):
                    octets += tally.octets
                    if receiver.track.kind == "video":
                        camera["fps"] = tally.frames / elapsed
                        await self._allow(receiver, tally.ssrc)
                    tally.frames = tally.octets = 0
                link = {"peer": peer, "down_bps": octets * 8 / elapsed, "sources": [camera]}
                say({"event": "stats", "seat": seat, "links": [link]})

    @staticmethod
    def _streams(connection: RTCPeerConnection) -> Iterator[tuple[Any, Tally]]:
        for transceiver in connection.getTransceivers():
            if (tally := _tallies.get(transceiver.receiver)) is not None:
                yield transceiver.receiver, tally

    async def _allow(self, receiver: Any, ssrc: int) -> None:
        """Receiver Estimated Max Bitrate: what the network carries."""
        own = receiver._RTCRtpReceiver__rtcp_ssrc
        if own is not None:
            bitrate = pack_remb_fci(self._bitrate_bps, [ssrc])
            await receiver._send_rtcp(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own, media_ssrc=0, fci=bitrate))


async def main() -> None:
    """Watch until stdin ends."""
    RTCRtpReceiver._handle_rtp_packet = _take  # type: ignore[method-assign,assignment]
    viewers = Viewers(int(sys.argv[1]))
    async with asyncio.TaskGroup() as group:
        reporting = group.create_task(viewers.report())
        await serve(viewers.obey)
        reporting.cancel()


if __name__ == "__main__":
    asyncio.run(main())
