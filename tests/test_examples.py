"""Each example as a stranger would run it: a program of its own, which says something true and ends by itself."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshconf import Conference

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
DEADLINE = 40.0
"""Seconds; examples take one to five, a busy machine takes longer."""

pytestmark = pytest.mark.lab


async def run(name: str, *args: str, stdin: str = "") -> list[str]:
    """The lines that an example prints; fails unless it ends well and in time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / name),
        *args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        async with asyncio.timeout(DEADLINE):
            out, err = await process.communicate(stdin.encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines()


@asynccontextmanager
async def meeting() -> AsyncIterator[Conference]:
    """A meeting for an example to join."""
    async with Conference.host(name="Ann", title="open day", loopback=True, windows=False) as host:
        yield host


async def test_two_peers_in_one_process_write_to_each_other() -> None:
    lines = await run("two_peers_one_process.py")
    assert {"Ann wrote 'hello Ben'", "Ben wrote 'hello Ann'"} <= set(lines)


@pytest.mark.parametrize("by_argument", [True, False], ids=["argument", "standard input"])
async def test_join_a_room_prints_the_events_of_the_meeting(by_argument: bool) -> None:
    async with meeting() as host:
        arguments = (host.link, "4") if by_argument else ()
        lines = await run("join_a_room.py", *arguments, stdin="" if by_argument else host.link + "\n")
    said = [json.loads(line) for line in lines]
    assert "joined" in [event["event"] for event in said]
    assert ("Ann", "connected") in [(event["name"], event["state"]) for event in said if event["event"] == "peer"]
    assert said[-1]["event"] == "left"


async def test_a_tone_arrives_at_the_other_end() -> None:
    first, *levels = await run("send_a_test_tone.py")
    assert first == "the first sound of Fork's mic arrived"
    assert len(levels) >= 5
    assert all(-40 < float(level.removesuffix(" dBFS")) < 0 for level in levels[1:])


async def test_the_bot_greets_everybody_by_name() -> None:
    lines = await run("greet_everybody.py", "2")
    assert lines == [
        "Greeter to all: Welcome, Guest 1!",
        "Greeter to Guest 1: You are guest number 1.",
        "Greeter to all: Welcome, Guest 2!",
        "Greeter to Guest 2: You are guest number 2.",
    ]


async def test_a_shared_screen_is_seen_by_all_viewers() -> None:
    lines = await run("bring_your_own_screen.py")
    assert sorted(lines[:2]) == ["Ben sees the screen", "Cleo sees the screen"]
    assert lines[2:] == ["Ben saw Ann's screen, 1280 x 720", "Cleo saw Ann's screen, 1280 x 720"]


def test_every_example_is_run_here_and_stays_short() -> None:
    here = Path(__file__).read_text()
    for example in EXAMPLES.glob("*.py"):
        assert example.name in here
        assert len(example.read_text().splitlines()) <= 60
