"""The lines between engine and window process."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.types import Area
from meshconf.windows.wire import (
    COMMANDS,
    NEWS,
    Blank,
    Closed,
    Command,
    Frame,
    Framing,
    Hide,
    News,
    Ready,
    Retitle,
    Show,
    Unavailable,
    Viewed,
)


@pytest.mark.parametrize(
    "command",
    [
        Show("a", "Zoë\n", "bus"),
        Blank("a", "off"),
        Retitle("a", "李"),
        Hide("a"),
        Frame(None),
        Frame(Framing("Ana controls this screen", Area(-8, 0, 800, 600))),
    ],
)
def test_a_command_survives_its_line(command: Command) -> None:
    line = COMMANDS.encode(command)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert COMMANDS.decode(line) == command


@pytest.mark.parametrize("news", [Ready(), Unavailable("no", "do"), Viewed("a", 315, True), Closed("a")])
def test_news_survives_its_line(news: News) -> None:
    assert NEWS.decode(NEWS.encode(news)) == news


@given(st.binary(max_size=200))
def test_anything_else_is_refused_with_one_error(line: bytes) -> None:
    for decode in (COMMANDS.decode, NEWS.decode):
        with pytest.raises(msgspec.DecodeError):
            decode(line)


def test_a_command_is_no_news() -> None:
    with pytest.raises(msgspec.DecodeError):
        NEWS.decode(COMMANDS.encode(Hide("a")))
