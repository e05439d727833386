"""Lines to stdout, whoever reads them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

from meshconf.conference.events import Notice
from meshconf.headless.stdout import AT_ONCE, Stdout
from meshconf.headless.streams import stdout_is_deserted


@contextmanager
def piped() -> Iterator[int]:
    """The other end of what is descriptor 1 meanwhile. No fixture: pytest changes descriptor 1 before each test."""
    before = os.dup(1)
    reader, writer = os.pipe()
    os.dup2(writer, 1)
    os.close(writer)
    try:
        yield reader
    finally:
        os.dup2(before, 1)
        os.close(before)
        os.close(reader)


async def test_a_reader_who_does_not_read_fills_no_memory_and_loses_the_oldest() -> None:
    with piped() as reader:
        stdout = Stdout()
        for number in range(3 * AT_ONCE):
            stdout.put(Notice(text=f"{number} " + "x" * 200))
        assert stdout.waiting <= AT_ONCE
        closing = asyncio.create_task(stdout.close())
        lines: list[bytes] = []
        with open(reader, "rb", closefd=False) as pipe:  # noqa: ASYNC230 - a pipe opens at once
            while not lines or f'"{3 * AT_ONCE - 1} '.encode() not in lines[-1]:
                lines.append(await asyncio.to_thread(pipe.readline))
        await closing
        assert AT_ONCE <= len(lines) < 2 * AT_ONCE


def test_a_reader_who_has_gone_is_noticed_without_a_word() -> None:
    with piped():
        assert not stdout_is_deserted()
        nobody, writer = os.pipe()
        os.dup2(writer, 1)
        os.close(writer)
        assert not stdout_is_deserted()
        os.close(nobody)
        assert stdout_is_deserted()
