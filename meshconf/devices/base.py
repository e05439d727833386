"""What every device looks like to the rest of meshconf, and how a device says that it is gone.

Sources are read and sinks are paced on the event loop; the devices themselves work in threads of their own.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import av

from meshconf.errors import DeviceError, MeshconfError
from meshconf.media.samples import Samples
from meshconf.types import Area


class DeviceLost(DeviceError):
    """The device went away while it was in use; plug it in again or choose another."""

    code = "device-lost"


class SourceEnded(MeshconfError):
    """The source has nothing more to give: its stream ended or it was closed."""

    code = "source-ended"


class AudioSource(Protocol):
    """Something that sounds: a microphone, a file, a tone."""

    async def read(self) -> Samples:
        """The next 20 ms as 960 samples, in real time; a late reader loses the oldest.

        Raises:
            SourceEnded: there is no more, or `close` was called.
            DeviceLost: the device was unplugged or failed.
        """
        ...

    def close(self) -> None:
        """Release the device before returning; may be called twice and from any thread.

        May wait a fraction of a second for the device, so the event loop calls it through `asyncio.to_thread`.
        """
        ...


class AudioSink(Protocol):
    """Something that plays: a loudspeaker, or nowhere."""

    def write(self, samples: Samples) -> None:
        """Queue 960 samples; never blocks. What does not fit throws the oldest out."""
        ...

    async def pace(self) -> None:
        """Wait until the sink wants its next 20 ms: its clock drives the mixer.

        Raises:
            SourceEnded: `close` was called.
            DeviceLost: the device was unplugged or failed.
        """
        ...

    def close(self) -> None:
        """As `AudioSource.close`."""
        ...


@runtime_checkable
class TimedSource(AudioSource, Protocol):
    """A source of which is known when it heard what it gives: a microphone."""

    captured: float
    """Monotonic seconds at which the block that `read` gave last began in front of the microphone."""


@runtime_checkable
class LosableSource(AudioSource, Protocol):
    """A source that goes on, with silence, while its device is gone."""

    @property
    def lost(self) -> bool:
        """Whether what it gives comes from no device, which the person is told."""
        ...


@runtime_checkable
class TimedSink(AudioSink, Protocol):
    """A sink that tells what sounded when: a loudspeaker."""

    def played(self) -> list[tuple[float, Samples]]:
        """What the card took since the last call, two seconds of it at most; what it got for want of sound is silence.

        Returns:
            Blocks in order, always mono, each with the monotonic seconds at which it begins to sound.
        """
        ...


class VideoSource(Protocol):
    """Something that shows: a camera, a screen, a file, a test picture."""

    async def read(self) -> av.VideoFrame:
        """The next picture: yuv420p of the size asked for, pts in 90 kHz of monotonic capture time, newest first.

        Raises:
            SourceEnded: there is no more, or `close` was called.
            DeviceLost: the device was unplugged or failed.
        """
        ...

    def close(self) -> None:
        """As `AudioSource.close`."""
        ...


@runtime_checkable
class SelfSized(VideoSource, Protocol):
    """A source of pictures that decides their size and gives none while nothing changes: a screen."""

    width: int
    """Pixels, even."""
    height: int
    fps: int
    """Most pictures a second."""


@runtime_checkable
class OnDisplay(VideoSource, Protocol):
    """A source of pictures that are a part of this machine's display."""

    area: Area
    """Which; it stays that, whatever becomes of the monitors."""
