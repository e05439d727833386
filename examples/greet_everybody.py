"""A bot that hosts a meeting, welcomes each newcomer by name, and tells them in private which guest they are.

python greet_everybody.py [GUESTS]        hangs up after so many guests (two), who are simulated here
"""

from __future__ import annotations

import asyncio
import sys

from meshconf import Conference
from meshconf.conference.events import Chat, Peer
from meshconf.types import PeerState


async def greet(meeting: Conference) -> None:
    """Welcome everybody whose connection stands; once, even when it is replaced later."""
    greeted: set[str] = set()
    async for event in meeting.events():
        match event:
            case Peer(state=PeerState.CONNECTED, peer=peer, name=name) if peer not in greeted:
                greeted.add(peer)
                meeting.chat(f"Welcome, {name}!")
                meeting.chat(f"You are guest number {len(greeted)}.", to=peer)


async def visit(link: str, name: str) -> None:
    """A guest who stays until it was spoken to in private."""
    async with Conference.join(link, name=name, loopback=True, windows=False) as meeting:
        async for event in meeting.events():
            match event:
                case Chat(name=author, text=text, to=to) if author == "Greeter":
                    print(f"{author} to {name if to else 'all'}: {text}")
                    if to:
                        return


async def main(guests: int) -> None:
    async with asyncio.timeout(30), Conference.host(name="Greeter", loopback=True, windows=False) as meeting:
        greeter = asyncio.create_task(greet(meeting))
        for number in range(1, guests + 1):
            await visit(meeting.link, f"Guest {number}")
        greeter.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2))
