"""The words of `ctl` mean commands of the control API, and what means none is explained."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meshconf.cli.ctl_words import read_words
from meshconf.conference.commands import parse
from meshconf.errors import UsageError

_MEANINGS: list[tuple[str, dict[str, Any]]] = [
    ("chat back in five", {"do": "chat", "text": "back in five"}),
    ("source media on file:song.ogg", {"do": "source", "source": "media", "on": True, "from": "file:song.ogg"}),
    ("source screen off", {"do": "source", "source": "screen", "on": False}),
    ("mute", {"do": "source", "source": "mic", "on": False}),
    ("unmute", {"do": "source", "source": "mic", "on": True}),
    ("camera on test", {"do": "source", "source": "camera", "on": True, "from": "test"}),
    ("camera off", {"do": "source", "source": "camera", "on": False}),
    ("volume Ada -6", {"do": "volume", "peer": "Ada", "gain_db": -6.0}),
    ("volume Ada 3dB", {"do": "volume", "peer": "Ada", "gain_db": 3.0}),
    ("rotate-code", {"do": "rotate_code"}),
    ("end", {"do": "end"}),
    ("leave", {"do": "leave"}),
]


@pytest.mark.parametrize(("words", "command"), _MEANINGS)
def test_words_mean_a_command_that_the_engine_reads(words: str, command: dict[str, Any]) -> None:
    assert read_words(words.split()) == command
    parse(json.dumps(command))


def test_one_json_object_is_a_command_whether_quoted_as_one_word_or_not() -> None:
    assert read_words(['{"do": "leave"}']) == read_words(['{"do":', '"leave"}']) == {"do": "leave"}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("chat", "chat TEXT..."),
        ("source window on", "source mic|camera|screen|media on|off [SRC]"),
        ("camera maybe", "camera on|off [SRC]"),
        ("camera off test", "camera on|off [SRC]"),
        ("volume Ada loud", "volume PEER DB"),
        ("volume Ada", "volume PEER DB"),
        ("mute now", "mute"),
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
