"""What a receiver of pictures has seen and done, for statistics and for people who ask why a picture froze."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Since the receiver was made."""

    packets: int = 0
    """Taken in, retransmissions and useless ones included."""
    repaired: int = 0
    """Packets that filled a hole and came as retransmissions."""
    lost: int = 0
    """Packets given up, or jumped over before they came."""
    discarded: int = 0
    """Packets that came in vain: repeated, late, malformed, or of pictures that could not be decoded."""
    frames: int = 0
    """Pictures released."""
    keyframes: int = 0
    """Those of them that were keyframes."""
    nacks_sent: int = 0
    """Sequence numbers asked for, each time counted."""
    keyframe_requests: int = 0
    jitter_s: float = 0.0
    """Interarrival jitter of pictures that needed no repair (RFC 3550, 6.4.1 and A.8), in seconds."""
