"""Lines of one process, as another reads them: what is no message costs a line in the log and nothing else."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from meshconf.lines import Lines

log = logging.getLogger("meshconf")


class Said(msgspec.Struct, frozen=True, tag="said"):
    """A message."""

    text: str


LINES: Lines[Said] = Lines(Said)


async def heard(data: bytes, *, limit: int = 64) -> list[Said]:
    """What is read of a process that says this and ends."""
    pipe = asyncio.StreamReader(limit)
    pipe.feed_data(data)
    pipe.feed_eof()
    return [said async for said in LINES.read(pipe, log)]


async def test_messages_come_in_order_until_the_end() -> None:
    said = [Said("first\nand second"), Said("third")]
    assert await heard(b"".join(map(LINES.encode, said))) == said


async def test_what_is_no_message_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    assert await heard(b"secret\n" + LINES.encode(Said("a"))) == [Said("a")]
    assert "unreadable" in caplog.text and "secret" not in caplog.text


async def test_a_line_without_end_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    assert await heard(LINES.encode(Said("a")) + b"x" * 100 + b"\n" + LINES.encode(Said("b"))) == [Said("a")]
    assert "nonsense" in caplog.text
