"""Our microphone before it is sent: echo, noise, rumble and typing taken out, its loudness evened.

Only microphones that are devices are cleaned. Files, tests and what is shared as media go out as they are; what the
loudspeaker plays is what the canceller listens for, whoever it comes from. Runs on the event loop, but for `prepare`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from meshconf.audio_processing.module import AudioProcessor
from meshconf.devices.base import AudioSource, TimedSource
from meshconf.errors import DeviceError
from meshconf.media.echo.far_end import FarEnd
from meshconf.media.samples import Samples
from meshconf.media.typing_duck import TypingDuck
from meshconf.types import BLOCK


class VoiceCleaner:
    """Cleans one person's microphones, one at a time, for a whole meeting: what it learned of the room it keeps.

    Args:
        played: gives what the loudspeaker has played since it was asked last; see `TimedSink.played`.
        on_missing: told once, on the event loop, why sound goes out as it is.
        on: whether to clean; may be changed at any time.
    """

    def __init__(
        self,
        played: Callable[[], list[tuple[float, Samples]]],
        on_missing: Callable[[DeviceError], None],
        *,
        on: bool = True,
    ) -> None:
        self.on = on
        self._played = played
        self._on_missing = on_missing
        self._far_end = FarEnd()
        self._duck = TypingDuck()
        self._processor: AudioProcessor | None = None
        self._missing: DeviceError | None = None
        self._source: AudioSource | None = None

    def prepare(self, source: AudioSource) -> None:
        """Load what `clean` will need for this source; takes a tenth of a second, so call it in a thread."""
        if isinstance(source, TimedSource) and self._processor is None:
            try:
                self._processor = AudioProcessor()
            except DeviceError as error:
                self._missing = error

    def clean(self, source: AudioSource, block: Samples) -> Samples:
        """The next block of a source, as it should be heard.

        Args:
            source: where it comes from, just read.
            block: 20 ms. Stereo is music, and goes out as it is.
        """
        if not isinstance(source, TimedSource) or not self.on or block.shape != (BLOCK,):
            return block
        if self._missing is not None:
            missing, self._missing = self._missing, None
            self._on_missing(missing)
        if source is not self._source:
            self._source = source
            self._far_end.restart()
        for begins, played in self._played():
            self._far_end.play(begins, played)
        if self._processor is not None:
            beside = self._far_end.beside(source.captured, block.size)
            block = self._processor.process(block, beside, self._far_end.lead)
        return self._duck.duck(block, source.captured)

    def typing(self) -> None:
        """The person has just pressed a key."""
        self._duck.press(time.monotonic())
