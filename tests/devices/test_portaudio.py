"""Devices of PortAudio's that take only some formats, come and go: with a made-up PortAudio."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from meshconf.devices import portaudio
from meshconf.devices.base import DeviceLost
from meshconf.devices.microphone import Microphone
from meshconf.devices.speaker import Speaker
from meshconf.errors import DeviceError, DeviceKind, Remedy
from meshconf.media.samples import Samples
from meshconf.types import BLOCK
from tests.devices.hearing import loudest

HZ = 500.0
TIMES = SimpleNamespace(currentTime=0.0, inputBufferAdcTime=0.0, outputBufferDacTime=0.0)


class PortAudioError(Exception):
    pass


class Stream:
    """A stream whose callback the test calls."""

    latency = 0.01

    def __init__(self, card: PortAudio, **settings: Any) -> None:
        self.card = card
        self.settings = settings
        self.closed = False

    def start(self) -> None:
        self.card.fail("start")

    def abort(self, ignore_errors: bool) -> None:
        self.settings["finished_callback"]()

    def close(self, ignore_errors: bool = True) -> None:
        self.closed = True

    def hear(self, samples: Samples) -> None:
        self.settings["callback"](samples.reshape(-1, self.settings["channels"]), len(samples), TIMES, None)

    def play(self) -> Samples:
        out = np.empty((self.settings["blocksize"], self.settings["channels"]), dtype=np.int16)
        self.settings["callback"](out, len(out), TIMES, None)
        return out


class PortAudio:
    """One device that takes only one format."""

    PortAudioError = PortAudioError

    def __init__(self, rate: int, channels: int) -> None:
        self.format = (rate, channels)
        self.streams: list[Stream] = []
        self.looked = 0
        self.failing: set[str] = set()
        """What fails: `list` all devices, `ask` for one, `start` a stream, `initialize`."""
        self.initialized = True

    def fail(self, what: str) -> None:
        if what in self.failing:
            raise PortAudioError("Unanticipated host error")

    def query_devices(self, device: int | None = None, kind: str | None = None) -> Any:
        self.fail("list" if device is None and kind is None else "ask")
        only = {
            "name": "Odd Card", "default_samplerate": 44_100.0, "max_input_channels": 2, "max_output_channels": 2,
        }  # fmt: skip
        return [only] if device is None and kind is None else only

    def check_input_settings(self, *, device: int | None, channels: int, dtype: str, samplerate: int) -> None:
        if (samplerate, channels) != self.format:
            raise PortAudioError("Invalid sample rate")

    check_output_settings = check_input_settings

    def InputStream(self, **settings: Any) -> Stream:  # noqa: N802, sounddevice calls it so
        self.check_input_settings(
            device=None, channels=settings["channels"], dtype="int16", samplerate=settings["samplerate"]
        )
        self.streams.append(Stream(self, **settings))
        return self.streams[-1]

    OutputStream = InputStream

    def _terminate(self) -> None:
        assert all(stream.closed for stream in self.streams), "a stream would be freed under its owner"
        if not self.initialized:
            raise PortAudioError("PortAudio not initialized")
        self.initialized = False

    def _initialize(self) -> None:
        self.fail("initialize")
        self.initialized = True
        self.looked += 1


@pytest.fixture(params=[(8_000, 1), (16_000, 2), (44_100, 2), (48_000, 2), (96_000, 1), (192_000, 2)], ids=str)
def card(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PortAudio:
    made = PortAudio(*request.param)
    monkeypatch.setattr(portaudio, "_import", lambda: made)
    return made


def tone(rate: int, channels: int, seconds: float) -> Samples:
    wave = (8000 * np.sin(np.arange(round(rate * seconds)) * (2 * np.pi * HZ / rate))).astype(np.int16)
    return wave if channels == 1 else np.stack([wave] * channels, axis=1)


@pytest.mark.parametrize("wanted", [1, 2])
async def test_whatever_a_microphone_gives_is_heard_as_it_sounded(card: PortAudio, wanted: int) -> None:
    rate, channels = card.format
    microphone = Microphone("odd", wanted)
    heard = []
    for piece in np.split(tone(rate, channels, 1.0), 50):
        card.streams[0].hear(piece)
        try:
            heard.append(await asyncio.wait_for(microphone.read(), 0.2))
        except TimeoutError:
            assert not heard, "a resampler holds back the first samples, and nothing later"
    sound = np.concatenate(heard)
    assert all(block.shape == ((BLOCK,) if wanted == 1 else (BLOCK, 2)) for block in heard) and len(heard) >= 49
    side = sound if wanted == 1 else sound[:, 1]
    assert loudest(side) == pytest.approx(HZ, abs=1)
    assert np.abs(side).max() == pytest.approx(8000, rel=0.05)
    microphone.close()


@pytest.mark.parametrize("given", [1, 2])
async def test_whatever_a_speaker_takes_it_plays_what_it_is_given(card: PortAudio, given: int) -> None:
    rate, channels = card.format
    speaker = Speaker("default", given)
    played = []
    for piece in np.split(tone(48_000, given, 1.0), 50):
        await asyncio.wait_for(speaker.pace(), 1.0)
        speaker.write(piece)
        played.append(card.streams[0].play())
    sound = np.concatenate(played)[rate // 10 :]
    assert sound.shape[1] == channels
    assert loudest(sound[:, -1], rate) == pytest.approx(HZ, abs=1)
    assert np.abs(sound).max() == pytest.approx(8000, rel=0.05)
    assert sum(len(block) for _, block in speaker.played()) == pytest.approx(50 * BLOCK, abs=BLOCK)
    speaker.close()


@pytest.mark.parametrize("card", [(48_000, 1)], indirect=True)
async def test_looking_again_ends_streams_as_if_their_devices_were_gone(card: PortAudio) -> None:
    microphone, speaker = Microphone(), Speaker()
    portaudio.look_again()
    assert card.looked == 1
    for wait in (microphone.read(), speaker.pace()):
        with pytest.raises(DeviceLost):
            await wait
    microphone.close()
    speaker.close()
    Microphone().close()
    card.failing = {"initialize"}
    with pytest.raises(DeviceError, match="The sound of this machine cannot be used: Unanticipated host error"):
        portaudio.look_again()
    card.failing = set()
    portaudio.look_again()
    assert card.looked == 2


@pytest.mark.parametrize("card", [(11_025, 1)], indirect=True)
def test_a_device_that_takes_nothing_says_why(card: PortAudio) -> None:
    with pytest.raises(DeviceError, match="The microphone does not open: Invalid sample rate") as caught:
        Microphone()
    assert "close the program that uses it" in caught.value.fix


@pytest.mark.parametrize("card", [(48_000, 1)], indirect=True)
def test_a_name_that_is_none_is_told_where_names_are(card: PortAudio) -> None:
    with pytest.raises(DeviceError, match="There is no speaker named 'nope'") as caught:
        Speaker("nope")
    assert (caught.value.kind, caught.value.remedy) == (DeviceKind.SPEAKER, Remedy.CHOOSE_LISTED)


@pytest.mark.parametrize("card", [(48_000, 1)], indirect=True)
@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        ("list", "The sound of this machine cannot be used"),
        ("start", "The microphone does not open"),
        ("ask", "The microphone does not open"),
    ],
)
def test_whatever_portaudio_fails_at_is_a_sentence(card: PortAudio, failing: str, sentence: str) -> None:
    card.failing = {failing}
    with pytest.raises(DeviceError, match=f"{sentence}: Unanticipated host error") as caught:
        Microphone("odd")
    assert caught.value.fix
    assert all(stream.closed for stream in card.streams)


@pytest.mark.parametrize("card", [(48_000, 1)], indirect=True)
def test_devices_that_cannot_be_listed_are_a_sentence(card: PortAudio) -> None:
    card.failing = {"list"}
    with pytest.raises(DeviceError, match="Unanticipated host error"):
        portaudio.devices()


def test_a_library_that_does_not_start_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "_import", fail_to_start)
    with pytest.raises(DeviceError, match="The sound of this machine cannot be used: Error initializing PortAudio"):
        Microphone()


def fail_to_start() -> None:
    raise PortAudioError("Error initializing PortAudio")
