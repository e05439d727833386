"""Microphone and speaker on PortAudio, through a sound server's made-up cards, in a process that loads it afresh."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meshconf.devices import portaudio
from meshconf.devices.microphone import Microphone
from meshconf.errors import DeviceError
from tests.lab import sound
from tests.lab.need import need

_HEAR = """
import asyncio, json, sys, time
import numpy as np
from meshconf.devices.base import DeviceLost
from meshconf.devices.open import open_audio_sink, open_audio_source
from tests.devices.hearing import loudest

async def play(sink, tone):
    while True:
        await sink.pace()
        sink.write(await tone.read())

async def main(card):
    tone = open_audio_source("test:700")
    sink = await asyncio.to_thread(open_audio_sink, card)
    microphone = await asyncio.to_thread(open_audio_source, card)
    playing = asyncio.create_task(play(sink, tone))
    started = time.monotonic()
    blocks = [await asyncio.wait_for(microphone.read(), 5) for _ in range(100)]
    report = {"seconds": time.monotonic() - started, "shape": blocks[0].shape,
              "hz": loudest(np.concatenate(blocks[50:])), "peak": int(np.abs(blocks[-1]).max())}
    print(json.dumps(report), flush=True)
    if sys.stdin.readline() == "unplugged\\n":
        lost = []
        for wait in (read_until_lost(microphone), playing):
            try:
                await asyncio.wait_for(wait, 10)
            except DeviceLost as error:
                lost.append(error.fix)
        print(json.dumps({"lost": lost}), flush=True)
    playing.cancel()
    for device in (microphone, sink):
        await asyncio.to_thread(device.close)
        await asyncio.to_thread(device.close)
    print(json.dumps({"closed": True}), flush=True)

async def read_until_lost(microphone):
    while True:
        await microphone.read()

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def server() -> Iterator[sound.SoundServer]:
    need(sound.missing())
    with sound.SoundServer([sound.Card("loop", loop=True), sound.Card("alice")]) as running:
        yield running


def listen(env: dict[str, str], card: str, unplug: Callable[[], None] | None = None) -> list[dict[str, Any]]:
    """Runs the listener on a card and returns its reports."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HEAR, card], env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdin is not None and process.stdout is not None
        first = process.stdout.readline()
        if unplug is not None:
            unplug()
        said, _ = process.communicate("unplugged\n" if unplug else "\n", timeout=30)
    finally:
        process.kill()
        process.wait()
    return [json.loads(line) for line in [first, *said.splitlines()]]


@pytest.mark.lab
@pytest.mark.parametrize("way", ["server", "alsa"])
def test_what_the_speaker_plays_the_microphone_hears(server: sound.SoundServer, way: str) -> None:
    heard, closed = listen(server.env, "default") if way == "server" else listen(server.alsa_env, "loop")
    assert heard["hz"] == pytest.approx(700, abs=4)
    assert heard["peak"] == pytest.approx(3277, rel=0.1)
    assert heard["shape"] == [960] and 1.5 < heard["seconds"] < 3.5
    assert closed == {"closed": True}


@pytest.mark.lab
@pytest.mark.parametrize("way", ["server", "alsa"])
def test_without_the_server_a_card_is_lost_for_reader_and_player(server: sound.SoundServer, way: str) -> None:
    _, lost, closed = listen(server.env if way == "server" else server.alsa_env, "loop", server.kill)
    assert len(lost["lost"]) == 2 and all(lost["lost"])
    assert closed == {"closed": True}


def test_a_missing_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "_import", _no_portaudio)
    with pytest.raises(DeviceError) as error:
        Microphone()
    assert error.value.fix == "sudo apt install libportaudio2"


def _no_portaudio() -> None:
    raise OSError("PortAudio library not found")


_SHARE = """
import asyncio, json, sys
import numpy as np
from meshconf.devices.open import open_audio_sink, open_audio_source
from meshconf.errors import DeviceError
from tests.devices.hearing import level_db

async def play(sink, tone):
    while True:
        await sink.pace()
        sink.write(await tone.read())

async def hear(source):
    blocks = [await asyncio.wait_for(source.read(), 5) for _ in range(40)]
    return [hz for hz in (600, 900, 1500) if level_db(np.concatenate(blocks[15:]), hz) > -40]

async def main():
    ours = open_audio_sink("loop")
    playing = asyncio.create_task(play(ours, open_audio_source("test:1500")))
    heard = {}
    for spec in ("system", "system:music"):
        source = await asyncio.to_thread(open_audio_source, spec)
        heard[spec] = await hear(source)
        await asyncio.to_thread(source.close)
    try:
        open_audio_source("system:nothing of the sort")
    except DeviceError as error:
        heard["fix"] = error.fix
    playing.cancel()
    ours.close()
    print(json.dumps(heard))

asyncio.run(main())
"""


@pytest.mark.lab
def test_what_other_programs_play_is_heard_and_not_what_we_play(server: sound.SoundServer, tmp_path: Path) -> None:
    players = [play(server, tmp_path, 600, "Film"), play(server, tmp_path, 900, "Some Music")]
    try:
        said = subprocess.run(
            [sys.executable, "-c", _SHARE], env=server.env, capture_output=True, timeout=30, check=True
        ).stdout
    finally:
        for player in players:
            player.kill()
            player.wait()
    heard = json.loads(said)
    assert heard["system"] == [600, 900] and heard["system:music"] == [900]
    assert "Film, Some Music" in heard["fix"]


def play(server: sound.SoundServer, folder: Path, hz: float, name: str) -> subprocess.Popen[bytes]:
    """A program of that name that plays a tone."""
    tone = folder / f"{hz:.0f}.raw"
    (6000 * np.sin(2 * np.pi * hz * np.arange(20 * 48_000) / 48_000)).astype("<i2").tofile(tone)
    words = ["pacat", f"--client-name={name}", "--raw", "--format=s16le", "--rate=48000", "--channels=1", str(tone)]
    return subprocess.Popen(words, env=server.env)
