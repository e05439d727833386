"""The engine's side of decoding: hands whole frames to the decoder process and says on which bus their pictures are.

A process that crashes or hangs is killed and started again, and every stream asks for a keyframe. Runs on the event
loop; a frame costs it one system call.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from meshconf.codec.decoding.board import ROWS, Board, DecodingCounters
from meshconf.codec.decoding.keeper import Keeper
from meshconf.codec.decoding.lane import Job
from meshconf.codec.decoding.outbox import Outbox
from meshconf.codec.decoding.process import DecoderProcess
from meshconf.codec.decoding.quarantine import Quarantine
from meshconf.codec.decoding.wire import (
    CODECS,
    MAX_FRAME,
    Close,
    KeyframeNeeded,
    News,
    Open,
    PictureChanged,
    Ready,
)
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.pictures import memory

log = logging.getLogger("meshconf.codec")

_CODEC_CHANGE_EVERY = 1.0  # seconds

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class _Stream(Generic[Key]):
    key: Key
    number: int
    row: int
    codec: Codec
    opened: float
    bus: int = 0
    """Number of the bus that is known; 0 before the first picture."""


class DecoderHost(Generic[Key]):
    """Decodes streams, each known by a key of the caller's.

    Until `start` and after `close` every method is harmless. The callbacks are called by the event loop.

    Args:
        on_picture: Called with key, width, height and name of the bus when a stream's first picture is there, and
            whenever that changes.
        on_keyframe_needed: Called with the key when a stream goes on with a keyframe only; not more often than the
            sender can bear.
    """

    def __init__(
        self,
        on_picture: Callable[[Key, int, int, str], None],
        on_keyframe_needed: Callable[[Key], None],
    ) -> None:
        self._on_picture = on_picture
        self._on_keyframe_needed = on_keyframe_needed
        self._streams: dict[Key, _Stream[Key]] = {}
        self._by_number: dict[int, _Stream[Key]] = {}
        self._numbers = itertools.count(1)
        # The row that was given back first is used first: the process may write for a moment after a stream is closed.
        self._free_rows = deque(range(ROWS))
        self._outbox = Outbox()
        self._quarantine: Quarantine[Key] = Quarantine()
        self._keeper = Keeper(self._launch, self._bury, self._progress)
        self._board: Board | None = None
        self._process: DecoderProcess | None = None
        self._prefix = ""
        self._ready = False
        self.starts = 0
        """How often a process was started."""

    @property
    def pid(self) -> int | None:
        """The decoder process's id while there is one."""
        return self._process.pid if self._process is not None else None

    @property
    def ready(self) -> bool:
        """Whether the process has loaded everything; frames are taken before, too."""
        return self._ready

    def start(self) -> None:
        """Begin to keep a decoder process alive; returns at once."""
        self._keeper.start()

    def open(self, stream: Key, codec: Codec) -> None:
        """Frames of a stream will follow; one that is open already begins anew.

        Raises:
            ValueError: There is no decoder for that codec.
        """
        if codec not in CODECS:
            raise ValueError(f"{codec} is no codec of pictures")
        self.close_stream(stream)
        if not self._free_rows:
            log.warning("more than %d streams of pictures; one is left out", ROWS)
            return
        opened = _Stream(stream, next(self._numbers), self._free_rows.popleft(), codec, time.monotonic())
        self._streams[stream] = self._by_number[opened.number] = opened
        self._outbox.rota.add(opened.number)
        if self._board is not None:
            self._board.clear_row(opened.row)
        self._outbox.command(Open(opened.number, opened.row, codec))

    def decode(self, stream: Key, frame: EncodedFrame) -> None:
        """Hand a frame over; never blocks. Frames of a stream that is not open are dropped.

        When frames come faster than they can be decoded, a stream is thinned: all up to the newest keyframe are
        dropped.

        Args:
            stream: Whose frame.
            frame: Whole, in decoding order. Another codec than before begins the stream anew, with a keyframe.
        """
        known = self._streams.get(stream)
        if known is None:
            return
        now = time.monotonic()
        if frame.codec != known.codec:
            if not frame.keyframe or frame.codec not in CODECS or now - known.opened < _CODEC_CHANGE_EVERY:
                return
            self.open(stream, frame.codec)
            known = self._streams[stream]
        if self._quarantine.holds(stream, now):
            self._outbox.rota.lose(known.number, now)
            return
        job = Job(frame.data, frame.keyframe, frame.timestamp, frame.captured, now)
        if len(frame.data) > MAX_FRAME:
            ask = self._outbox.rota.lose(known.number, now)
        else:
            ask = self._outbox.frame(known.number, job, now)
        if ask:
            self._ask(known)

    def close_stream(self, stream: Key) -> None:
        """Forget a stream; its bus loses its name, and whoever reads it keeps the last picture."""
        closed = self._streams.pop(stream, None)
        if closed is None:
            return
        del self._by_number[closed.number]
        self._outbox.rota.remove(closed.number)
        self._outbox.command(Close(closed.number))
        self._remove_buses(closed)
        self._free_rows.append(closed.row)

    def bus(self, stream: Key) -> str | None:
        """Name of the bus with the stream's pictures; None before the first."""
        known = self._streams.get(stream)
        return f"{self._prefix}{known.bus}" if known is not None and known.bus else None

    def counters(self, stream: Key) -> DecodingCounters:
        """How a stream is doing; all zeros for one that is not open."""
        known = self._streams.get(stream)
        if known is None or self._board is None:
            return DecodingCounters()
        counters = self._board.counters(known.row)
        lane = self._outbox.rota.lane(known.number)
        return dataclasses.replace(counters, dropped=counters.dropped + (lane.dropped if lane is not None else 0))

    async def close(self) -> None:
        """Close all streams, end the process and remove every bus; idempotent."""
        await self._keeper.close()
        self._outbox.end()
        process, self._process = self._process, None
        if process is not None:
            await process.close()
        for stream in list(self._streams):
            self.close_stream(stream)
        if self._board is not None:
            self._board.close()
            self._board = None

    async def _launch(self) -> DecoderProcess:
        await asyncio.to_thread(memory.prepare)
        if self._board is None:
            self._board = Board()
            for stream in self._streams.values():
                self._board.clear_row(stream.row)
        # Names of their own: nobody may take a dead process's bus for one of the new process.
        self._prefix = f"{memory.new_name()}-"
        self._ready = False
        self._board.finished = self._board.busy = 0
        self._process = await DecoderProcess.start(
            self._board.name, self._prefix, on_news=self._hear, on_free=self._outbox.pump
        )
        self.starts += 1
        self._outbox.begin(
            self._process, [Open(known.number, known.row, known.codec) for known in self._streams.values()]
        )
        return self._process

    def _progress(self) -> tuple[int, int] | None:
        return (self._board.finished, self._outbox.sent) if self._board is not None and self._ready else None

    async def _bury(self, process: DecoderProcess) -> None:
        """Clean up after a process that ended: its names, its streams' state, and who it died of."""
        assert self._board is not None
        self._process, self._ready = None, False
        self._outbox.end()
        process.kill()
        await process.close()
        now = time.monotonic()
        culprit = self._by_number.get(self._board.busy)
        log.warning("the decoder process ended%s; starting it again", " over a picture" if culprit else "")
        if culprit is not None and (penalty := self._quarantine.strike(culprit.key, now)):
            log.warning("a stream of pictures has ended the decoder again: it is left out for %.0f s", penalty)
        for stream in self._streams.values():
            self._remove_buses(stream)
            self._outbox.rota.lose(stream.number, now)
            if not self._outbox.rota.lane(stream.number):
                self._ask(stream)  # also of streams that send nothing for now, such as a screen that stands still

    def _hear(self, news: News) -> None:
        match news:
            case Ready():
                self._ready = True
            case PictureChanged(number, bus, width, height):
                stream, name = self._by_number.get(number), f"{self._prefix}{bus}"
                if stream is None:
                    memory.remove(name)  # closed meanwhile
                    return
                if bus != stream.bus:
                    memory.adopt(name)
                    former, stream.bus = stream.bus, bus
                    if former:
                        memory.remove(f"{self._prefix}{former}")
                asyncio.get_running_loop().call_soon(self._on_picture, stream.key, width, height, name)
            case KeyframeNeeded(number):
                if (stream := self._by_number.get(number)) is not None:
                    self._ask(stream)

    def _ask(self, stream: _Stream[Key]) -> None:
        # By the loop, so that an error in there does not end the decoder.
        asyncio.get_running_loop().call_soon(self._on_keyframe_needed, stream.key)

    def _remove_buses(self, stream: _Stream[Key]) -> None:
        """Take away every name that the stream may have, also one of which we have not heard yet."""
        numbers = {stream.bus}
        if self._board is not None:
            row = self._board.row(stream.row)
            numbers |= {int(row["bus"]), int(row["former_bus"])}
            row["bus"] = row["former_bus"] = 0
        for number in numbers - {0}:
            memory.remove(f"{self._prefix}{number}")
        stream.bus = 0
