"""What aiortc's SCTP takes from a peer, and what not; installed by `patches.apply()`, runs on the event loop.

aiortc keeps whatever comes out of order or in pieces, and walks through all of it again with each chunk. So a chunk is
looked at before, and one that no honest peer sends ends the link. The bounds are those of an honest peer at its worst:
half a megabyte on ctl at once, which is all that the conference lets through, waiting behind one lost packet.
"""

from __future__ import annotations

import logging

from aiortc import rtcsctptransport as sctp
from aiortc.rtcsctptransport import RTCSctpTransport

log = logging.getLogger("meshconf.rtc")

FARTHEST = 4_096
"""Numbers (TSN) that a chunk may be ahead of the last one that came in order."""

MOST_HELD = 1_024
"""Chunks of an ordered channel that may wait for those before them, or for the rest of their message."""

MOST_HALVES = 64
"""Chunks of a lossy channel that may wait for the rest of their message, which fits into two."""

SHORTEST_PIECE = 512
"""Bytes of a message's part, but for the last; aiortc cuts at 1160."""

_TSNS = 1 << 32

_decode_params = sctp.decode_params
_receive_chunk = RTCSctpTransport._receive_chunk


def decode_params(body: bytes) -> list[tuple[int, bytes]]:
    """As in aiortc, which goes on for ever over a parameter that claims to have no length.

    Raises:
        ValueError: A parameter is shorter than its own header; aiortc drops the datagram then.
    """
    at = 0
    while at <= len(body) - 4:
        length = int.from_bytes(body[at + 2 : at + 4])
        if length < 4:
            raise ValueError(f"an SCTP parameter of {length} bytes")
        at += length + sctp.padl(length)
    return _decode_params(body)


async def receive_chunk(self: RTCSctpTransport, chunk: sctp.Chunk) -> None:
    """As in aiortc, for what an honest peer may send.

    Raises:
        ConnectionError: It does not; aiortc closes the connection, as it does for a peer who says goodbye.
    """
    match chunk:
        case sctp.DataChunk() | sctp.SackChunk() | sctp.ForwardTsnChunk() if _is_over(self):
            return  # overtaken by the peer's goodbye
        case sctp.DataChunk():
            fault = _fault_of_data(self, chunk)
        case sctp.SackChunk():
            fault = _fault_of_sack(self, chunk)
        case sctp.ForwardTsnChunk():
            fault = _fault_of_forward(self, chunk)
        case sctp.ReconfigChunk():
            fault = "The peer resets data channels."
        case _:
            fault = None
    if fault is not None:
        log.warning("Closing a link: %s", fault)
        raise ConnectionError(fault)
    await _receive_chunk(self, chunk)


def _is_over(association: RTCSctpTransport) -> bool:
    return association._association_state is association.State.CLOSED


def _fault_of_data(association: RTCSctpTransport, chunk: sctp.DataChunk) -> str | None:
    channel = association._data_channels.get(chunk.stream_id)
    if channel is None or chunk.protocol != sctp.WEBRTC_BINARY:
        return "The peer sent what is not for one of the data channels."
    if not chunk.flags & sctp.SCTP_DATA_LAST_FRAG and len(chunk.user_data) < SHORTEST_PIECE:
        return "The peer cuts its messages into crumbs."
    stream = association._inbound_streams.get(chunk.stream_id)
    if stream is not None and len(stream.reassembly) >= (MOST_HELD if channel.ordered else MOST_HALVES):
        return "The peer leaves too many messages unfinished."
    return _fault_of_number(association, chunk.tsn)


def _fault_of_forward(association: RTCSctpTransport, chunk: sctp.ForwardTsnChunk) -> str | None:
    channels = association._data_channels
    named = {number for number, _ in chunk.streams}
    if any(number not in channels or channels[number].ordered for number in named):
        return "The peer gives up messages that must arrive."
    for number, stream in association._inbound_streams.items():
        # What waits is sorted by number, and in an ordered channel nothing of it is before what is given up.
        held = stream.reassembly if channels[number].ordered else []
        if held and _ahead(chunk.cumulative_tsn, held[0].tsn) >= 0:
            return "The peer gives up messages that must arrive."
    return _fault_of_number(association, chunk.cumulative_tsn)


def _fault_of_sack(association: RTCSctpTransport, chunk: sctp.SackChunk) -> str | None:
    outstanding = _ahead(association._local_tsn, chunk.cumulative_tsn) - 1
    told = 0
    # In any order: aiortc sorts them by number, which turns them around where the numbers begin anew.
    for first, last in chunk.gaps:
        if not 1 <= first <= last <= outstanding:
            break
        told += last - first + 1
    else:
        if told <= outstanding and outstanding >= 0:
            return None
    return "The peer acknowledges what was never sent."


def _fault_of_number(association: RTCSctpTransport, tsn: int) -> str | None:
    last = association._last_received_tsn
    if last is None or _ahead(tsn, last) > FARTHEST or len(association._sack_misordered) >= FARTHEST:
        return "The peer numbers its messages at will."
    return None


def _ahead(tsn: int, of: int) -> int:
    """How far one number is ahead of another; negative where it is behind."""
    return (tsn - of + _TSNS // 2) % _TSNS - _TSNS // 2
