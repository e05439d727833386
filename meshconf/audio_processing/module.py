"""WebRTC's audio processing module: takes echo, noise and rumble out of a microphone, and evens its loudness.

Of livekit, which wraps it, nothing else is used: no room, no server, no network. Loading takes a tenth of a second and
belongs into a thread; a block of 20 ms takes 0.2 ms, less than a trip to a thread and back.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from meshconf.errors import DeviceError
from meshconf.media.samples import Samples
from meshconf.types import SAMPLE_RATE

if TYPE_CHECKING:
    from livekit.rtc import AudioFrame

FRAME = SAMPLE_RATE // 100
"""Samples that the module takes at a time: 10 ms."""

log = logging.getLogger("meshconf.audio_processing")


class AudioProcessor:
    """The processing of one microphone beside one loudspeaker; learns their room while it runs."""

    def __init__(self, *, gain_control: bool = True) -> None:
        """Load the library, when it is the first one.

        Args:
            gain_control: whether soft voices are raised and loud ones lowered.

        Raises:
            DeviceError: the library is not installed, or does not load on this system.
        """
        try:
            from livekit.rtc import AudioFrame, AudioProcessingModule
        except (ImportError, OSError) as error:
            raise _missing(error) from error
        self._frame = AudioFrame
        try:
            # The native part is loaded by the first module.
            self._module = AudioProcessingModule(
                echo_cancellation=True,
                noise_suppression=True,
                high_pass_filter=True,
                auto_gain_control=gain_control,
            )
        except (ImportError, OSError) as error:
            raise _missing(error) from error

    def process(self, heard: Samples, played: Samples, delay: float) -> Samples:
        """Clean one block.

        Args:
            heard: what the microphone gave; a whole number of frames, mono at 48 kHz.
            played: as much of what the loudspeaker played.
            delay: seconds from a sound in `played` to its echo in `heard`, as far as it is known.

        Returns:
            As much sound, clean.
        """
        cleaned = np.empty_like(heard)
        for start in range(0, heard.size, FRAME):
            self._module.process_reverse_stream(self._of(played[start : start + FRAME]))
            self._module.set_stream_delay_ms(round(delay * 1000))
            frame = self._of(heard[start : start + FRAME])
            self._module.process_stream(frame)
            cleaned[start : start + FRAME] = frame.data
        return cleaned

    def _of(self, samples: Samples) -> AudioFrame:
        return self._frame(bytearray(samples.tobytes()), SAMPLE_RATE, 1, FRAME)


def _missing(error: Exception) -> DeviceError:
    log.info("livekit does not load: %s", error)
    return DeviceError(
        "Your microphone goes out as it is, with echo and noise: the library that takes them out does not load.",
        fix="pip install livekit, or use headphones",
    )
