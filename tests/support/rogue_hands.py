"""What a member with a modified program does with mouse and keyboard; see `rogue`.

Each lie says in a notice how many events it sent.
"""

from __future__ import annotations

import asyncio
import time

from meshconf.conference.conference import Conference
from meshconf.protocol.control.input import KeyDown, KeyUp, Press, Text
from meshconf.protocol.control.messages import (
    ControlGrant,
    ControlInputs,
    ControlMotion,
    ControlPaused,
    ControlRequest,
    ControlRevoke,
    Step,
)
from meshconf.protocol.messages import AnyMessage
from meshconf.types import PeerId

STEP = 0.01
"""Seconds between two handfuls of a flood."""
_CALM = 0.1
"""Seconds between two handfuls of what is no flood."""
RATE = 10_000
"""Inputs a second of a flood."""
_FAR = 10**6
"""Number of an input that nobody has done yet, whatever was done before under that grant."""


class RogueHands:
    """The part of a rogue that wants to act at other people's machines.

    Args:
        meeting: in which it is.
    """

    def __init__(self, meeting: Conference) -> None:
        self.meeting, self.driver, self.me = meeting, meeting._meeting.driver, meeting.self_id
        self._controller = meeting._meeting.control._controller
        self._grant = bytes(8)
        """Of control at somebody's machine."""

    # What an accomplice needs to know.

    async def tell_grant(self, peer: str) -> None:
        """Say in a notice the id under which we control somebody's screen, in hexadecimal digits."""
        self.meeting.notice(self._controller._granted[PeerId(peer)].grant.hex())

    async def tell_request(self, peer: str) -> None:
        """Say in a notice the number under which we ask for somebody's screen."""
        self.meeting.notice(str(self._controller._asked[PeerId(peer)].number))

    # Lies.

    async def act_uninvited(self, grant: str = "", times: int = 1) -> None:
        """Press keys and a button, and say what only owners say.

        Args:
            grant: the id with which that is done, such as one that is over, or somebody else's; without it the one of
                a flood of ours, or one that was guessed.
            times: how often.
        """
        id = bytes.fromhex(grant) or self._grant
        steps: list[Step] = [KeyDown("x", "KeyX"), Text("no"), Press("left", 0.4, 0.4)]
        for first in range(_FAR, _FAR + times * len(steps), len(steps)):
            after = first + len(steps) - 1
            self._tell_all(ControlInputs(grant=id, first=first, inputs=steps))
            self._tell_all(ControlMotion(grant=id, after=after, n=after, x=0.6, y=0.6))
            self._tell_all(ControlRevoke(grant=id), ControlPaused(grant=id, paused=True))
            await asyncio.sleep(_CALM)
        self._tell_all(ControlGrant(number=1, grant=id))
        self._sent(times * (len(steps) + 1))

    async def grant_falsely(self, number: int, grant: str) -> None:
        """Say to all, as owners do, that a request is granted: to who asked the owner, and to the owner itself."""
        self._tell_all(ControlGrant(number=number, grant=bytes.fromhex(grant)))
        self._sent(1)

    async def ask_again_and_again(self) -> None:
        """Want control a hundred times."""
        self._tell_all(*(ControlRequest(number=number) for number in range(100)))
        self._sent(0)

    async def ask_with(self, number: int) -> None:
        """Want control under a number that was there before."""
        self._tell_all(ControlRequest(number=number))
        self._sent(0)

    async def press_outside(self, peer: str, x: float) -> None:
        """Press a button beside the screen of somebody that we were let control; `x` as shares of it."""
        id = self._controller._granted[PeerId(peer)].grant
        self._tell_all(ControlInputs(grant=id, first=_FAR, inputs=[Press("left", x, 0.5)]))
        self._sent(1)

    async def move_outside(self, peer: str, x: float) -> None:
        """Move the pointer there."""
        id = self._controller._granted[PeerId(peer)].grant
        self._tell_all(ControlMotion(grant=id, after=_FAR, n=_FAR, x=x, y=0.5))
        self._sent(1)

    async def hold_and_flood(self, peer: str, seconds: float) -> None:
        """Hold a key at somebody's machine that we were let control, then send ten thousand inputs a second."""
        self._grant = self._controller._granted[PeerId(peer)].grant
        self._tell_all(ControlInputs(grant=self._grant, first=1, inputs=[KeyDown("x", "KeyX")]))
        await self._flood_inputs(2, seconds)

    async def flood_uninvited(self, seconds: float) -> None:
        """Send ten thousand inputs a second under a grant that was guessed."""
        await self._flood_inputs(1, seconds)

    # For those who inherit.

    def _others(self) -> list[PeerId]:
        return [peer for peer in self.driver.mesh.present() if peer != self.me]

    def _tell_all(self, *messages: AnyMessage) -> None:
        for message in messages:
            for peer in self._others():
                self.driver.send(peer, message)

    # Private.

    async def _flood_inputs(self, first: int, seconds: float) -> None:
        many: list[Step] = [KeyDown("y", "KeyY"), KeyUp("y", "KeyY")] * 32
        began, sent = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            while sent < passed * RATE:
                self._tell_all(ControlInputs(grant=self._grant, first=first + sent, inputs=many))
                sent += len(many)
            await asyncio.sleep(STEP)
        self._sent(sent)

    def _sent(self, events: int) -> None:
        self.meeting.notice(f"sent {events}")
