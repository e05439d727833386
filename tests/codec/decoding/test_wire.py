"""What goes over the socket between engine and decoder process, in whatever pieces it comes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.codec.decoding.wire import (
    MAX_FRAME,
    Close,
    Command,
    CommandReader,
    Frame,
    KeyframeNeeded,
    News,
    NewsReader,
    Open,
    PictureChanged,
    Ready,
    WireError,
    encode_command,
    encode_news,
    frame_header,
)

numbers = st.integers(0, 2**32 - 1)
commands = st.one_of(
    st.builds(Open, numbers, st.integers(0, 2**16 - 1), st.sampled_from(["VP8", "H264"])),
    st.builds(Close, numbers),
    st.builds(
        Frame,
        numbers,
        st.binary(max_size=200),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(0, 1e9),
    ),
)
news = st.one_of(
    st.just(Ready()),
    st.builds(PictureChanged, numbers, numbers, st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1)),
    st.builds(KeyframeNeeded, numbers),
)


def encoded(command: Command) -> bytes:
    match command:
        case Frame(stream, data, keyframe, timestamp, captured):
            header = frame_header(stream, len(data), keyframe=keyframe, timestamp=timestamp, captured=captured)
            return header + data
        case _:
            return encode_command(command)


@given(st.lists(commands, max_size=8), st.integers(1, 64))
def test_commands_survive_any_cutting(said: list[Command], piece: int) -> None:
    line, reader = b"".join(map(encoded, said)), CommandReader()
    heard = [
        command
        for start in range(0, len(line), piece)
        for command in reader.feed(memoryview(line)[start : start + piece])
    ]
    assert heard == said


@given(st.lists(news, max_size=8), st.integers(1, 64))
def test_news_survive_any_cutting(said: list[News], piece: int) -> None:
    line, reader = b"".join(map(encode_news, said)), NewsReader()
    heard = [news for start in range(0, len(line), piece) for news in reader.feed(line[start : start + piece])]
    assert heard == said


@given(st.binary(min_size=28, max_size=200))
def test_nonsense_has_one_error_and_holds_no_memory(line: bytes) -> None:
    commands, news = CommandReader(), NewsReader()
    with contextlib.suppress(WireError):
        list(commands.feed(memoryview(line)))
    with contextlib.suppress(WireError):
        list(news.feed(line))
    assert len(commands._bytes) <= len(line) and len(news._bytes) <= len(line)


def test_a_frame_larger_than_allowed_is_refused_before_it_comes() -> None:
    header = frame_header(1, MAX_FRAME + 1, keyframe=True, timestamp=0, captured=0.0)
    with pytest.raises(WireError, match="bytes"):
        list(CommandReader().feed(memoryview(header)))
    whole = frame_header(1, MAX_FRAME, keyframe=True, timestamp=0, captured=0.0) + bytes(MAX_FRAME)
    assert len(list(CommandReader().feed(memoryview(whole)))) == 1
