"""What the terminal face needs from the rest of meshconf, as protocols.

An `Engine` is one meeting, spoken to in the JSON objects of the control API; a `Launcher` gets one. The real ones
live in `meshconf.conference`; tests bring their own. All methods are called on the event loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class MeetingOptions:
    """What a person chooses before a meeting; devices are named as on the command line."""

    name: str = ""
    """Shown to the others."""
    title: str = ""
    """Of the meeting; only the host's counts."""
    camera: str = "none"
    """`none`, `default`, `test`, a device name, `file:PATH` or a stream URL."""
    mic: str = "none"
    """As `camera`."""
    speaker: str = "default"
    """`none`, `default`, `null` or a device name."""
    windows: bool = True
    """Whether faces and screens may open windows of their own."""


class Engine(Protocol):
    """A running meeting."""

    async def send(self, command: dict[str, Any]) -> None:
        """Give one command.

        Raises:
            MeshconfError: The engine is gone.
        """

    def events(self) -> AsyncIterator[dict[str, Any]]:
        """What happened before (replayed) and what happens, until the meeting or the engine is over."""

    async def close(self) -> None:
        """Let go of the engine; the meeting goes on unless it was left or ended."""


@runtime_checkable
class Lobby(Protocol):
    """The lobby of a meeting, in which we wait until host or admin lets us in."""

    meeting: str
    """What to call the meeting: its title is told to those who are in it."""

    async def admitted(self) -> Engine:
        """Wait to be let in; cancelling gives up.

        Raises:
            MeshconfError: We were not let in; `str()` says why.
        """

    def give_up(self) -> None:
        """Wait no longer, where nobody waits in `admitted`."""


class Launcher(Protocol):
    """Starts and joins meetings, and knows what can be chosen."""

    async def host(self, options: MeetingOptions) -> Engine:
        """Start a meeting.

        Raises:
            MeshconfError: It cannot start; `str()` is a sentence for the person, `failure.fix_of` what mends it.
        """

    async def join(self, invite: str, options: MeetingOptions) -> Engine | Lobby:
        """Join by code or by link; where newcomers have to be let in, we are in the lobby then.

        Raises:
            MeshconfError: As for `host`; also a malformed invite, a wrong code, or a refusal.
        """

    def rooms(self) -> AsyncIterator[dict[str, Any]]:
        """Meetings on this LAN as they come and change: `title`, `key`, `people`; no `people` means it is gone.

        The `key` only tells them apart: nobody gets in without code or link.
        """

    def complete(self, prefix: str) -> list[str]:
        """The words of meeting codes that start with `prefix`, best first."""

    async def devices(self) -> dict[str, Any]:
        """Names of what this machine has, as lists under `cameras`, `microphones` and `speakers`."""
