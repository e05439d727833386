"""Two participants in one program: one hosts, one joins by the link, and each writes a line to the other."""

from __future__ import annotations

import asyncio

from meshconf import Conference
from meshconf.conference.events import Chat, Event, Peer
from meshconf.types import PeerState


async def speak(meeting: Conference, line: str) -> None:
    """Say one line as soon as somebody is there, and wait for the answer."""
    async for event in meeting.events():
        match event:
            case Peer(state=PeerState.CONNECTED, name=name, path=path):
                print(f"{line!r} goes to {name} over a {path} connection")
                meeting.chat(line)
            case Chat(peer=peer, name=name, text=text) if peer != meeting.self_id:
                print(f"{name} wrote {text!r}")
                return
            case Event():
                pass


async def main() -> None:
    async with (
        asyncio.timeout(20),
        Conference.host(name="Ann", title="a talk", loopback=True, windows=False) as ann,
        Conference.join(ann.link, name="Ben", loopback=True, windows=False) as ben,
    ):
        await asyncio.gather(speak(ann, "hello Ben"), speak(ben, "hello Ann"))


if __name__ == "__main__":
    asyncio.run(main())
