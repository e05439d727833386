"""What `meshconf doctor` looks at. `python -m meshconf.cli.checks NAME [URL]` makes one check and prints its findings.

Each check runs in a process of its own, since drivers and native libraries may hang or crash. A finding that is
neither good nor bad (`ok` is None) costs the meeting a picture or a convenience, no more.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import msgspec

from meshconf.conference.failure import fix_of
from meshconf.errors import DeviceError

REINSTALL = "pip install --force-reinstall meshconf"
_FIRST_WITHIN_S = 4.0
"""A device that opened has given or taken its first block or picture within this."""


class Finding(msgspec.Struct, frozen=True):
    """What one check says about one thing."""

    check: str
    ok: bool | None
    """Whether it works; None: it is not there, and meetings go without."""
    sentence: str
    fix: str = ""
    """What mends it, as a command where there is one; empty if all is well."""


async def libraries() -> list[Finding]:
    """Clean and encode a block of sound, encode a picture, and start the program that shows windows."""
    import numpy as np

    from meshconf.audio_processing.module import AudioProcessor
    from meshconf.codec.choice import open_encoder
    from meshconf.codec.encoder import EncoderFailed
    from meshconf.codec.libopus import OpusEncoder
    from meshconf.devices.open import open_video_source
    from meshconf.types import BLOCK
    from meshconf.windows.process import ViewerProcess, WindowsUnavailable

    found = []
    try:
        OpusEncoder().encode(np.zeros(BLOCK, np.int16))
        found.append(Finding("opus", True, "libopus encodes sound."))
    except ValueError as error:  # what PyAV raises for a codec that it was built without
        found.append(Finding("opus", False, f"This PyAV has no libopus: {error}.", "pip install --force-reinstall av"))
    try:
        silence = np.zeros(BLOCK, np.int16)
        AudioProcessor().process(silence, silence, 0.0)
        found.append(Finding("livekit", True, "WebRTC's audio processing takes echo and noise out of microphones."))
    except DeviceError as error:
        found.append(Finding("livekit", None, str(error), fix_of(error)))
    source = open_video_source("test", width=320, height=180, fps=30)
    try:
        encoder = open_encoder("VP8", 320, 180, 30, 200_000)
        encoder.encode(await source.read(), keyframe=True)
        found.append(Finding("vp8", True, f"{encoder.name} encodes pictures."))
        encoder.close()
    except EncoderFailed as error:
        found.append(Finding("vp8", False, f"Pictures cannot be encoded: {error}.", "pip install --force-reinstall av"))
    finally:
        source.close()
    try:
        await (await ViewerProcess.start()).close()
        found.append(Finding("opencv", True, "OpenCV can show windows."))
    except WindowsUnavailable as error:
        found.append(Finding("opencv", False, str(error), error.fix or REINSTALL))
    return found


async def microphone() -> list[Finding]:
    """Listen for a moment to the default microphone."""
    from meshconf.devices.open import open_audio_source
    from meshconf.devices.sound import sound_devices

    try:
        device = sound_devices().find("default", "input")
        if device is None:
            return [Finding("microphone", None, "This machine has no microphone.", "plug one in, or use --mic test")]
        source = open_audio_source("default")
        try:
            async with asyncio.timeout(_FIRST_WITHIN_S):
                heard = [await source.read() for _ in range(10)]
        finally:
            await asyncio.to_thread(source.close)
    except (DeviceError, TimeoutError) as error:
        return [_refusal("microphone", error, "The microphone opens but gives no sound.")]
    name = device.name
    if not any(block.any() for block in heard):
        sentence = f"The microphone {name} opens, but all it gives is silence."
        return [Finding("microphone", None, sentence, "unmute it in the system's sound settings")]
    return [Finding("microphone", True, f"The microphone {name} works.")]


async def speaker() -> list[Finding]:
    """Play a moment of silence on the default speaker."""
    import numpy as np

    from meshconf.devices.open import open_audio_sink
    from meshconf.devices.sound import sound_devices
    from meshconf.types import BLOCK

    try:
        device = sound_devices().find("default", "output")
        if device is None:
            return [Finding("speaker", None, "This machine has no speaker.", "plug one in, or use --speaker null")]
        sink = open_audio_sink("default")
        try:
            async with asyncio.timeout(_FIRST_WITHIN_S):
                for _ in range(10):
                    sink.write(np.zeros(BLOCK, np.int16))
                    await sink.pace()
        finally:
            await asyncio.to_thread(sink.close)
    except (DeviceError, TimeoutError) as error:
        return [_refusal("speaker", error, "The speaker opens but takes no sound.")]
    return [Finding("speaker", True, f"The speaker {device.name} works.")]


async def camera() -> list[Finding]:
    """Take one picture with the first camera; its light goes on for a moment."""
    from meshconf.devices.camera import cameras

    known = cameras()
    if sys.platform == "linux" and not known:
        return [Finding("camera", None, "This machine has no camera.", "plug one in, or use --camera test")]
    failure = await _one_picture("camera")
    return [failure or Finding("camera", True, f"The camera {known[0][1] if known else 'default'} works.")]


async def screen() -> list[Finding]:
    """Take one picture of the screen."""
    from meshconf.devices.screen_permission import require_display

    try:
        require_display()
    except DeviceError as error:
        return [Finding("screen", None, str(error), fix_of(error))]
    return [await _one_picture("screen") or Finding("screen", True, "The screen can be shared.")]


async def control() -> list[Finding]:
    """Get hold of mouse and keyboard for a moment, and touch neither."""
    from meshconf.devices.input.process import InputProcess
    from meshconf.devices.input.support import require_control

    try:
        require_control()
        await (await InputProcess.start("default")).close()
    except DeviceError as error:
        return [Finding("control", None, str(error), fix_of(error))]
    return [Finding("control", True, "Others can control this machine when you let them.")]


async def display() -> list[Finding]:
    """Ask whether a display answers."""
    from meshconf.windows.display import missing_display

    missing = missing_display(os.environ)
    if missing is None:
        return [Finding("display", True, "There is a display for windows.")]
    return [Finding("display", False if os.environ.get("DISPLAY") else None, missing[0], missing[1])]


async def multicast() -> list[Finding]:
    """Send a packet to ourselves on each interface; one that works is enough."""
    from meshconf.signaling.probe import multicast_check

    results = await multicast_check()
    if not results:
        sentence = "This machine is on no network; meetings within it need none."
        return [Finding("multicast", None, sentence, "connect it, to meet others")]
    broken = None if any(result.ok for result in results) else False
    return [Finding("multicast", result.ok or broken, result.sentence, result.fix) for result in results]


async def rendezvous() -> list[Finding]:
    """Ask the rendezvous, named by the second argument, for its health."""
    from meshconf.signaling.probe import rendezvous_check

    result = await rendezvous_check(sys.argv[2])
    return [Finding("rendezvous", result.ok, result.sentence, result.fix)]


CHECKS: dict[str, Callable[[], Awaitable[list[Finding]]]] = {
    "libraries": libraries,
    "microphone": microphone,
    "speaker": speaker,
    "camera": camera,
    "screen": screen,
    "control": control,
    "display": display,
    "multicast": multicast,
    "rendezvous": rendezvous,
}


async def _one_picture(kind: str) -> Finding | None:
    from meshconf.devices.open import open_video_source
    from meshconf.types import SourceKind

    try:
        source = await asyncio.to_thread(
            open_video_source, "default", width=640, height=360, fps=30, kind=SourceKind(kind)
        )
        try:
            async with asyncio.timeout(_FIRST_WITHIN_S):
                await source.read()
        finally:
            await asyncio.to_thread(source.close)
    except (DeviceError, TimeoutError) as error:
        return _refusal(kind, error, f"The {kind} opens but gives no picture.")
    return None


def _refusal(check: str, error: DeviceError | TimeoutError, mute: str) -> Finding:
    if isinstance(error, DeviceError):
        return Finding(check, False, str(error), fix_of(error))
    return Finding(check, False, mute, "close the programs that use it, and plug it in again")


async def _main() -> int:
    found = await CHECKS[sys.argv[1]]()
    # Libraries may have written to stdout without ending their line.
    sys.stdout.buffer.write(b"\n" + msgspec.json.encode(found) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
