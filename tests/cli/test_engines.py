"""Which meeting a command is for: where there are several, they are listed and none is taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshconf import paths
from meshconf.cli import engines
from meshconf.cli.engines import choose_engine
from meshconf.errors import NoSuchMeeting, UsageError

_NUMBERS = (os.getpid(), os.getppid())
"""Of processes that certainly run."""


@asynccontextmanager
async def _engines(*titles: str | None) -> AsyncIterator[list[Path]]:
    """Sockets that say what engines say first, of meetings with these titles; for None one that says nothing."""
    found = []
    async with contextlib.AsyncExitStack() as stack:
        for number, title in zip(_NUMBERS, titles, strict=False):
            about = {"self": "p", "title": title, "name": f"Yan\x1b[31m {number}"}
            events: list[dict[str, object]] = [{"event": "room_state", "host": "p"}, {"event": "joined", **about}]
            found.append(paths.runtime_dir() / f"{number}.sock")
            await stack.enter_async_context(await _listen(found[-1], events if title is not None else []))
        yield found


async def _listen(path: Path, events: Sequence[Mapping[str, object]]) -> asyncio.Server:
    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            writer.writelines(json.dumps(event).encode() + b"\n" for event in events)
            await reader.read()

    return await asyncio.start_unix_server(tell, path)


async def test_the_only_meeting_needs_no_name() -> None:
    async with _engines("Tea") as [path]:
        assert await asyncio.to_thread(choose_engine, None) == path
        assert await asyncio.to_thread(choose_engine, path.stem) == path


async def test_several_meetings_are_listed_and_none_is_taken() -> None:
    async with _engines("Tea", "") as [tea, untitled]:
        with pytest.raises(UsageError, match="name one with --engine N") as caught:
            await asyncio.to_thread(choose_engine, None)
        sentence = str(caught.value)
        assert f"{tea.stem} Tea (Yan" in sentence and f"{untitled.stem} (Yan" in sentence
        assert "\x1b" not in sentence
        assert await asyncio.to_thread(choose_engine, tea.stem) == tea
        with pytest.raises(NoSuchMeeting, match="No meeting 1 runs here"):
            await asyncio.to_thread(choose_engine, "1")


async def test_an_engine_that_does_not_answer_is_listed_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_ANSWER_WITHIN_S", 0.1)
    async with _engines("Tea", None) as [_, silent]:
        with pytest.raises(UsageError, match=rf"\b{silent.stem}[,;]"):
            await asyncio.to_thread(choose_engine, None)


async def test_what_a_dead_engine_left_is_no_meeting() -> None:
    async with _engines("Tea") as [path]:
        (paths.runtime_dir() / f"{_NUMBERS[1]}.sock").touch()
        assert await asyncio.to_thread(choose_engine, None) == path
