"""The play-out of one voice: packets as they arrive go in, blocks as the loudspeaker asks for them come out.

In the manner of NetEq (WebRTC): the delay follows what late packets ask for, by repeating and leaving out pitch periods
where it can be done unheard; pauses take most of it. A voice is decoded when it is played, so that a packet may still
come, or the next one stand in for it, at the last moment. The loudspeaker's clock is the only one: whatever the
sender's sound card does against it shows as packets that come sooner or later, and is followed in the same way.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from meshconf.media.level import FLOOR_DB, level_db
from meshconf.media.samples import Samples, shaped, silence
from meshconf.media.voice.counters import VoiceCounters
from meshconf.media.voice.decoder import VoiceDecoder
from meshconf.media.voice.delay import FEWEST, ArrivalDelays
from meshconf.media.voice.packets import MAX_PACKETS, PacketBuffer, Verdict, VoicePacket
from meshconf.media.voice.supply import DTX_BYTES, FADE_IN, Supply
from meshconf.media.voice.tempo import Tempo
from meshconf.types import BLOCK, SAMPLE_RATE

GUARD_S = 0.003
"""A packet that comes less than this before it is asked for counts as if it came after: next time it might."""

CUSHION = BLOCK
"""Samples of delay beyond the first packet's, until enough have come to know better."""

INTERRUPTION_S = 0.25
"""The loudspeaker stood still if it has asked for nothing for this long."""

COPIES_LAST = 50
"""Packets without a copy of another, in them (in-band FEC) or after them (sent twice), after which a sender is taken to
send no copies."""

COPIES_BEHIND = 2
"""Packets behind the newest that a copy may be to be waited for: at 20 ms, the 40 ms by which losses may delay a voice.
What comes later, because it was sent again after a report, is played if it happens to be in time."""

_NONE_YET = VoicePacket(-MAX_PACKETS, 0, b"")
"""Stands for the newest packet before the first."""

_RISE = (np.arange(FADE_IN, dtype=np.float32) + 0.5) / FADE_IN


class VoicePlayout:
    """One voice on its way to the mixer."""

    def __init__(self, decoder: VoiceDecoder, block: int = BLOCK, channels: int = 1) -> None:
        """Begin in silence.

        Args:
            decoder: for this voice alone.
            block: samples that each pull returns: 20 ms, or 10 ms.
            channels: that the decoder gives, 1 or 2.
        """
        self.counters = VoiceCounters()
        self.playing = False
        """Whether the voice is being sent, so that its blocks are more than silence."""
        self.level_db = FLOOR_DB
        """Loudness of the last block in dBFS."""
        self._decoder = decoder
        self._packets = PacketBuffer()
        self._supply = Supply(decoder, self._packets, self.counters, block, channels)
        self._delays = ArrivalDelays()
        self._arrivals: deque[tuple[float, VoicePacket]] = deque(maxlen=MAX_PACKETS)
        self._inner_copies = 0
        self._outer_copies = 0
        self._furthest = _NONE_YET
        self._tempo = Tempo(self._supply, self.counters, block, channels)
        self._block = block
        self.channels = channels
        """In each block."""
        self._clock = 0
        self._pulled: float | None = None
        self._position = 0
        self._seam = False

    @property
    def position(self) -> int:
        """Timestamp of the first sample of the last block; it left for the loudspeaker when that was pulled.

        With the sender reports of both, a picture is in step if its capture has the time of this sample's.
        """
        return self._position

    @property
    def pulled_at(self) -> float | None:
        """When the last block was pulled, in monotonic seconds; None before the first."""
        return self._pulled

    def renumber(self) -> None:
        """What follows comes over another connection, where packets have other numbers; delays are as they were."""
        self._packets.clear()
        self._arrivals.clear()
        self._furthest = _NONE_YET
        self._stop()

    def push(self, sequence: int, timestamp: int, payload: bytes, arrived: float) -> None:
        """Take a packet, whenever and in whatever order it comes, also twice.

        Args:
            sequence: RTP sequence number, unwrapped.
            timestamp: RTP timestamp in samples at 48 kHz, unwrapped.
            payload: one opus packet.
            arrived: monotonic seconds, of the same clock as for `pull`.
        """
        packet = VoicePacket(sequence, timestamp, payload)
        verdict = self._packets.push(packet)
        if verdict is Verdict.REPEATED:
            self._outer_copies = COPIES_LAST
            return
        if verdict is Verdict.LATE:
            self.counters.late += 1
        elif verdict is Verdict.RESTARTED and self.playing:
            self.counters.restarts += 1
            self._stop()
        self._arrivals.append((arrived, packet))

    def pull(self, now: float) -> Samples:
        """The next block for the loudspeaker.

        Args:
            now: monotonic seconds.

        Returns:
            As many samples and channels as the play-out was made for; silence while nobody sends.
        """
        if self._pulled is None or now - self._pulled > INTERRUPTION_S:
            self._resume(now)
        self._pulled = now
        self._measure(now)
        block = self._next_block() if self.playing or self._begin() else None
        self._clock += self._block
        if block is None:
            self.level_db = FLOOR_DB
            self._seam = False
            return silence(self._block, self.channels)
        self.counters.played += self._block
        self.level_db = level_db(block)
        self._tempo.note(block, self.level_db)
        return block

    def _resume(self, now: float) -> None:
        """The loudspeaker begins, or goes on after it stood still: go on with what is being said now."""
        if self._pulled is not None:
            self._clock += round((now - self._pulled) * SAMPLE_RATE) - self._block
        self._arrivals.clear()  # nobody could have played them when they came
        self._stop()

    def _measure(self, now: float) -> None:
        while self._arrivals and self._arrivals[0][0] <= now - GUARD_S:
            packet = self._arrivals.popleft()[1]
            behind = self._furthest.sequence - packet.sequence
            if 0 < behind < MAX_PACKETS:
                self._measure_overtaken(packet, behind)
            else:
                self._measure_newest(packet)

    def _measure_newest(self, packet: VoicePacket) -> None:
        sequence, timestamp, payload = packet
        before, self._furthest = self._furthest, packet
        expected = before.timestamp + (sequence - before.sequence) * self._supply.frame
        alone = len(payload) <= DTX_BYTES or timestamp > expected
        self._delays.add(self._clock - timestamp, self._clock, alone=alone)
        self._outer_copies = max(0, self._outer_copies - 1)
        # The copy of a lost packet has arrived too, in its way. Where many are lost, delay that lets copies be of
        # use comes from these alone; packets of silence carry none, but say nothing against it.
        self._inner_copies = COPIES_LAST if self._decoder.has_fec(payload) else max(0, self._inner_copies - 1)
        if self._inner_copies and not self._outer_copies and self._packets.lacks(sequence - 1):
            self._delays.add_repair(self._clock - timestamp + self._supply.frame, self._clock)

    def _measure_overtaken(self, packet: VoicePacket, behind: int) -> None:
        delay = self._clock - packet.timestamp
        if not self._outer_copies:
            self._delays.add(delay, self._clock, alone=True)
        elif behind <= COPIES_BEHIND:
            self._delays.add_repair(delay, self._clock)

    def _stop(self) -> None:
        self._seam = self.playing
        self.playing = False

    def _begin(self) -> bool:
        newest = self._packets.newest
        if newest is None or not self._packets:
            return False
        self._delays.expire(self._clock)
        delay = self._clock - newest.timestamp
        if len(self._delays) >= FEWEST and abs(delay - self._delays.lower) < SAMPLE_RATE:
            delay = max(delay, self._delays.lower)
        else:
            delay += CUSHION
        self._supply.start(self._clock - delay)
        self.playing = True
        return True

    def _next_block(self) -> Samples | None:
        while len(self._supply.ahead) < self._block:
            self._supply.extend(max(0, self._correction()))
        if self._supply.exhausted and not self._packets:
            self.playing = False
            return None
        if self._supply.flowing:
            self._tempo.adjust(self._correction())
        self._position = self._supply.position
        block = self._supply.ahead[: self._block].copy()
        self._supply.ahead = self._supply.ahead[self._block :]
        if self._seam:
            self._seam = False
            rise = shaped(_RISE, block)
            block[:FADE_IN] = block[:FADE_IN] * rise + self._tempo.last * (1 - rise)
        return block

    def _correction(self) -> int:
        """Samples of delay too much, or too little if negative."""
        delay = self._clock - self._supply.position
        if not self._delays:
            return 0
        if delay < self._delays.lower:
            return delay - self._delays.lower
        # A voice that has just begun keeps its cushion.
        return max(0, delay - self._delays.upper) if len(self._delays) >= FEWEST else 0
