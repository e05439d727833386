"""One source of sound on its way to everybody: as speech, or as music.

Speech is mono at 32 kbit/s: full band, hard to tell from the original, with room for copies of lost packets (in-band
FEC), for which opus has none much below. Music is stereo at up to 128 kbit/s, as much of it as the slowest listener can
take. Silence is not sent in either (DTX): a packet announces it, and one in 400 ms refreshes it.
"""

from __future__ import annotations

from meshconf.codec.libopus import OpusEncoder
from meshconf.media.encoded import EncodedFrame
from meshconf.media.samples import Samples, with_channels

SPEECH_BPS = 32_000
MUSIC_BPS, LEAST_MUSIC_BPS = 128_000, 48_000

OVERHEAD_BPS = 20_000
"""Headers of 50 packets a second: IP, UDP, RTP and SRTP are 50 bytes each."""

PAUSE_S = 0.2
"""Seconds without sound after which the time of the packets begins anew, which the feed takes for the pause it was."""

_WORTHWHILE = 0.1
"""Change of the bitrate, as a share of it, that is made."""


class SoundEncoder:
    """Encodes blocks of one source, mono or stereo, whatever comes."""

    def __init__(self, *, music: bool = False) -> None:
        """Begin.

        Args:
            music: what the sound is; may be changed at any time.
        """
        self.music = music
        self.expected_loss = 5
        """Percent of packets that the worst listener loses."""
        self.affordable_bps = MUSIC_BPS + OVERHEAD_BPS
        """Bits a second on the wire that the slowest listener can take; only music heeds it, speech comes first."""
        self._coder: OpusEncoder | None = None
        self._is_music = music
        self._encoded = 0.0

    def encode(self, block: Samples, now: float) -> EncodedFrame | None:
        """Encode the next 20 ms.

        Args:
            block: of shape (960,) or (960, 2).
            now: monotonic seconds.

        Returns:
            A packet; None in silence.
        """
        if self._coder is None or self.music != self._is_music or now - self._encoded > PAUSE_S:
            self._coder = self._open()
        self._encoded = now
        coder = self._coder
        if coder.expected_loss != self.expected_loss:
            coder.expected_loss = self.expected_loss
        if self.music:
            bitrate = max(LEAST_MUSIC_BPS, min(MUSIC_BPS, self.affordable_bps - OVERHEAD_BPS))
            if abs(bitrate - coder.bitrate_bps) > _WORTHWHILE * coder.bitrate_bps:
                coder.bitrate_bps = bitrate
        return coder.encode(with_channels(block, 2 if self.music else 1))

    def _open(self) -> OpusEncoder:
        self._is_music = self.music
        coder = OpusEncoder(MUSIC_BPS, 2, "music") if self.music else OpusEncoder(SPEECH_BPS)
        coder.dtx = True
        return coder
