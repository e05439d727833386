"""Send a tone of 440 Hz and measure, at the other end of a real connection, how loud it arrives."""

from __future__ import annotations

import asyncio

from meshconf import Conference
from meshconf.conference.events import FirstFrame, Levels


async def listen(meeting: Conference, *, readings: int) -> None:
    """Print the loudness of whoever is heard, so many times."""
    events = meeting.events()
    events.levels = True
    async for event in events:
        match event:
            case FirstFrame(name=name, source=source):
                print(f"the first sound of {name}'s {source} arrived")
            case Levels(levels=levels):
                for peer, level in levels.items():
                    if peer != meeting.self_id and level.db > -60:
                        print(f"{level.db:.0f} dBFS")
                        readings -= 1
                if readings <= 0:
                    return


async def main() -> None:
    async with (
        asyncio.timeout(20),
        Conference.host(name="Ear", loopback=True, windows=False, speaker="null") as ear,
        Conference.join(ear.link, name="Fork", loopback=True, windows=False, mic="test:440"),
    ):
        await listen(ear, readings=5)


if __name__ == "__main__":
    asyncio.run(main())
