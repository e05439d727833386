"""Decoded sound of one voice in order, without holes: what is missing is recovered from the next packet or made up.

What to do about a hole shows only later. While nothing is there, sound is made up and the place in the stream stays
where it was; the next packet then tells whether that covered a loss (the place moves on), a pause of the sender (the
same), or sound that was merely late, and plays now with more delay.
"""

from __future__ import annotations

import numpy as np

from meshconf.media.samples import Samples, shaped, silence
from meshconf.media.voice.counters import VoiceCounters
from meshconf.media.voice.decoder import VoiceDecoder
from meshconf.media.voice.packets import PacketBuffer
from meshconf.types import BLOCK, SAMPLE_RATE

FADE_AFTER = SAMPLE_RATE // 10
"""Samples that may be made up in a row before the voice fades: longer, and it is a robot's."""

QUIET_FADE_AFTER = SAMPLE_RATE
"""The same for the noise of a pause (DTX), in which a packet comes each 400 ms."""

FADE_OUT, FADE_IN = 1920, 240
"""Samples from full loudness to silence, and back."""

STOP_AFTER = SAMPLE_RATE // 2
"""Samples of silence, after such a fade, that mean that nobody sends."""

DTX_BYTES = 2
"""A packet as short as this announces a pause."""


class Supply:
    """Makes sound of the packets of one buffer; `ahead` is what is ready to be played."""

    def __init__(
        self, decoder: VoiceDecoder, packets: PacketBuffer, counters: VoiceCounters, block: int, channels: int
    ) -> None:
        self._block = block
        self._channels = channels
        self._decoder = decoder
        self._packets = packets
        self._counters = counters
        self._end = 0
        self._held = 0
        self._made_up = 0
        self._gain = 0.0
        self._paused = False
        self.frame = BLOCK
        """Samples of the last packet."""
        self.ahead: Samples = silence(0, channels)
        """May be shortened from its start, stretched and squeezed from outside."""

    @property
    def position(self) -> int:
        """Timestamp of the first sample of `ahead`."""
        return self._end + self._held - len(self.ahead)

    @property
    def flowing(self) -> bool:
        """Whether the last sound was true."""
        return self._made_up == 0

    @property
    def exhausted(self) -> bool:
        """Whether nothing has come for so long that the sender must have stopped."""
        return self._made_up >= (QUIET_FADE_AFTER if self._paused else FADE_AFTER) + FADE_OUT + STOP_AFTER

    def start(self, position: int) -> None:
        """Begin to play at a timestamp; until a packet with it, there is silence."""
        first = self._packets.first()
        if first is not None:
            self._settle(first.timestamp - self._end, self._in_order(first.sequence))
        while (second := self._packets.second()) is not None and second.timestamp <= position:
            self._counters.skipped += self.frame
            self._packets.take()
        first = self._packets.first()
        self._packets.expect_first()
        self._end = position if first is None else min(position, first.timestamp)
        self._held = self._made_up = 0
        self._gain = 0.0
        self._paused = False
        self.ahead = self.ahead[:0]

    def has_next(self) -> bool:
        """Whether the packet that follows is here, so that nothing has to be made up."""
        first = self._packets.first()
        return first is not None and self._in_order(first.sequence) and first.timestamp <= self._end

    def extend(self, excess: int) -> None:
        """Put some sound behind `ahead`, or move over a part of a pause.

        Args:
            excess: samples of delay too much, which a pause may lose.
        """
        packet = self._packets.first()
        if packet is None:
            self._hold()
            return
        in_order = self._in_order(packet.sequence)
        if self._held and in_order and len(packet.payload) <= DTX_BYTES:
            self._begin_pause_late()
            return
        gap = self._settle(packet.timestamp - self._end, in_order)
        if gap <= 0:
            self._decode()
        elif in_order:
            self._pause(gap, excess)
        else:
            self._fill(gap, packet.payload)

    def _in_order(self, sequence: int) -> bool:
        return self._packets.expected is None or sequence == self._packets.expected

    def _hold(self) -> None:
        self._held += self._block
        if self._paused:
            self._counters.comfort += self._block
        self._make_up(self._block)

    def _begin_pause_late(self) -> None:
        """Take what announces the pause that is being played already: it costs no delay, as late sound does."""
        self._decoder.decode(self._packets.take().payload)
        if not self._paused:
            self._counters.comfort += self._held
        self._paused = True
        self._made_up = 0

    def _settle(self, gap: int, in_order: bool) -> int:
        """Tell what the held time was, now that a packet has come; returns what is left of the gap before it."""
        covered = min(max(gap, 0), self._held)
        if not self._paused:
            # In order, the covered part was a pause; the rest went by waiting for sound that was late.
            self._counters.concealed += self._held - covered if in_order else self._held
        self._end += covered
        self._held = 0
        return gap - covered

    def _pause(self, gap: int, excess: int) -> None:
        skipped = min(gap, excess)
        self._end += skipped
        self._counters.squeezed += skipped
        size = min(gap - skipped, self._block)
        if size:
            self._end += size
            self._counters.comfort += size
            self._make_up(size)

    def _fill(self, gap: int, following: bytes) -> None:
        copied = self._decoder.has_fec(following)
        if copied and gap <= self.frame:
            self._counters.recovered += gap
            self._end += gap
            self._made_up = 0
            self._append(self._decoder.recover(following, gap), 1.0, FADE_IN)
            return
        size = min(self.frame, gap - self.frame if copied else gap)
        self._counters.concealed += size
        self._end += size
        self._make_up(size)

    def _decode(self) -> None:
        packet = self._packets.take()
        samples = self._decoder.decode(packet.payload)
        self._paused = len(packet.payload) <= DTX_BYTES
        if not len(samples):
            self._counters.concealed += self.frame
            self._end = packet.timestamp + self.frame
            self._make_up(self.frame)
            return
        self.frame = len(samples)
        self._end = packet.timestamp + len(samples)
        self._made_up = 0
        if self._paused:
            self._counters.comfort += len(samples)
        self._append(samples, 1.0, FADE_IN)

    def _make_up(self, samples: int) -> None:
        fading = self._made_up >= (QUIET_FADE_AFTER if self._paused else FADE_AFTER)
        self._made_up += samples
        if self._gain == 0.0:
            self._append(silence(samples, self._channels), 0.0, FADE_OUT)
        else:
            self._append(self._decoder.conceal(samples), 0.0 if fading else 1.0, FADE_OUT if fading else FADE_IN)

    def _append(self, samples: Samples, gain: float, fade: int) -> None:
        if self._gain != gain:
            step = (1.0 if gain > self._gain else -1.0) / fade
            ramp = self._gain + step * np.arange(1, len(samples) + 1, dtype=np.float32)
            np.clip(ramp, 0.0, 1.0, out=ramp)
            samples = (samples * shaped(ramp, samples)).astype(np.int16)
            self._gain = float(ramp[-1]) if len(samples) else self._gain
        self.ahead = np.concatenate([self.ahead, samples]) if len(self.ahead) else samples
