"""Many viewers of meshconf in one process that receive everything, acknowledge it and decode nothing.

`python -m benchmarks.programs.light_engines RENDEZVOUS`. A command with a `seat` and a `link` takes the seat; one with
a `seat` and something to `do` is obeyed as an engine obeys it. What a viewer says bears its seat.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace

from benchmarks.programs.lines import Line, say, serve
from meshconf import Conference
from meshconf.codec.decoding.board import DecodingCounters
from meshconf.conference import events, gallery
from meshconf.conference.control_socket import obey
from meshconf.media.encoded import EncodedFrame
from meshconf.types import SourceKey

PATIENCE = 20.0
"""Seconds until a command must have been carried out."""


class NoDecoder:
    """In place of `DecoderHost`: counts the frames of each stream."""

    def __init__(self, *_: object) -> None:
        self._counters: dict[SourceKey, DecodingCounters] = {}

    def start(self) -> None:
        """There is no process."""

    def open(self, stream: SourceKey, _codec: str) -> None:
        """Frames of a stream will follow."""
        self._counters[stream] = DecodingCounters()

    def decode(self, stream: SourceKey, _frame: EncodedFrame) -> None:
        """Count a frame."""
        known = self._counters[stream]
        self._counters[stream] = replace(known, frames=known.frames + 1)

    def close_stream(self, stream: SourceKey) -> None:
        """Forget a stream."""
        self._counters.pop(stream, None)

    def bus(self, _stream: SourceKey) -> None:
        """Where its pictures are: nowhere."""

    def counters(self, stream: SourceKey) -> DecodingCounters:
        """How many there were."""
        return self._counters.get(stream, DecodingCounters())

    async def close(self) -> None:
        """Nothing is open."""


class Viewers:
    """One meeting for each seat."""

    def __init__(self, rendezvous: str, tasks: asyncio.TaskGroup) -> None:
        self._rendezvous = rendezvous
        self._tasks = tasks
        self._meetings: dict[str, Conference] = {}

    async def obey(self, command: Line) -> str:
        """Take a seat, or do something there."""
        seat = command.pop("seat")
        if "link" in command:
            meeting = self._meetings[seat] = Conference.join(
                command["link"],
                name=seat,
                rendezvous=self._rendezvous,
                lan=False,
                speaker="none",
                windows=False,
                stats=True,
            )
            self._tasks.create_task(self._follow(seat, meeting))
            await meeting.__aenter__()
        else:
            async with asyncio.timeout(PATIENCE):
                # Whoever is meant may be connecting anew: so many viewers in one process are slow to answer at first.
                while await self._refuses(seat, command):  # noqa: ASYNC110 - no event tells it
                    await asyncio.sleep(0.1)
        return ""

    async def close(self) -> None:
        """Leave all meetings."""
        await asyncio.gather(*(meeting.close() for meeting in self._meetings.values()))

    async def _refuses(self, seat: str, command: Line) -> bool:
        return isinstance(await obey(self._meetings[seat], json.dumps(command).encode()), events.Error)

    async def _follow(self, seat: str, meeting: Conference) -> None:
        async for event in meeting.events():
            if isinstance(event, events.Joined | events.Peer | events.Stats):
                say({**json.loads(events.line(event)), "seat": seat})


async def main() -> None:
    """Watch until stdin ends."""
    vars(gallery)["DecoderHost"] = NoDecoder
    async with asyncio.TaskGroup() as tasks:
        viewers = Viewers(sys.argv[1], tasks)
        try:
            await serve(viewers.obey)
        finally:
            await viewers.close()


if __name__ == "__main__":
    asyncio.run(main())
