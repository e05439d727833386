"""Announces a meeting on the LANs of this machine: DNS-SD over multicast DNS, by zeroconf.

Needs no internet, no DNS server and no configuration. Tells strangers an address and opaque tags, no more unless the
meeting is listed. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from meshconf.signaling.lan_advert import SERVICE_TYPE, write_advert
from meshconf.signaling.multicast import Multicast, ended

_RECORD_TTL_S = 60
"""A meeting whose announcer vanished without a goodbye disappears after so long."""

_REFRESH_S = 20.0


class LanAnnouncer:
    """Makes a meeting known on every LAN of this machine.

    Args:
        port: TCP port of the rendezvous that this member offers.
        tags: opaque, made from the invites; at most 16, together at most 253 bytes. They rotate: see `update`.
        title: shown to everybody on the LAN; None keeps the meeting unlisted.
        people: how many are in the meeting; only told of listed ones.
        interfaces: IPv4 addresses of this machine to announce on; None for all.
    """

    def __init__(
        self,
        *,
        port: int,
        tags: Sequence[str],
        title: str | None = None,
        people: int | None = None,
        interfaces: Sequence[str] | None = None,
    ) -> None:
        self.instance = secrets.token_hex(8)
        self._port = port
        self._tags = tuple(tags)
        self._title = title
        self._people = people
        self._moves = 0
        self._multicast = Multicast(interfaces, self._move)
        self._zeroconf: AsyncZeroconf | None = None
        self._broadcast: asyncio.Future[None] | None = None
        self._refresh: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Announce; the first packet is out when this returns.

        Raises:
            LanUnavailable: there is no interface, or multicast DNS cannot be used.
            ValueError: the tags do not fit.
        """
        write_advert(self._tags, self._title, self._people)
        self._zeroconf = await self._multicast.start()
        # The name is random, so the 0.75 s of asking whether somebody else has it are saved.
        self._broadcast = asyncio.ensure_future(
            await self._zeroconf.async_register_service(self._info(), cooperating_responders=True)
        )
        self._refresh = asyncio.create_task(self._repeat(), name="lan-refresh")
        await asyncio.sleep(0)

    async def update(self, *, tags: Sequence[str], people: int | None) -> None:
        """Change what is announced; the title stays as long as the meeting.

        Raises:
            ValueError: the tags do not fit; the announcement stays as it was.
        """
        write_advert(tags, self._title, people)
        self._tags, self._people = tuple(tags), people
        await self._publish()

    async def close(self) -> None:
        """Say goodbye, so that browsers drop the meeting at once, and close the sockets: 0.3 s. May be called twice."""
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is None:
            return
        await self._multicast.close()
        await ended(self._refresh)
        await ended(self._broadcast)
        # The first await takes the service away, the second waits until the goodbyes are sent.
        await (await zeroconf.async_unregister_service(self._info()))
        await zeroconf.async_close()

    def _info(self) -> AsyncServiceInfo:
        return AsyncServiceInfo(
            SERVICE_TYPE,
            f"{self.instance}.{SERVICE_TYPE}",
            port=self._port,
            properties=write_advert(self._tags, self._title, self._people),
            # Not the machine's name, which often is the person's. Another one at each move: caches keep the old
            # addresses of a name for seconds beside the new ones.
            server=f"{self.instance}-{self._moves}.local.",
            parsed_addresses=self._multicast.addresses,
            host_ttl=_RECORD_TTL_S,
        )

    async def _move(self) -> None:
        self._moves += 1
        await self._publish()

    async def _publish(self) -> None:
        if self._zeroconf is None:
            return
        # Repeats of what no longer holds would bring it back.
        await ended(self._broadcast)
        self._broadcast = asyncio.ensure_future(await self._zeroconf.async_update_service(self._info()))

    async def _repeat(self) -> None:
        while self._zeroconf is not None:
            await asyncio.sleep(_REFRESH_S)
            responder = self._zeroconf.zeroconf
            responder.async_send(responder.generate_service_broadcast(self._info(), None))
