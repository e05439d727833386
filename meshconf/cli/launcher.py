"""What the terminal face needs of the rest: starts engines, lists meetings and devices, completes words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from meshconf.cli.rooms import listed
from meshconf.cli.witness import Witness
from meshconf.conference.control_socket import EngineClient
from meshconf.conference.launch import Launched, Launching, launch
from meshconf.config import Options
from meshconf.errors import NetworkError
from meshconf.headless.options import engine_arguments
from meshconf.protocol.invite import parse_invite
from meshconf.protocol.words import complete_words
from meshconf.signaling.lan_browser import LanBrowser
from meshconf.tui.engine import Engine, MeetingOptions


class EngineLauncher:
    """Starts and joins meetings for the terminal face; every engine is a process of its own."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.witness: Witness | None = None
        """Of the meeting that is shown, if any."""

    async def host(self, options: MeetingOptions) -> Witness:
        """Start a meeting."""
        return await self.attached(await launch(self._arguments(options)))

    async def join(self, invite: str, options: MeetingOptions) -> Witness | KnockedLobby:
        """Join by code or link; a meeting with a lobby is waited for there.

        Raises:
            MalformedInvite: it is neither.
        """
        parse_invite(invite)
        launching = await Launching.begin(self._arguments(options), invite=invite)
        launched = await launching.outcome()
        if launched is None:
            return KnockedLobby(self, launching, invite)
        return await self.attached(launched)

    async def attached(self, launched: Launched) -> Witness:
        """The engine for a face with meters."""
        await launched.client.subscribe()
        return self.watched(launched.client, launched.path)

    def watched(self, engine: Engine, path: Path) -> Witness:
        """The engine, seen by a witness from now on."""
        self.witness = Witness(engine, path)
        return self.witness

    async def rooms(self) -> AsyncIterator[dict[str, Any]]:
        """Listed meetings of the local network, as they come, change and go."""
        browser = LanBrowser()
        await browser.start()
        shown: dict[str, dict[str, Any]] = {}
        try:
            async for meetings in browser.changes():
                present = {
                    f"lan:{one.instance}": {"title": one.title, "people": one.people or 1} for one in listed(meetings)
                }
                for key in shown.keys() - present.keys():
                    yield {"key": key, "title": shown[key]["title"]}
                for key, room in present.items():
                    if shown.get(key) != room:
                        yield {"key": key, **room}
                shown = present
        finally:
            await browser.close()

    def complete(self, prefix: str) -> list[str]:
        """Words of codes that begin so."""
        return complete_words(prefix)

    async def devices(self) -> dict[str, Any]:
        """Names of what this machine has."""
        from meshconf.devices.inventory import inventory

        found = await asyncio.to_thread(inventory)
        return {
            "cameras": [device.name for device in found.cameras],
            "microphones": [device.name for device in found.microphones],
            "speakers": [device.name for device in found.speakers],
        }

    def _arguments(self, chosen: MeetingOptions) -> list[str]:
        options = replace(
            self._options,
            name=chosen.name,
            title=chosen.title,
            camera=chosen.camera,
            mic=chosen.mic,
            speaker=chosen.speaker,
            windows=chosen.windows,
        )
        return engine_arguments(options)


class KnockedLobby:
    """The lobby of a meeting, in which an engine of ours waits.

    Args:
        launcher: whose face waits.
        launching: the engine.
        invite: by which it came.
    """

    def __init__(self, launcher: EngineLauncher, launching: Launching, invite: str) -> None:
        self._launcher = launcher
        self._launching = launching
        self.meeting = "the meeting" if ":" in invite else str(parse_invite(invite))

    async def admitted(self) -> Witness:
        """Wait to be let in; cancelling gives up."""
        launched = await self._launching.outcome()
        assert launched is not None, "the lobby is told once"
        return await self._launcher.attached(launched)

    def give_up(self) -> None:
        """Wait no longer."""
        self._launching.give_up()


class Attached:
    """A running engine, connected to when the face's own event loop asks for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._client: EngineClient | None = None
        self._connecting = asyncio.Lock()

    async def send(self, command: dict[str, Any]) -> None:
        """Give one command."""
        await (await self._connect()).send(command)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What is the case, then what happens."""
        client = await self._connect()
        async for event in client.events():
            yield event

    async def close(self) -> None:
        """Detach."""
        if self._client is not None:
            await self._client.close()

    async def _connect(self) -> EngineClient:
        async with self._connecting:
            if self._client is None:
                self._client = await EngineClient.connect(self.path)
                await self._client.subscribe()
            return self._client


class Starting:
    """An engine of ours that comes up while its face does: each takes half a second."""

    def __init__(self, launching: Launching) -> None:
        self.path = launching.path
        self._launching = launching
        self._client: EngineClient | None = None

    async def send(self, command: dict[str, Any]) -> None:
        """Give one command.

        Raises:
            NetworkError: there is no meeting yet, or none any more.
        """
        if self._client is None:
            raise NetworkError("The meeting is still starting.")
        await self._client.send(command)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What is the case once it runs, then what happens.

        Raises:
            MeshconfError: the engine's own reason why it did not start. If this is cancelled before, it ends too.
        """
        launched = await self._launching.outcome()
        assert launched is not None, "nobody has to let the host in"
        self._client = launched.client
        await self._client.subscribe()
        async for event in self._client.events():
            yield event

    async def close(self) -> None:
        """Detach; a meeting that is still starting ends."""
        if self._client is None:
            self._launching.give_up()
        else:
            await self._client.close()
