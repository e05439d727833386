"""The decoder process: reads frames from its standard input, a socket, and writes pictures into shared memory.

One thread. Ends when the engine does: the socket ends then. Started by `process`, of no use to people.
"""

from __future__ import annotations

import itertools
import logging
import os
import signal
import socket
import sys
import time

import av

from meshconf.codec.decoding.board import Board
from meshconf.codec.decoding.decoder import Undecodable
from meshconf.codec.decoding.lane import Job, Rota
from meshconf.codec.decoding.limits import CpuGuard, restrict
from meshconf.codec.decoding.stream import Stream
from meshconf.codec.decoding.wire import (
    Close,
    Command,
    CommandReader,
    Frame,
    KeyframeNeeded,
    News,
    Open,
    PictureChanged,
    Ready,
    encode_news,
)
from meshconf.pictures.bus import PictureWriter

log = logging.getLogger("meshconf.codec")

_READ = 256 * 1024  # bytes at once
_READS = 32  # before the next frame is decoded, whatever else has come


class Worker:
    """All streams of a meeting.

    Args:
        engine: A blocking stream socket to the engine.
        board: Where numbers go.
        prefix: What the names of picture buses begin with.
    """

    def __init__(self, engine: socket.socket, board: Board, prefix: str) -> None:
        self._engine = engine
        self._board = board
        self._prefix = prefix
        self._reader = CommandReader()
        self._buffer = memoryview(bytearray(_READ))
        self._rota = Rota()
        self._streams: dict[int, Stream] = {}
        self._rows: dict[int, int] = {}
        self._received = 0
        self._numbers = itertools.count(1)
        self._guard = CpuGuard()

    def run(self) -> None:
        """Serve until the engine is gone."""
        self._tell(Ready())
        while self._listen():
            self._work()
        for stream in self._streams.values():
            stream.close(unlink=True)
        self._board.close()

    def _listen(self) -> bool:
        """Take what the engine has sent, waiting for it while there is nothing to do; False at the end."""
        for _ in range(_READS):
            waiting = self._rota.waiting
            self._board.finished = self._received - waiting
            try:
                size = self._engine.recv_into(self._buffer, flags=socket.MSG_DONTWAIT if waiting else 0)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not size:
                return False
            for command in self._reader.feed(self._buffer[:size]):
                self._follow(command)
        return True

    def _follow(self, command: Command) -> None:
        match command:
            case Frame(stream, data, keyframe, timestamp, captured):
                self._received += 1
                now = time.monotonic()
                ask = self._rota.push(stream, Job(data, keyframe, timestamp, captured, now), now)
                self._after_loss(stream, ask)
            case Open(stream, row, codec):
                self._rota.add(stream)
                self._rows[stream] = row
                self._streams[stream] = Stream(codec, self._board.row(row), self._new_bus, lambda: next(self._numbers))
            case Close(stream):
                self._rota.remove(stream)
                self._rows.pop(stream, None)
                if (closed := self._streams.pop(stream, None)) is not None:
                    closed.close()

    def _work(self) -> None:
        """Decode one frame of the stream whose turn it is."""
        turn = self._rota.pop()
        if turn is None:
            return
        number, job = turn
        started = time.monotonic()
        self._board.busy = number
        try:
            with self._guard:
                news = self._streams[number].show(job)
        except Undecodable as error:
            log.debug("stream %d: %s", number, error)
            self._after_loss(number, self._rota.lose(number, time.monotonic()))
        else:
            if news is not None:
                self._tell(PictureChanged(number, *news))
        # Any other error is our end, and the board shall say whose frame it was.
        self._board.busy = 0
        self._rota.charge(number, time.monotonic() - started)

    def _after_loss(self, stream: int, ask: bool) -> None:
        lane = self._rota.lane(stream)
        if lane is not None:
            self._board.row(self._rows[stream])["dropped"] = lane.dropped
        if ask:
            self._tell(KeyframeNeeded(stream))

    def _new_bus(self, number: int, capacity: int) -> PictureWriter:
        return PictureWriter(capacity, name=f"{self._prefix}{number}", owner=False)

    def _tell(self, news: News) -> None:
        try:
            self._engine.sendall(encode_news(news))
        except OSError:  # the engine is going; the end of the socket follows
            log.debug("nobody hears news of streams")


def main() -> int:
    """Serve the engine on standard input, a socket, until it ends.

    The command line has the name of the board and the prefix of the buses.
    """
    board, prefix = sys.argv[1:]
    # Ctrl-C reaches the whole terminal, but the engine decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    av.logging.set_level(av.logging.PANIC)  # strangers must not fill our log
    os.dup2(2, 1)
    restrict()
    Worker(socket.socket(fileno=0), Board(board), prefix).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
