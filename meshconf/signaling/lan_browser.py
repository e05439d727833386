"""Finds the meetings that are announced on the LANs of this machine: DNS-SD over multicast DNS, by zeroconf.

What is found is an address and nothing more: the handshake decides whether the meeting behind it is the right one.
Runs on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from zeroconf import (  # type: ignore[attr-defined]
    DNSOutgoing,
    DNSQuestion,
    DNSQuestionType,
    IPVersion,
    ServiceStateChange,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from meshconf.signaling.lan_advert import SERVICE_TYPE, LanMeeting, is_instance, read_advert
from meshconf.signaling.multicast import Multicast, ended

MAX_MEETINGS = 64
"""Meetings that a browser keeps; whoever waits for a certain one still sees all others."""

_SWEEP_S = 2.0
_INSIST_S = (0.1, 0.2, 0.4, 0.8)
_MAX_LOOKUPS = 16
_LOOKUP_MS = 1500
_MAX_TXT = 1300
"""Bytes of a TXT record that fit into one packet; longer ones are not ours."""

_QUERY, _PTR, _IN = 0, 12, 1


class LanBrowser:
    """Keeps a list of the meetings that are announced on the LANs of this machine."""

    def __init__(self, interfaces: Sequence[str] | None = None) -> None:
        self._multicast = Multicast(interfaces, self._ask)
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._sweep: asyncio.Task[None] | None = None
        self._insisting: asyncio.Task[None] | None = None
        self._lookups: dict[str, asyncio.Task[None]] = {}
        self._found: dict[str, LanMeeting] = {}
        self._waiting: list[tuple[Callable[[LanMeeting], bool], asyncio.Future[LanMeeting]]] = []
        self._news = asyncio.Event()

    async def start(self) -> None:
        """Begin to look; existing meetings usually appear within 50 ms.

        Raises:
            LanUnavailable: there is no interface, or multicast DNS cannot be used.
        """
        self._zeroconf = await self._multicast.start()
        self._browser = AsyncServiceBrowser(
            self._zeroconf.zeroconf, SERVICE_TYPE, handlers=[self._on_change], question_type=DNSQuestionType.QM
        )
        self._sweep = asyncio.create_task(self._drop_the_vanished(), name="lan-sweep")
        self._insisting = asyncio.create_task(self._insist(), name="lan-insist")
        await self._ask()

    @property
    def meetings(self) -> tuple[LanMeeting, ...]:
        """All meetings known now, at most `MAX_MEETINGS`, in the order of their names."""
        return tuple(self._found[name] for name in sorted(self._found))

    async def wait_for(self, match: Callable[[LanMeeting], bool], timeout: float) -> LanMeeting | None:  # noqa: ASYNC109
        """The first meeting, present or coming, that matches; None when `timeout` seconds brought none."""
        for meeting in self.meetings:
            if match(meeting):
                return meeting
        found: asyncio.Future[LanMeeting] = asyncio.get_running_loop().create_future()
        waiting = (match, found)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                return await found
        except TimeoutError:
            return None
        finally:
            self._waiting.remove(waiting)

    async def changes(self) -> AsyncIterator[tuple[LanMeeting, ...]]:
        """The meetings now, then again after each change, newest only; ends when the browser is closed."""
        shown: tuple[LanMeeting, ...] | None = None
        while self._zeroconf is not None:
            news, current = self._news, self.meetings
            if current != shown:
                shown = current
                yield current
            else:
                await news.wait()

    async def close(self) -> None:
        """Stop looking and close the sockets; may be called twice."""
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is None or self._browser is None:
            return
        await self._multicast.close()
        await ended(self._sweep)
        await ended(self._insisting)
        await self._browser.async_cancel()
        for lookup in list(self._lookups.values()):
            await ended(lookup)
        await zeroconf.async_close()
        self._changed()

    async def _insist(self) -> None:
        """Ask again soon while somebody waits: Wi-Fi loses multicast, and zeroconf repeats only after a second."""
        for pause_s in _INSIST_S:
            await asyncio.sleep(pause_s)
            if self._waiting or not self._found:
                await self._ask()

    async def _ask(self) -> None:
        """Ask at once for an answer at once; the browser's own questions, for many to hear, follow after 20-120 ms."""
        if self._zeroconf is not None:
            question = DNSQuestion(SERVICE_TYPE, _PTR, _IN)
            question.unicast = True
            query = DNSOutgoing(_QUERY)
            query.add_question(question)
            self._zeroconf.zeroconf.async_send(query)

    def _on_change(self, name: str, state_change: ServiceStateChange, **_: object) -> None:
        if not is_instance(name.removesuffix(f".{SERVICE_TYPE}")):
            return  # zeroconf itself raises on some of the names that it lets in
        if state_change is ServiceStateChange.Removed:
            self._drop(name)
        elif not self._take(name) and name not in self._lookups and len(self._lookups) < _MAX_LOOKUPS:
            lookup = asyncio.create_task(self._look_up(name), name="lan-lookup")
            self._lookups[name] = lookup
            lookup.add_done_callback(lambda _: self._lookups.pop(name, None))

    async def _look_up(self, name: str) -> None:
        if self._zeroconf is not None:
            info = AsyncServiceInfo(SERVICE_TYPE, name)
            if await info.async_request(self._zeroconf.zeroconf, _LOOKUP_MS, DNSQuestionType.QU):
                self._take(name)

    def _take(self, name: str) -> bool:
        """Read a meeting from zeroconf's cache; False while records of it are missing there."""
        if self._zeroconf is None:
            return True
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        if not info.load_from_cache(self._zeroconf.zeroconf):
            return False
        meeting = None
        if len(info.text or b"") <= _MAX_TXT:
            instance = name.removesuffix(f".{SERVICE_TYPE}")
            networks = [interface.network for interface in self._multicast.interfaces]
            meeting = read_advert(
                instance, info.parsed_addresses(IPVersion.V4Only), info.port, info.properties, networks
            )
        if meeting is None:
            self._drop(name)
            return True
        for match, future in self._waiting:
            if not future.done() and match(meeting):
                future.set_result(meeting)
        if self._found.get(name) != meeting and (name in self._found or len(self._found) < MAX_MEETINGS):
            self._found[name] = meeting
            self._changed()
        return True

    def _drop(self, name: str) -> None:
        if self._found.pop(name, None) is not None:
            self._changed()

    def _changed(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _drop_the_vanished(self) -> None:
        """Zeroconf reports the end of a pointer only (75 minutes); the addresses in its cache end much earlier."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            for name in list(self._found):
                if not self._take(name):
                    self._drop(name)
