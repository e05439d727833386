"""Where newcomers find us: the invites in force, the server embedded for the local network, the rendezvous.

Every member opens a door on the local network; the host also keeps one at the rendezvous. Ten wrong guesses within
an hour rotate the code. None of it is needed by those who are in: a rendezvous that dies costs a notice, no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from meshconf.conference.door import Door, House
from meshconf.conference.tasks import Tasks
from meshconf.config import Options
from meshconf.errors import MeshconfError, NetworkError
from meshconf.protocol.invite import Code, Link, lan_tag, new_code, new_link, parse_invite, room_name
from meshconf.protocol.messages import DoorKeys
from meshconf.signaling.interfaces import lan_interfaces
from meshconf.signaling.lan_announcer import LanAnnouncer
from meshconf.signaling.rendezvous import open_room
from rendezvous.limits import Limits
from rendezvous.server import RendezvousServer

log = logging.getLogger("meshconf.conference")

GUESSES = 10
"""Wrong guesses within an hour that rotate the code: ten an hour leave an attacker a chance of 1e-7 a day."""
ROTATE_EVERY = 60.0
"""Seconds between two rotations that wrong guesses cause: a member who reports lies must not churn the code."""
TAG_CHECK = 20.0
"""Seconds between two looks at whether the rotating advert tag is due."""
ADVERT_PAUSE = 1.0
"""Seconds between two changes of the announcement: when many come at once, the last number counts."""
RETRY = 5.0
"""Seconds between two attempts to open the door at a rendezvous that went away."""


@dataclass(frozen=True, slots=True)
class _Advert:
    """What of an announcement changes while the meeting lasts."""

    tags: tuple[str, ...]
    people: int | None
    """Only told of listed meetings."""


class Reception:
    """The doors of one member."""

    def __init__(self, options: Options, on_notice: Callable[[str], None]) -> None:
        self._options = options
        self._house: House
        self._on_notice = on_notice
        self._tasks = Tasks()
        self._server: RendezvousServer | None = None
        self._announcer: LanAnnouncer | None = None
        self._lan_door: Door | None = None
        self._far_door: Door | None = None
        self._reopening = False
        self._renewing, self._attaching = asyncio.Lock(), asyncio.Lock()  # no door is opened twice
        self._guesses: deque[float] = deque(maxlen=1000)
        self._rotated = -ROTATE_EVERY
        self._token = b""
        self._people: int | None = None
        self._news = asyncio.Event()
        """The announcement may have to change."""
        self.code: Code | None = None
        self.link: Link | None = None
        self.version = 0
        self.reunion: Link | None = None
        """By which members find each other again; it stands as long as the room and is shown to nobody."""

    def serve(self, house: House) -> None:
        """Say who stands behind the doors; before the first one is opened."""
        self._house = house

    async def found(self) -> None:
        """Make the first code and link of a new meeting and open the doors (for its creator).

        Raises:
            RendezvousUnreachable: the rendezvous that was asked for does not answer.
        """
        self._token = secrets.token_bytes(16)
        self.link = new_link(os.urandom, rendezvous=self._options.rendezvous)
        nameplate = 10 + secrets.randbelow(990)
        if self._options.rendezvous:
            socket = await open_room(self._options.rendezvous, self._names(), self._token, allocate=True)
            nameplate = next((int(name) for name in socket.names if name.isdecimal()), nameplate)
            self._far_door = Door(socket, self._house)
            self._tasks.spawn(self._serve_far(self._far_door), "door-rendezvous")
        self.code = new_code(nameplate, os.urandom)
        self.version = 1
        await self._open_lan()

    async def take_keys(self, keys: DoorKeys, *, host: bool, anew: bool = False) -> bool:
        """Another member told us the invites in force; open our doors, or rename them. False for old news.

        Args:
            keys: what it told us.
            host: whether we are the host.
            anew: another host than the one before told us, whose versions count for themselves.
        """
        async with self._renewing:
            if keys == self.keys() or (keys.version <= self.version and not anew):
                return False
            code, link = parse_invite(keys.code), parse_invite(keys.link)
            if not isinstance(code, Code) or not isinstance(link, Link):
                return False
            # Where our own door is, we know ourselves.
            link = replace(link, address=self.link.address if self.link is not None else None)
            self.code, self.link, self._token, self.version = code, link, keys.token, keys.version
            if self._lan_door is None:
                await self._open_lan()
            else:
                await self._rename()
        if host:
            await self.open_far()
        return True

    def keys(self) -> DoorKeys | None:
        """What other members need to open doors as well."""
        if self.code is None or self.link is None:
            return None
        bare = replace(self.link, address=None)
        return DoorKeys(code=str(self.code), link=str(bare), token=self._token, version=self.version)

    def invites(self) -> Sequence[Code | Link]:
        """The invites in force, the reunion's among them."""
        return [invite for invite in (self.code, self.link, self.reunion) if invite is not None]

    @property
    def on_lan(self) -> bool:
        """Whether the local network is used at all."""
        return self._options.lan

    @property
    def far(self) -> str | None:
        """The rendezvous where the meeting has a door."""
        return self.link.rendezvous if self.link else None

    @property
    def instance(self) -> str | None:
        """The name of our own announcement on the local network."""
        return self._announcer.instance if self._announcer else None

    async def open_far(self) -> None:
        """Open the door at the rendezvous, where the meeting has one: the new host takes it over.

        Whoever became host because the network was cut may not reach it yet, and goes on trying.
        """
        async with self._attaching:
            if self._far_door is None and self.far and not self._reopening:
                try:
                    await self._attach(self.far)
                except MeshconfError:
                    self._tasks.spawn(self._reopen_far(), "reopen-rendezvous")

    async def rotate(self, *, link: bool) -> None:
        """New words under the same number, and with `link` a new secret; whoever has the old ones finds nobody.

        Wrong guesses change the words alone: 128 bits cannot be guessed, and a stranger must not cut off the links.
        """
        async with self._renewing:
            assert self.code is not None and self.link is not None
            self.code = new_code(self.code.nameplate, os.urandom)
            if link:
                self.link = new_link(os.urandom, rendezvous=self.link.rendezvous, address=self.link.address)
            self.version += 1
            self._guesses.clear()
            await self._rename()

    def wrong_guess(self, *, now: float) -> bool:
        """Count a wrong guess; True when the code should rotate."""
        self._guesses.append(now)
        while self._guesses and self._guesses[0] < now - 3600:
            self._guesses.popleft()
        if len(self._guesses) < GUESSES or now < self._rotated + ROTATE_EVERY:
            return False
        self._rotated = now
        return True

    def count_people(self, people: int) -> None:
        """Say how many are in the meeting now: a listed one shows it on the local network."""
        self._people = people
        self._news.set()

    @property
    def guesses(self) -> int:
        """Wrong guesses within the last hour."""
        return len(self._guesses)

    async def close(self) -> None:
        """Close every door, say goodbye on the local network."""
        await self._tasks.close()
        for door in (self._lan_door, self._far_door):
            if door is not None:
                await door.close()
        if self._announcer is not None:
            await self._announcer.close()
        if self._server is not None:
            await self._server.close()

    # Private.

    def _names(self) -> list[str]:
        return [room_name(invite) for invite in self.invites()]

    def _advert(self) -> _Advert:
        tags = tuple(lan_tag(invite, time.time()) for invite in self.invites())
        return _Advert(tags, self._people if self._options.listed else None)

    async def _open_lan(self) -> None:
        if not self._options.lan:
            return
        self._server = RendezvousServer("0.0.0.0", 0, limits=Limits.for_lan())
        await self._server.start()
        url = f"ws://127.0.0.1:{self._server.port}"
        socket = await open_room(url, self._names(), self._token, paced=False)
        self._lan_door = Door(socket, self._house)
        self._tasks.spawn(self._lan_door.serve(), "door-lan")
        interfaces = lan_interfaces()
        address = interfaces[0].address if interfaces else "127.0.0.1"
        if self.link is not None:
            self.link = replace(self.link, address=f"{address}:{self._server.port}")
        advert = self._advert()
        announcer = LanAnnouncer(
            port=self._server.port,
            tags=advert.tags,
            title=self._options.title if self._options.listed else None,
            people=advert.people,
        )
        self._tasks.spawn(self._announce(announcer, advert), "announce")

    async def _announce(self, announcer: LanAnnouncer, shown: _Advert) -> None:
        """Announce the meeting, and keep the announcement true."""
        try:
            await announcer.start()
        except NetworkError as error:
            self._on_notice(f"{error} Others need the rendezvous or the link.")
            return
        self._announcer = announcer
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TAG_CHECK):
                    await self._news.wait()
            self._news.clear()
            if (due := self._advert()) != shown:
                shown = due
                await announcer.update(tags=due.tags, people=due.people)
                await asyncio.sleep(ADVERT_PAUSE)

    async def _attach(self, url: str) -> None:
        socket = await open_room(url, self._names(), self._token)
        self._far_door = Door(socket, self._house)
        self._tasks.spawn(self._serve_far(self._far_door), "door-rendezvous")

    async def _serve_far(self, door: Door) -> None:
        """Keep a door at the rendezvous: when it goes away, try again until it is back."""
        await door.serve()
        self._on_notice("The rendezvous is gone; the meeting goes on, newcomers find it on the local network.")
        if await self._reopen_far():
            self._on_notice("The rendezvous is back.")

    async def _reopen_far(self) -> bool:
        """Try until the door at the rendezvous is open; False when the meeting has none any more."""
        self._reopening = True
        try:
            while self.far:
                await asyncio.sleep(RETRY)
                with contextlib.suppress(MeshconfError):
                    await self._attach(self.far)
                    return True
            return False
        finally:
            self._reopening = False

    async def _rename(self) -> None:
        for door in (self._lan_door, self._far_door):
            if door is not None:
                with contextlib.suppress(MeshconfError):
                    await door.rename(self._names())
        self._news.set()
