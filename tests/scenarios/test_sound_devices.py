"""Voices from a microphone to a loudspeaker: real devices of a private sound server, real engines, real codecs."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.devices.hearing import level_db
from tests.lab import sound
from tests.lab.need import need
from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine

pytestmark = [pytest.mark.lab, pytest.mark.timeout(60)]

RATE = 48_000
RAW = ("--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=20")
LOUD_DB, SILENT_DB = -30.0, -55.0
"""A tone counts as heard above the one and as absent below the other, in dB of full scale; played are -16 and -20."""

Sound = npt.NDArray[np.int16]


class Room:
    """What a person with ears and a voice does in the rooms of the sound cards."""

    def __init__(self, server: sound.SoundServer, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._playing: list[subprocess.Popen[bytes]] = []

    def speak(self, card: sound.Card, hz: float) -> None:
        """Let a tone sound at a card's microphone, until the end of the test."""
        time_s = np.arange(30 * RATE) / RATE
        tone = self._folder / f"{hz:.0f}.raw"
        (0.16 * 32767 * np.sin(2 * np.pi * hz * time_s)).astype("<i2").tofile(tone)
        self._playing.append(
            subprocess.Popen(
                ["pacat", "--playback", f"--device={card.microphone}", *RAW, str(tone)], env=self.server.env
            )
        )

    def listen(self, card: sound.Card, seconds: float = 0.5) -> Sound:
        """Record what a card's loudspeaker plays from now on."""
        wanted = int(seconds * RATE) * 2
        with subprocess.Popen(
            ["parec", f"--device={card.speaker}.monitor", *RAW], env=self.server.env, stdout=subprocess.PIPE
        ) as recorder:
            assert recorder.stdout is not None
            heard = recorder.stdout.read(wanted)
            recorder.kill()
        assert len(heard) == wanted, "the recording broke off"
        return np.frombuffer(heard, "<i2")

    def wait_for_tones(self, card: sound.Card, *, heard: set[float], absent: set[float], seconds: float = 10.0) -> None:
        """Wait until a card's loudspeaker plays all these tones, and none of those."""
        deadline = time.monotonic() + seconds
        while True:
            recording = self.listen(card)
            levels = {hz: level_db(recording, hz) for hz in heard | absent}
            if all(levels[hz] > LOUD_DB for hz in heard) and all(levels[hz] < SILENT_DB for hz in absent):
                return
            assert time.monotonic() < deadline, f"{card.name} hears (Hz: dB): {levels}"

    def recordings_of(self, engine: Engine) -> list[Any]:
        """The streams that an engine holds open on microphones."""
        said = subprocess.run(
            ["pactl", "--format=json", "list", "source-outputs"],
            env=self.server.env, capture_output=True, timeout=5, check=True,
        ).stdout  # fmt: skip
        pid = str(engine.process.pid)
        return [entry for entry in json.loads(said) if entry["properties"].get("application.process.id") == pid]

    def close(self) -> None:
        """Silence."""
        for player in self._playing:
            player.kill()
            player.wait()


ALICE, BOB = sound.Card("alicecard"), sound.Card("bobcard")
HEADSET = sound.Card("headset", rate=16_000)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Room]:
    """A sound server that all engines of the test use."""
    need(sound.missing())
    with sound.SoundServer([ALICE, BOB]) as server:
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "ALSA_CONFIG_PATH", "HOME"):
            monkeypatch.setenv(name, server.env[name])
        room = Room(server, tmp_path)
        yield room
        room.close()


def test_a_voice_goes_from_microphone_to_loudspeaker_until_it_is_switched_off(
    start: Start, rendezvous: Rendezvous, room: Room
) -> None:
    alices_voice, bobs_voice = 600.0, 910.0
    room.speak(ALICE, alices_voice)
    alice = start("alice", "host", *rendezvous.options, "--raw-mic", "--mic", ALICE.name, "--speaker", ALICE.name)
    bob = start(
        "bob", "join", alice.invite, *rendezvous.options, "--mic", f"test:{bobs_voice:.0f}", "--speaker", BOB.name
    )
    bob.wait_for_event("first_frame", peer=alice.peer, source="mic")

    # Nobody hears himself, not even faintly.
    room.wait_for_tones(BOB, heard={alices_voice}, absent={bobs_voice})
    room.wait_for_tones(ALICE, heard={bobs_voice}, absent={alices_voice})
    assert room.recordings_of(alice)

    assert alice.ask({"do": "source", "source": "mic", "on": False}, id=1)["event"] == "ok"
    assert room.recordings_of(alice) == [], "the microphone is held though it is off"
    bob.wait_for_event("source", 3.0, peer=alice.peer, source="mic", state="off")
    room.wait_for_tones(BOB, heard=set(), absent={alices_voice, bobs_voice}, seconds=3.0)

    assert alice.ask({"do": "source", "source": "mic", "on": True}, id=2)["event"] == "ok"
    room.wait_for_tones(BOB, heard={alices_voice}, absent={bobs_voice})
    assert (bob.leave(), alice.leave()) == (0, 0)


def test_two_voices_are_heard_together_each_as_loud_as_the_listener_likes(
    start: Start, rendezvous: Rendezvous, room: Room
) -> None:
    alice = start("alice", "host", *rendezvous.options, "--mic", "test:500")
    bob = start("bob", "join", alice.invite, *rendezvous.options, "--mic", "test:1100", "--speaker", BOB.name)
    start("carol", "join", alice.invite, *rendezvous.options, "--mic", "test:800")

    room.wait_for_tones(BOB, heard={500.0, 800.0}, absent={1100.0}, seconds=25.0)

    assert bob.ask({"do": "volume", "peer": alice.peer, "gain_db": -100}, id=1)["event"] == "ok"
    room.wait_for_tones(BOB, heard={800.0}, absent={500.0, 1100.0}, seconds=8.0)
    assert bob.ask({"do": "volume", "peer": alice.peer, "gain_db": 0}, id=2)["event"] == "ok"
    room.wait_for_tones(BOB, heard={500.0, 800.0}, absent={1100.0}, seconds=8.0)


def test_a_meeting_follows_sound_cards_that_come_go_and_become_the_default(
    start: Start, rendezvous: Rendezvous, room: Room
) -> None:
    alices_voice, at_the_headset, bobs_voice = 600.0, 750.0, 910.0
    room.speak(ALICE, alices_voice)
    alice = start("alice", "host", *rendezvous.options, "--raw-mic", "--mic", "default", "--speaker", "default")
    bob = start(
        "bob", "join", alice.invite, *rendezvous.options, "--mic", f"test:{bobs_voice:.0f}", "--speaker", BOB.name
    )
    room.wait_for_tones(BOB, heard={alices_voice}, absent={bobs_voice})
    listed = alice.wait_for_event("devices", mic=ALICE.name, speaker=ALICE.name)
    assert {"name": ALICE.name, "default": True} in listed["microphones"]

    # A new card becomes the default: both ways move to it.
    room.server.plug(HEADSET)
    room.server.make_default(HEADSET)
    room.speak(HEADSET, at_the_headset)
    alice.wait_for_event("devices", mic=HEADSET.name, speaker=HEADSET.name)
    room.wait_for_tones(BOB, heard={at_the_headset}, absent={alices_voice})
    room.wait_for_tones(HEADSET, heard={bobs_voice}, absent=set())

    # It is chosen by name, taken away, and plugged in again.
    assert alice.ask({"do": "source", "source": "mic", "on": True, "from": HEADSET.name}, id=1)["event"] == "ok"
    assert alice.ask({"do": "speaker", "to": HEADSET.name}, id=2)["event"] == "ok"
    room.server.make_default(ALICE)
    room.wait_for_tones(BOB, heard={at_the_headset}, absent={alices_voice})
    room.server.unplug(HEADSET)
    gone = alice.wait_for(lambda event: event["event"] == "notice" and "until it is back" in event["text"])
    assert HEADSET.name in gone["text"] and ALICE.name in gone["text"]
    room.wait_for_tones(BOB, heard={alices_voice}, absent={at_the_headset})
    room.wait_for_tones(ALICE, heard={bobs_voice}, absent=set())
    room.server.plug(HEADSET)
    room.speak(HEADSET, at_the_headset)
    room.wait_for_tones(BOB, heard={at_the_headset}, absent={alices_voice})
    room.wait_for_tones(HEADSET, heard={bobs_voice}, absent=set())
    assert (bob.leave(), alice.leave()) == (0, 0)
