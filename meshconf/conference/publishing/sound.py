"""Microphone and media: what sounds is cleaned, muted, encoded and published on the event loop, block by block."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from meshconf.codec.sound_encoder import MUSIC_BPS, SoundEncoder
from meshconf.conference.publishing.publisher import OnLost, Publisher
from meshconf.devices.base import AudioSource, LosableSource
from meshconf.devices.open import open_audio_source
from meshconf.media.samples import Samples
from meshconf.rtc.feed import Feed
from meshconf.types import SourceKind


class Cleaner(Protocol):
    """Makes of what a source gives what others should hear."""

    def prepare(self, source: AudioSource) -> None:
        """Load what it needs for a source that was just opened; called in a thread."""

    def clean(self, source: AudioSource, block: Samples) -> Samples:
        """The block that the source has just given, clean."""


OpenSource = Callable[[str], AudioSource]
"""Opens what sounds, by its spec; called in a thread, raises DeviceError."""


class SoundPublisher(Publisher[AudioSource]):
    """One source that sounds.

    Args:
        kind: microphone or media.
        feed: takes what is encoded.
        seed: tells our test tone from that of others.
        music: whether it goes out as music, in stereo, and not as speech.
        on_sound: called with each block that goes out.
        on_lost: as for `Publisher`.
        open_source: opens it; as `devices.open.open_audio_source` does if None.
        cleaner: what it goes through before it is sent.
    """

    def __init__(
        self,
        kind: SourceKind,
        feed: Feed,
        *,
        seed: str,
        music: bool,
        on_sound: Callable[[Samples], None],
        on_lost: OnLost,
        open_source: OpenSource | None = None,
        cleaner: Cleaner | None = None,
    ) -> None:
        super().__init__(kind, feed, on_lost=on_lost)
        self.seed = seed
        self.music = music
        """Whether it goes out as music; may change at any time."""
        self.muted = False
        """Whether what the device gives is thrown away: nothing is encoded, and so nothing can leave."""
        self.expected_loss = 5
        """Percent of packets that the worst listener loses."""
        self.affordable_bps = 2 * MUSIC_BPS
        """Of music: bits a second that the slowest listener can take."""
        self._cleaner = cleaner
        # `talk` takes these over before it is started first: whoever mutes or plays needs the studio beforehand.
        self.on_sound = on_sound
        """Takes each block that goes out."""
        self.on_captured: Callable[[Samples, Samples], None] = lambda block, clean: None
        """Takes sound as the device gives it and as it would be sent, muted or not; it stays on this machine."""
        self.lost = False
        """Whether there is no device behind the sound, which is silence then."""
        self.open_source: OpenSource = open_source or (lambda spec: open_audio_source(spec, seed=seed))

    @property
    def on_air(self) -> bool:
        """Whether others get it: one that is muted is off to them."""
        return self.on and not self.muted

    def name_of(self, rung: int) -> str:
        """How it is encoded."""
        return "opus stereo" if self.music else "opus mono"

    def encodes(self, rung: int) -> bool:
        """Always: sound has one rung."""
        return True

    def _open(self, spec: str) -> AudioSource:
        source = self.open_source(spec)
        try:
            if self._cleaner is not None:
                self._cleaner.prepare(source)
        except BaseException:
            source.close()
            raise
        return source

    async def _work(self, source: AudioSource) -> None:
        encoder = SoundEncoder()
        while True:
            captured = await source.read()
            # Muted or not, so that an echo canceller knows the room when it is needed.
            block = captured if self._cleaner is None else self._cleaner.clean(source, captured)
            self.lost = isinstance(source, LosableSource) and source.lost
            self.on_captured(captured, block)
            if self.muted:
                continue
            self.on_sound(block)
            encoder.music, encoder.expected_loss = self.music, self.expected_loss
            encoder.affordable_bps = self.affordable_bps
            # 0.25 ms: cheaper here than a trip to a thread and back.
            frame = encoder.encode(block, time.monotonic())
            if frame is not None:
                self._publish(frame)
