"""The words of `ctl` mean commands of the control API, and what means none is explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from meshconf.cli.ctl_words import read_words
from meshconf.conference.commands import parse
from meshconf.errors import UsageError

_MEANINGS: list[tuple[str, dict[str, Any]]] = [
    ("chat back in five", {"do": "chat", "text": "back in five"}),
    ("source media on file:song.ogg", {"do": "source", "source": "media", "on": True, "from": "file:song.ogg"}),
    ("source screen off", {"do": "source", "source": "screen", "on": False}),
    ("mute", {"do": "mute"}),
    ("unmute", {"do": "unmute"}),
    ("ptt down", {"do": "ptt", "state": "down"}),
    ("while-muted release", {"do": "while_muted", "mic": "release"}),
    ("volume-all -3", {"do": "volume", "gain_db": -3.0}),
    ("deafen", {"do": "deafen", "on": True}),
    ("undeafen Ada", {"do": "deafen", "on": False, "peer": "Ada"}),
    ("sounds off", {"do": "sounds", "on": False}),
    ("hand up", {"do": "hand", "up": True}),
    ("lower-hand Ada", {"do": "hand", "up": False, "peer": "Ada"}),
    ("play https://a.b/c d", {"do": "play", "from": "https://a.b/c d"}),
    ("pause", {"do": "pause"}),
    ("resume", {"do": "resume"}),
    ("stop", {"do": "stop"}),
    ("seek 1:02:03.5", {"do": "seek", "to_s": 3723.5}),
    ("seek 90", {"do": "seek", "to_s": 90.0}),
    ("seek +10", {"do": "seek", "by_s": 10.0}),
    ("seek -1:00", {"do": "seek", "by_s": -60.0}),
    ("camera on test", {"do": "source", "source": "camera", "on": True, "from": "test"}),
    ("camera off", {"do": "source", "source": "camera", "on": False}),
    ("volume Ada -6", {"do": "volume", "peer": "Ada", "gain_db": -6.0}),
    ("volume Ada 3dB", {"do": "volume", "peer": "Ada", "gain_db": 3.0}),
    ("new-code", {"do": "rotate_code"}),
    ("mic on", {"do": "source", "source": "mic", "on": True}),
    ("file off", {"do": "source", "source": "media", "on": False}),
    ("file https://a.b/c d", {"do": "source", "source": "media", "on": True, "from": "https://a.b/c d"}),
    ("msg Ada hello there", {"do": "chat", "to": "Ada", "text": "hello there"}),
    ("host Ada", {"do": "transfer_host", "peer": "Ada"}),
    ("admin Ada", {"do": "appoint", "peer": "Ada"}),
    ("dismiss Ada", {"do": "dismiss", "peer": "Ada"}),
    ("remove Ada", {"do": "remove", "peer": "Ada"}),
    ("admit Ada", {"do": "admit", "peer": "Ada"}),
    ("deny Ada", {"do": "deny", "peer": "Ada"}),
    ("forbid video", {"do": "forbid", "kind": "video"}),
    ("forbid mic Ada", {"do": "forbid", "kind": "audio", "peer": "Ada"}),
    ("permit Control Ada", {"do": "permit", "kind": "control", "peer": "Ada"}),
    ("lock", {"do": "lock"}),
    ("unlock", {"do": "unlock"}),
    ("lobby on", {"do": "lobby_on"}),
    ("lobby off", {"do": "lobby_off"}),
    ("history on", {"do": "history_on"}),
    ("history off", {"do": "history_off"}),
    ("verify Ada", {"do": "verify", "peer": "Ada"}),
    ("trust Ada", {"do": "trust", "peer": "Ada"}),
    ("end", {"do": "end"}),
    ("leave", {"do": "leave"}),
]


@pytest.mark.parametrize(("words", "command"), _MEANINGS)
def test_words_mean_a_command_that_the_engine_reads(words: str, command: dict[str, Any]) -> None:
    assert read_words(words.split()) == command
    parse(json.dumps(command))


def test_one_json_object_is_a_command_whether_quoted_as_one_word_or_not() -> None:
    assert read_words(['{"do": "leave"}']) == read_words(['{"do":', '"leave"}']) == {"do": "leave"}


def test_a_file_is_named_from_the_root_whatever_folder_the_engine_stands_in() -> None:
    assert read_words(["file", "my song.ogg"])["from"] == f"file:{Path.cwd() / 'my song.ogg'}"


def test_a_source_without_on_or_off_is_left_to_be_turned_over() -> None:
    assert read_words(["camera"]) == {"do": "source", "source": "camera"}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("chat", "chat TEXT..."),
        ("source window on", "source mic|camera|screen|media on|off [SRC]"),
        ("camera maybe", "camera [on|off] [SRC]"),
        ("camera off test", "camera [on|off] [SRC]"),
        ("volume Ada loud", "volume NAME DB"),
        ("volume Ada", "volume NAME DB"),
        ("volume Ada nan", "volume NAME DB"),
        ("volume Ada 50", "A volume is from -100 to 20 dB"),
        ("volume-all -101", "A volume is from -100 to 20 dB"),
        ("forbid smoking", "forbid sound|camera|screen|control [NAME]"),
        ("lobby perhaps", "lobby on|off"),
        ("host", "host NAME"),
        ("remove Ada Lovelace", "remove NAME"),
        ("msg Ada", "msg NAME TEXT..."),
        ("mute now", "mute"),
        ("seek later", "seek TIME"),
        ("seek 1:2:3:4", "seek TIME"),
        ("ptt left", "ptt on|off|down|up"),
        ("status all", "status"),
        ("levae", "did you mean `leave`?"),
        ("xyzzy", "known are chat"),
        ('{"do":', "not one JSON object"),
    ],
)
def test_what_means_nothing_is_answered_with_the_right_form(words: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_words(words.split())
    assert hint in str(raised.value)
