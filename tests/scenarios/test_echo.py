"""A laptop without headphones: its microphone hears its loudspeaker, and the others hear nothing of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import meshconf.cli
from tests.lab import sound
from tests.lab.need import need
from tests.scenarios.conftest import Rendezvous, Start

pytestmark = [pytest.mark.lab, pytest.mark.timeout(60)]

SPEECH = Path(meshconf.cli.__file__).parent / "speech" / "ada.ogg"
LAPTOP = sound.Card("laptop", loop=True)
ECHO_DB, GONE_DB = -45.0, -60.0
"""A recorded voice is at -27; between words it is softer for a moment."""
IN_A_ROW = 3
"""Seconds: no pause of the voice is as long."""


@pytest.fixture
def laptop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sound server that the engines of the test use."""
    need(sound.missing())
    with sound.SoundServer([LAPTOP]) as server:
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "ALSA_CONFIG_PATH", "HOME"):
            monkeypatch.setenv(name, server.env[name])
        yield


def test_a_speaker_does_not_hear_himself_back(start: Start, rendezvous: Rendezvous, laptop: None) -> None:
    near = start("near", "host", *rendezvous.options, "--raw-mic", "--mic", LAPTOP.name, "--speaker", LAPTOP.name)
    far = start("far", "join", near.invite, *rendezvous.options, "--mic", f"file:{SPEECH}", "--stats")
    softest: list[float] = []

    def level(event: dict[str, Any]) -> float | None:
        for link in event.get("links", []) if event["event"] == "stats" else []:
            for source in link["sources"]:
                if link["peer"] == near.peer and source["source"] == "mic":
                    return float(source["level_db"])
        return None

    def silent(event: dict[str, Any]) -> bool:
        db = level(event)
        if db is not None:
            softest.append(db)
        return len(softest) >= IN_A_ROW and max(softest[-IN_A_ROW:]) < GONE_DB

    far.wait_for(lambda event: (level(event) or -90.0) > ECHO_DB)
    near.send({"do": "clean_mic", "on": True})
    far.wait_for(silent, since=far.mark())
