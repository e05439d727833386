"""The lines between engine and window process."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.windows.wire import (
    Blank,
    Closed,
    Command,
    Hide,
    News,
    Ready,
    Retitle,
    Show,
    Unavailable,
    Viewed,
    decode_command,
    decode_news,
    encode,
)


@pytest.mark.parametrize("command", [Show("a", "Zoë\n", "bus"), Blank("a", "off"), Retitle("a", "李"), Hide("a")])
def test_a_command_survives_its_line(command: Command) -> None:
    line = encode(command)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert decode_command(line) == command


@pytest.mark.parametrize("news", [Ready(), Unavailable("no", "do"), Viewed("a", 315, True), Closed("a")])
def test_news_survives_its_line(news: News) -> None:
    assert decode_news(encode(news)) == news


@given(st.binary(max_size=200))
def test_anything_else_is_refused_with_one_error(line: bytes) -> None:
    for decode in (decode_command, decode_news):
        with pytest.raises(msgspec.DecodeError):
            decode(line)


def test_a_command_is_no_news() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_news(encode(Hide("a")))
