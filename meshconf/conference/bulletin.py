"""Tells every face what happens, and tells a face that comes later what it missed.

What is news only once (levels, statistics) is not kept; what describes the present (people, sources, rules, code) is
kept in its last form; chat is kept as far as memory is bounded. A face that does not read loses the oldest news.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import reduce

import msgspec

from meshconf.conference.events import (
    Chat,
    Devices,
    Event,
    HostReturned,
    Joined,
    Left,
    Levels,
    Lobby,
    Notice,
    Peer,
    Picture,
    Room,
    RoomState,
    Source,
    Stats,
    Windows,
)
from meshconf.conference.quality import NOTHING, Quality
from meshconf.conference.remote_control.events import Control
from meshconf.conference.talk.events import Deafened, Hand, Microphone, Playback, Sounds, Volume
from meshconf.errors import UsageError
from meshconf.types import PeerId, PeerState, SourceKind

QUEUE = 1000
"""Events that wait for one slow face."""
BEHIND = 100
"""Events that wait for a face that does not read at all, after all that its socket holds."""
SAID = 500
"""Lines of chat, and notices between them, that a late face is told."""
VIEWS = 200
"""Pictures that one face may show; no meeting has so many."""


class Subscription:
    """One face's view of the events; iterate it, close it when done."""

    def __init__(self, forget: Callable[[Subscription], None]) -> None:
        self._events: deque[Event] = deque(maxlen=QUEUE)
        self._news = asyncio.Event()
        self._forget = forget
        self.levels = False
        """Whether levels are wanted, five times a second."""
        self.stats = False
        """Whether statistics are wanted, once a second."""
        self.views: dict[tuple[str, SourceKind], Quality] = {}
        """The quality of each picture that this face shows, by whose it is."""
        self.closed = False

    def view(self, peer: str, source: SourceKind, height: int, fps: int) -> None:
        """Take what this face shows of a source.

        Raises:
            UsageError: it shows more pictures than any face can.
        """
        self.views.pop((peer, source), None)
        if height and fps:
            if len(self.views) >= VIEWS:
                raise UsageError(f"A face shows {VIEWS} pictures at most.")
            self.views[peer, source] = Quality(height, fps)

    def wants(self, event: Event) -> bool:
        """Whether this face asked for such events."""
        match event:
            case Levels():
                return self.levels
            case Stats():
                return self.stats
            case _:
                return True

    @property
    def behind(self) -> bool:
        """Whether this face has not read for long."""
        return len(self._events) > BEHIND

    def put(self, event: Event) -> None:
        """Queue an event."""
        self._events.append(event)
        self._news.set()

    def close(self) -> None:
        """No more events; what waits is still delivered."""
        self.closed = True
        self._news.set()
        self._forget(self)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self.closed:
                return
            self._news.clear()
            await self._news.wait()


class Bulletin:
    """All subscriptions, and the present state as events."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._subscriptions: set[Subscription] = set()
        self._present: dict[tuple[str, ...], Event] = {}
        self._said: deque[Chat | Notice] = deque(maxlen=SAID)
        self._closed = False

    def subscribe(self) -> Subscription:
        """A new face: it hears the present first, then all that happens."""
        subscription = Subscription(self._subscriptions.discard)
        for event in [*self._present.values(), *self._said]:
            subscription.put(event)
        if self._closed:
            subscription.close()
        else:
            self._subscriptions.add(subscription)
        return subscription

    @property
    def levels_wanted(self) -> bool:
        """Whether any face wants levels."""
        return any(subscription.levels for subscription in self._subscriptions)

    @property
    def stats_wanted(self) -> bool:
        """Whether any face wants statistics."""
        return any(subscription.stats for subscription in self._subscriptions)

    def viewed(self, peer: PeerId, source: SourceKind) -> Quality:
        """What serves all faces that show a source; `NOTHING` if none does.

        A face that does not read, as one that was stopped, shows nothing.
        """
        faces = [face for face in self._subscriptions if not face.behind]
        views = [known for face in faces if (known := face.views.get((peer, source)))]
        return reduce(Quality.joined, views, NOTHING)

    def tell(self, event: Event) -> None:
        """Stamp an event, remember it if it describes the present, and hand it to every face."""
        self._stamp(event)
        self._remember(event)
        for subscription in list(self._subscriptions):
            if subscription.wants(event):
                subscription.put(event)
            if isinstance(event, Left):
                subscription.close()
        if isinstance(event, Left):
            self._closed = True

    def answer(self, subscription: Subscription, event: Event) -> None:
        """Tell one face alone: the answer to its command."""
        self._stamp(event)
        subscription.put(event)

    def _stamp(self, event: Event) -> None:
        event.t = time.monotonic() - self._started

    def _remember(self, event: Event) -> None:
        match event:
            case Peer(state=PeerState.LEFT, peer=peer):
                for key in [key for key in self._present if peer in key[1:]]:
                    del self._present[key]
                self._leave_out(peer)
            case Peer(peer=peer):
                self._present["peer", peer] = event
            case Source(peer=peer, source=source):
                self._present["source", peer, source] = event
            case Picture(peer=peer, source=source, bus=bus):
                self._present.pop(("picture", peer, source), None)
                if bus is not None:
                    self._present["picture", peer, source] = event
            case Hand(peer=peer, up=up):
                self._present.pop(("hand", peer), None)
                if up:
                    self._present["hand", peer] = event
            case Control(peer=peer, role=role, state=state):
                self._present.pop(("control", role, peer), None)
                if state in ("requested", "granted"):
                    self._present["control", role, peer] = event
            case Deafened(peer=peer):
                self._present["deafened", peer] = event
            case Volume(peer=peer):
                self._present["volume", peer or ""] = event
            case HostReturned(peer=peer):
                self._present["returned", peer] = event
            case RoomState(host=host):
                before = self._present.get(("RoomState",))
                if isinstance(before, RoomState) and before.host != host:
                    # The role is not ours any more, or ours for another reason.
                    for key in [key for key in self._present if key[0] == "returned"]:
                        del self._present[key]
                self._present["RoomState",] = event
            case Room() | Joined() | Windows() | Left():
                self._present[(type(event).__name__,)] = event
            case Devices() | Microphone() | Sounds() | Playback():
                self._present[(type(event).__name__,)] = event
            case Lobby(peer=peer, waiting=waiting):
                self._present.pop(("lobby", peer), None)
                if waiting:
                    self._present["lobby", peer] = event
            case Chat() | Notice(code=None):
                self._said.append(event)
            case _:
                pass  # news, said once

    def _leave_out(self, peer: str) -> None:
        """Whom we met here when we came, and who is gone, is no present any more."""
        joined = self._present.get(("Joined",))
        if isinstance(joined, Joined):
            others = [one for one in joined.peers if one.peer != peer]
            self._present["Joined",] = msgspec.structs.replace(joined, peers=others)
