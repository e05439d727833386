"""What the play-out of one voice has done so far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class VoiceCounters:
    """Sums since the voice was first heard; whoever wants rates takes differences."""

    played: int = 0
    """Samples that came out while the voice was playing, whatever they were made of."""
    concealed: int = 0
    """Samples made up because theirs were lost or late. Counted when that is certain: the silence after somebody stops
    sending is no loss."""
    recovered: int = 0
    """Samples from the coarse copy in the packet that followed (in-band FEC)."""
    comfort: int = 0
    """Samples of the pauses in which a sender sends nothing (DTX)."""
    stretched: int = 0
    """Samples put in to gain delay."""
    squeezed: int = 0
    """Samples taken out to lose delay, pauses that were shortened included."""
    skipped: int = 0
    """Samples that arrived and were thrown away, since the voice began, or began again, with what was said last."""
    late: int = 0
    """Packets that came after their time was over."""
    restarts: int = 0
    """Leaps of sequence number or timestamp, each a new beginning."""
