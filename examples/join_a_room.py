"""Join a meeting by its code or link and print what happens there, one JSON object a line, as headless mode does.

python join_a_room.py CODE [SECONDS]      without CODE, the first line of standard input is read
"""

from __future__ import annotations

import asyncio
import sys

from meshconf import Conference
from meshconf.conference.events import line
from meshconf.errors import MeshconfError


async def watch(invite: str, seconds: float) -> int:
    """Print the events of a meeting for so long; returns the program's exit code."""
    try:
        async with Conference.join(invite, name="Watcher", loopback=True, windows=False) as meeting:
            # Leaving is a verb like any other: the events end by themselves, after `left`.
            leaving = asyncio.get_running_loop().call_later(seconds, meeting.finish, "left")
            printing = asyncio.create_task(print_events(meeting))
            await meeting.over()
            leaving.cancel()
    except MeshconfError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    await printing
    return 0


async def print_events(meeting: Conference) -> None:
    """One line for each event until the meeting is over for us."""
    async for event in meeting.events():
        print(line(event).decode(), end="", flush=True)


if __name__ == "__main__":
    code = sys.argv[1] if len(sys.argv) > 1 else sys.stdin.readline().strip()
    sys.exit(asyncio.run(watch(code, float(sys.argv[2]) if len(sys.argv) > 2 else 5.0)))
