"""Share a screen (here a moving test pattern), and stop sharing as soon as everybody has seen it.

Give `screen="default"` instead of "test" to share the real one, "file:talk.mp4" to share a recording.
"""

from __future__ import annotations

import asyncio

from meshconf import Conference
from meshconf.conference.events import Chat, FirstFrame, Source
from meshconf.types import SourceKind


async def look(link: str, name: str) -> str:
    """A viewer: waits for the first picture, then until sharing ends; returns what it saw."""
    seen = "nothing"
    async with Conference.join(link, name=name, loopback=True, windows=False) as meeting:
        async for event in meeting.events():
            match event:
                case FirstFrame(name=author, source=SourceKind.SCREEN, width=width, height=height):
                    seen = f"{author}'s screen, {width} x {height}"
                    meeting.chat("I see it")
                case Source(peer=peer, source=SourceKind.SCREEN, state="off") if peer != meeting.self_id:
                    break
    return f"{name} saw {seen}"


async def main() -> None:
    names = ["Ben", "Cleo"]
    async with (
        asyncio.timeout(30),
        Conference.host(name="Ann", loopback=True, windows=False, screen="test") as meeting,
        asyncio.TaskGroup() as viewers,
    ):
        looking = [viewers.create_task(look(meeting.link, name)) for name in names]
        await seen_by(meeting, len(names))
        await meeting.switch(SourceKind.SCREEN, on=False)
        for report in await asyncio.gather(*looking):
            print(report)


async def seen_by(meeting: Conference, viewers: int) -> None:
    """Wait until so many viewers said that they see the screen."""
    async for event in meeting.events():
        if isinstance(event, Chat) and event.text == "I see it":
            print(f"{event.name} sees the screen")
            viewers -= 1
            if not viewers:
                return


if __name__ == "__main__":
    asyncio.run(main())
