"""Multicast DNS on the machine's interfaces, which are followed as they come and go.

What is announced and browsed for is the business of its two users, lan_announcer and lan_browser. On the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from zeroconf import IPVersion, NotRunningException
from zeroconf.asyncio import AsyncZeroconf

from meshconf.errors import NetworkError
from meshconf.signaling.interfaces import Interface, lan_interfaces

log = logging.getLogger("meshconf.signaling")

_WATCH_S = 2.0
"""How often the interfaces are looked at: nothing tells us about a new address in a portable way."""


class LanUnavailable(NetworkError):
    """This machine is on no network where meetings could be found; connect it, or join by link."""

    code = "lan"


class Multicast:
    """A zeroconf instance that follows the machine's interfaces as they come and go.

    Args:
        wanted: IPv4 addresses of this machine to use; None for all.
        moved: awaited after the addresses have changed.
    """

    def __init__(self, wanted: Sequence[str] | None, moved: Callable[[], Awaitable[None]]) -> None:
        self._wanted = None if wanted is None else frozenset(wanted)
        self._moved = moved
        self._watch: asyncio.Task[None] | None = None
        self.interfaces: tuple[Interface, ...] = ()

    async def start(self) -> AsyncZeroconf:
        """Open the sockets.

        Raises:
            LanUnavailable: there is no interface, or multicast DNS cannot be used.
        """
        self.interfaces = self._present()
        if not self.interfaces:
            raise LanUnavailable
        try:
            self._zeroconf = AsyncZeroconf(self.addresses, ip_version=IPVersion.V4Only)
        except OSError as error:
            raise LanUnavailable(f"Multicast DNS cannot be used on this machine: {error}.") from error
        try:
            await self._zeroconf.zeroconf.async_wait_for_start()
            if not self._zeroconf.zeroconf.engine.senders:
                raise LanUnavailable("No network interface of this machine carries multicast.")
        except NotRunningException as error:
            await self._zeroconf.async_close()
            raise LanUnavailable("Multicast DNS did not start.") from error
        except BaseException:
            await self._zeroconf.async_close()
            raise
        self._watch = asyncio.create_task(self._follow(), name="lan-interfaces")
        return self._zeroconf

    @property
    def addresses(self) -> list[str]:
        """Those that are announced and browsed on now."""
        return [interface.address for interface in self.interfaces]

    async def close(self) -> None:
        """Stop following; the sockets belong to whoever called `start`, and a goodbye needs them after this."""
        await ended(self._watch)
        self._watch = None

    def _present(self) -> tuple[Interface, ...]:
        return tuple(one for one in lan_interfaces() if self._wanted is None or one.address in self._wanted)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_S)
            present = await asyncio.to_thread(self._present)
            if present == self.interfaces:
                continue
            kept = [one.address for one in present if one in self.interfaces]
            self.interfaces = present
            log.info("the interfaces have changed: %d can carry announcements", len(present))
            try:
                # In two steps: an interface that came back under its old address needs a new socket too.
                await self._zeroconf.async_update_interfaces(kept)
                await self._zeroconf.async_update_interfaces(self.addresses)
                await self._moved()
            except OSError as error:
                log.warning("the new interfaces cannot be used yet: %s", error)
                self.interfaces = ()  # unlike whatever is there, so that the next look tries again


async def ended(task: asyncio.Future[None] | None) -> None:
    """Cancel what we started and wait until it is over."""
    if task is not None:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a part of the LAN search had failed: %r", error)
