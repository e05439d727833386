"""The packets of one stream that a viewer may still ask for: kept by number, for about a second."""

from __future__ import annotations

from array import array

SIZE = 1024
"""Packets kept: 1 s of 8 Mbit/s. They are shared by all links, so keeping costs a reference each."""

MOST_REPEATS = 16
"""Times that one packet is sent again: who asks more often gets a keyframe's worth of data for a few bytes."""


class History:
    """What went out on one stream of one link."""

    def __init__(self) -> None:
        self._slots: list[tuple[int, bytes, int] | None] = [None] * SIZE
        self._repeats = bytearray(SIZE)
        self._repeated_at = array("d", bytes(8 * SIZE))

    def keep(self, sequence: int, packet: bytes, payload_type: int) -> None:
        """Remember a packet that is sent now.

        Args:
            sequence: 16 bits.
            packet: With a header that is not patched.
            payload_type: As in `patch`, with the marker.
        """
        self._slots[sequence % SIZE] = (sequence, packet, payload_type)
        self._repeats[sequence % SIZE] = 0

    def kept(self, sequence: int) -> tuple[bytes, int] | None:
        """A packet, and its payload type; None if it is too old."""
        slot = self._slots[sequence % SIZE]
        return None if slot is None or slot[0] != sequence else slot[1:]

    def again(self, sequence: int, now: float = 0.0, apart: float = 0.0) -> tuple[bytes, int] | None:
        """A packet, and its payload type, to be sent again.

        Args:
            sequence: 16 bits.
            now: Monotonic seconds.
            apart: Seconds between two repeats of one packet.

        Returns:
            None if it is too old, was asked for too often, or repeated a moment ago.
        """
        packet, slot = self.kept(sequence), sequence % SIZE
        repeats = self._repeats[slot]
        if packet is None or repeats >= MOST_REPEATS or (repeats and now - self._repeated_at[slot] < apart):
            return None
        self._repeats[slot], self._repeated_at[slot] = repeats + 1, now
        return packet
