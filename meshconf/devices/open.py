"""Turns what the person asked for (`none`, `default`, `test`, `null`, `file:PATH`, a URL, a name) into an open device.

The three functions block, some for seconds: the event loop calls them through `asyncio.to_thread`. Each kind of device
is imported when the first of its kind is opened.
"""

from __future__ import annotations

from meshconf.devices.base import AudioSink, AudioSource, VideoSource
from meshconf.errors import DeviceError, DeviceKind, Remedy
from meshconf.types import SourceKind

_TEST_FREQUENCY = 440.0
"""Hz of the test tone when nobody's name is to be heard in it."""


def open_audio_source(spec: str, *, seed: str = "", channels: int = 1) -> AudioSource:
    """Open something that sounds.

    Args:
        spec: `default`, `test`, `test:HZ`, `file:PATH`, a URL, `system` (what other programs play), `system:PROGRAM`,
            or (a part of) a microphone's name.
        seed: whose test tone it is; another seed, another frequency (`synthetic.tone_frequency`).
        channels: 2 for stereo, where the source has it: microphones and other programs.

    Raises:
        DeviceError: the device is missing or refuses; its `fix` says what to do.
    """
    if spec == "test" or spec.startswith("test:"):
        from meshconf.devices.synthetic import Tone, tone_frequency

        if ":" in spec:
            return Tone(_frequency(spec))
        return Tone(tone_frequency(seed) if seed else _TEST_FREQUENCY)
    if is_place(spec):
        from meshconf.devices.file import FileSound

        return FileSound(spec)
    if _is_program(spec):
        from meshconf.devices.pulse.programs import ProgramSound

        return ProgramSound(spec.partition(":")[2], channels)
    _refuse(spec, "microphone", DeviceKind.MIC)
    from meshconf.devices.sound import open_microphone

    return open_microphone(spec, channels)


def open_audio_sink(spec: str, *, channels: int = 1) -> AudioSink:
    """Open something that plays.

    Args:
        spec: `default`, `null` or `none` (nowhere, in real time), or (a part of) a speaker's name.
        channels: of the blocks that it will be given; where the device has fewer, they are mixed.

    Raises:
        DeviceError: as `open_audio_source`.
    """
    if spec in ("null", "none"):
        from meshconf.devices.synthetic import NullSink

        return NullSink()
    if spec == "test" or is_place(spec):
        raise DeviceError(f"Sound cannot be played to {spec!r}.", kind=DeviceKind.SPEAKER, remedy=Remedy.CHOOSE_DEFAULT)
    from meshconf.devices.sound import open_speaker

    return open_speaker(spec, channels)


def open_video_source(
    spec: str, *, width: int, height: int, fps: int, kind: SourceKind = SourceKind.CAMERA, seed: str = ""
) -> VideoSource:
    """Open something that shows.

    Args:
        spec: `default`, `test`, `file:PATH`, a URL, (a part of) a camera's name or its number; for a screen the number
            of a monitor, `all` or `region:WxH+X+Y`. `screen` and `screen:WHICH` mean a screen whatever the kind.
        width: pixels of the pictures to give, even; a shared screen gives its own size.
        height: pixels, even.
        fps: most pictures a second.
        kind: whether `default` and names mean a camera or a screen.
        seed: whose test picture it is; decides the colours.

    Raises:
        DeviceError: as `open_audio_source`.
    """
    if spec == "test":
        from meshconf.devices.synthetic import TestPicture

        return TestPicture(width, height, fps, seed)
    if is_place(spec):
        from meshconf.devices.file import FilePicture

        return FilePicture(spec, width, height, fps)
    if kind is SourceKind.SCREEN or spec == "screen" or spec.startswith("screen:"):
        _refuse(spec, "screen", DeviceKind.SCREEN)
        from meshconf.devices.screen import Screen

        screen = Screen(spec.removeprefix("screen").removeprefix(":") or "default")
        if kind is SourceKind.SCREEN:
            return screen
        from meshconf.devices.screen_camera import ScreenCamera

        return ScreenCamera(screen, width, height, fps)
    _refuse(spec, "camera", DeviceKind.CAMERA)
    from meshconf.devices.camera import Camera

    return Camera(spec, width, height, fps)


def is_microphone(spec: str) -> bool:
    """Whether a source of sound is a device of the machine: no test, file, stream or program."""
    return not (spec == "test" or spec.startswith("test:") or is_place(spec) or _is_program(spec))


def _is_program(spec: str) -> bool:
    return spec == "system" or spec.startswith("system:")


def is_place(spec: str) -> bool:
    """Whether it names a file or stream."""
    return spec.startswith("file:") or "://" in spec


def _refuse(spec: str, noun: str, kind: DeviceKind) -> None:
    if spec in ("none", "null", ""):
        raise DeviceError(f"No {noun} is chosen.", kind=kind, remedy=Remedy.CHOOSE_DEFAULT)


def _frequency(spec: str) -> float:
    try:
        frequency = float(spec.partition(":")[2])
    except ValueError:
        frequency = 0.0
    if not 20.0 <= frequency <= 20_000.0:
        raise DeviceError(f"{spec!r} is no test tone.", fix="give its frequency in hertz, such as test:440")
    return frequency
