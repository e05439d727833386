"""A stream of PortAudio's to or from one device: it opens, gives or takes blocks, and tells of its end.

Its callback runs in PortAudio's thread, which must never wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from meshconf.devices import portaudio
from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.portaudio import Format
from meshconf.devices.sound_devices import KINDS, NOUNS, Way
from meshconf.errors import MeshconfError, Remedy
from meshconf.types import BLOCK, SAMPLE_RATE

_LATENCY = 0.04
"""Seconds of buffering asked of PortAudio: the least that ran without underruns beside other load."""

_LONGEST_LATENCY = 1.0
"""Seconds; what a callback says beyond it, or below zero, its sound system does not know."""


class PortAudioStream:
    """Open from the beginning; ends by `close`, by `portaudio.look_again`, or with its device."""

    def __init__(
        self,
        way: Way,
        index: int | None,
        agreed: Format,
        on_block: Callable[[Any, float], None],
        on_end: Callable[[MeshconfError], None],
    ) -> None:
        """Open and start it; takes up to a second. `portaudio.guard` is held since `index` was found.

        Args:
            way: whether it hears or plays.
            index: PortAudio's; None for the default.
            agreed: what the device takes or gives.
            on_block: takes, or fills, 20 ms of shape (samples, channels), and is told the monotonic seconds at which
                the first of them was or will be heard; in PortAudio's thread.
            on_end: told why it ended, `close` included, from any thread; perhaps more than once.

        Raises:
            DeviceError: the device refuses.
        """
        sounddevice = portaudio.library()
        self._way: Way = way
        self._on_block = on_block
        self._on_end = on_end
        self._closed = False
        kind = sounddevice.InputStream if way == "input" else sounddevice.OutputStream
        with portaudio.refusals_told(way):
            self._stream = kind(
                device=index,
                samplerate=agreed.rate,
                channels=agreed.channels,
                dtype="int16",
                blocksize=BLOCK * agreed.rate // SAMPLE_RATE,
                latency=_LATENCY,
                callback=self._heard if way == "input" else self._asked,
                finished_callback=self._finished,
            )
            try:
                self._stream.start()
            except BaseException:
                self._stream.close()
                raise
        portaudio.opened(self)

    def close(self) -> None:
        """Release the device before returning; may be called again, from any thread but PortAudio's."""
        self._end(SourceEnded(f"The {NOUNS[self._way]} was switched off."))

    def lose(self) -> None:
        """End as if the device were gone; see `portaudio.look_again`."""
        self._end(self._gone())

    def _end(self, error: MeshconfError) -> None:
        with portaudio.guard:
            if self._closed:
                return
            self._closed = True
            self._on_end(error)
            portaudio.closed(self)
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)

    def _heard(self, indata: Any, frames: int, when: Any, status: Any) -> None:
        age = when.currentTime - when.inputBufferAdcTime
        self._on_block(indata, time.monotonic() - self._known(age))

    def _asked(self, outdata: Any, frames: int, when: Any, status: Any) -> None:
        ahead = when.outputBufferDacTime - when.currentTime
        self._on_block(outdata, time.monotonic() + self._known(ahead))

    def _known(self, told: float) -> float:
        """Seconds between now and the block's first sample: some sound systems do not fill them in."""
        return told if 0.0 < told < _LONGEST_LATENCY else float(self._stream.latency)

    def _finished(self) -> None:
        # PortAudio raises nothing when a device is unplugged: its stream just finishes.
        self._on_end(self._gone())

    def _gone(self) -> DeviceLost:
        return DeviceLost(
            f"The {NOUNS[self._way]} is gone.",
            fix="plug it in again",
            kind=KINDS[self._way],
            remedy=Remedy.CHOOSE_ANOTHER,
        )
