"""An engine and a launcher that remember what was asked of them, and a small meeting to look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from meshconf.errors import MeshconfError
from meshconf.tui.engine import Engine, Lobby, MeetingOptions

WORDS = ["crumb", "crush", "crust", "ozone", "plank", "planet"]
ADA, BOB, CLEO = "ada2345abcdefghi", "bob2345abcdefghi", "cleo345abcdefghi"
LINK = "meshconf:k5xw2zlbmjrgkzdsmvqxgzlmmu"
OPTIONS = MeetingOptions(name="Ada Lovelace", title="Weekly planning")

THREE_PEOPLE: list[dict[str, Any]] = [
    {
        "event": "room", "t": 0.0, "room": "r1", "self": ADA,
        "invite": "42-crumb-ozone-plank", "link": LINK, "title": "Weekly planning",
    },
    {"event": "room_state", "t": 0.1, "epoch": 1, "seq": 1, "host": ADA, "admins": [BOB], "members": [ADA, BOB, CLEO]},
    {"event": "peer", "t": 21.0, "peer": BOB, "name": "Bob Kahn", "state": "connected", "path": "lan"},
    {"event": "peer", "t": 48.0, "peer": CLEO, "name": "Cleo Nakamura", "state": "connected", "path": "direct",
     "identity": "new"},
    {"event": "source", "t": 50.0, "peer": ADA, "source": "mic", "state": "on"},
    {"event": "source", "t": 50.0, "peer": ADA, "source": "camera", "state": "on"},
    {"event": "source", "t": 51.0, "peer": BOB, "source": "mic", "state": "on"},
    {"event": "source", "t": 51.0, "peer": BOB, "source": "screen", "state": "on"},
    {"event": "source", "t": 52.0, "peer": CLEO, "source": "mic", "state": "off"},
    {"event": "source", "t": 52.0, "peer": CLEO, "source": "camera", "state": "on"},
    {"event": "chat", "t": 64.0, "peer": BOB, "text": "Good morning! I share the draft of the plan.", "to": None},
    {"event": "chat", "t": 70.0, "peer": BOB, "text": "Also here: https://example.org/plan", "to": None},
    {"event": "chat", "t": 93.0, "peer": CLEO, "text": "Thanks. My microphone comes back in a minute.", "to": None},
    {"event": "chat", "t": 101.0, "peer": ADA, "text": "No hurry, we look at page two first.", "to": None},
    {
        "event": "stats", "t": 754.0,
        "links": [
            {
                "peer": BOB, "path": "lan", "rtt_ms": 1.4, "loss": 0.0, "up_bps": 1.1e6, "down_bps": 1.38e6,
                "sources": [{"source": "screen", "width": 1280, "height": 720, "fps": 15.0}],
            },
            {
                "peer": CLEO, "path": "direct", "rtt_ms": 38.2, "loss": 0.021, "up_bps": 0.9e6, "down_bps": 8.4e5,
                "sources": [{"source": "camera", "width": 640, "height": 480, "fps": 30.0}],
            },
        ],
    },
    {
        "event": "levels", "t": 754.0,
        "levels": {ADA: {"db": -46.0, "speaking": False}, BOB: {"db": -18.5, "speaking": True}},
    },
]  # fmt: skip
"""Ada hosts, Bob speaks and shares his screen, Cleo's connection loses packets."""


class FakeEngine:
    """Gives the events it is told to, keeps the commands it gets."""

    def __init__(self, events: list[Any] | None = None) -> None:
        self.commands: list[dict[str, Any]] = []
        self.keys_heard = 0
        """How often it was told that a key was pressed; that is no command of the person's."""
        self.closed = False
        self.error: MeshconfError | None = None
        """Raised by `send` instead of keeping the command."""
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        for event in events or []:
            self._events.put_nowait(event)

    def tell(self, *events: Any) -> None:
        """Let these events happen; None ends the stream."""
        for event in events:
            self._events.put_nowait(event)

    def said(self) -> list[dict[str, Any]]:
        """The commands without their running numbers."""
        return [{key: value for key, value in command.items() if key != "id"} for command in self.commands]

    @property
    def drained(self) -> bool:
        """Whether everything that was told has been read."""
        return self._events.empty()

    async def send(self, command: dict[str, Any]) -> None:
        """Keep it, or fail as told."""
        if self.error is not None:
            raise self.error
        if command == {"do": "typing"}:
            self.keys_heard += 1
        else:
            self.commands.append(command)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What was told, until None."""
        while (event := await self._events.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event

    async def close(self) -> None:
        """Remember it."""
        self.closed = True


class FakeLauncher:
    """Hands out one engine, or one error."""

    def __init__(self, engine: Engine | Lobby | None = None, error: Exception | None = None) -> None:
        self.engine = engine or FakeEngine()
        self.error = error
        self.asked: list[tuple[str, str, MeetingOptions]] = []
        self.found: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.looking = False
        """Whether somebody waits for meetings to be found."""
        self.gate = asyncio.Event()
        """Cleared to keep `host` and `join` waiting."""
        self.gate.set()
        self.hardware: dict[str, Any] = {"cameras": ["HD Webcam"], "microphones": ["USB Mic"], "speakers": ["Headset"]}

    @property
    def drained(self) -> bool:
        """Whether every meeting that was found has been read."""
        return self.found.empty()

    async def host(self, options: MeetingOptions) -> Engine:
        """As told."""
        engine = await self._open("host", "", options)
        assert not isinstance(engine, Lobby)
        return engine

    async def join(self, invite: str, options: MeetingOptions) -> Engine | Lobby:
        """As told."""
        return await self._open("join", invite, options)

    async def rooms(self) -> AsyncIterator[dict[str, Any]]:
        """What is put into `found`."""
        self.looking = True
        try:
            while True:
                yield await self.found.get()
        finally:
            self.looking = False

    def complete(self, prefix: str) -> list[str]:
        """From a list of six."""
        return [word for word in WORDS if word.startswith(prefix)]

    async def devices(self) -> dict[str, Any]:
        """One of each."""
        return self.hardware

    async def _open(self, how: str, invite: str, options: MeetingOptions) -> Engine | Lobby:
        self.asked.append((how, invite, options))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.engine


def room_state(host: str = ADA, admins: Sequence[str] = (BOB,), **rules: Any) -> dict[str, Any]:
    """The room of the three with other roles or rules."""
    told = {"event": "room_state", "host": host, "admins": list(admins), "members": [ADA, BOB, CLEO]}
    return {**told, "locked": False, "lobby": False, "history": False, "forbidden": {}, **rules}


class FakeLobby:
    """A lobby that somebody else decides about."""

    meeting = "42-crumb-ozone-plank"

    def __init__(self) -> None:
        self.decision: asyncio.Future[Engine] = asyncio.get_running_loop().create_future()
        self.given_up = False

    async def admitted(self) -> Engine:
        """As decided."""
        return await self.decision

    def give_up(self) -> None:
        """Remember it."""
        self.given_up = True
