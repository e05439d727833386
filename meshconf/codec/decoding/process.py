"""The decoder process as the host sees it: started, told, heard, killed. Runs on the event loop and never blocks."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from meshconf.child_process import kill, see_off, spawn
from meshconf.codec.decoding.wire import News, NewsReader, WireError

log = logging.getLogger("meshconf.codec")

_READ = 64 * 1024  # bytes at once
_END_WITHIN = 1.0  # seconds from the end of its socket until it is killed


class DecoderProcess:
    """A running decoder process; create it with `start`, end it with `close`.

    Args:
        process: The child.
        engine: Our end of the socket, not blocking.
        on_news: Called with what it says.
        on_free: Called when `send` takes something again.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        engine: socket.socket,
        on_news: Callable[[News], None],
        on_free: Callable[[], None],
    ) -> None:
        self.ended = asyncio.Event()
        """Set when nothing more can be said or heard."""
        self._process = process
        self._socket = engine
        self._on_news = on_news
        self._on_free = on_free
        self._reader = NewsReader()
        self._rest = memoryview(b"")
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(engine, self._readable)

    @classmethod
    async def start(
        cls,
        board: str,
        prefix: str,
        *,
        on_news: Callable[[News], None],
        on_free: Callable[[], None],
    ) -> DecoderProcess:
        """Start it; it can be sent to at once, and says when it is ready.

        Args:
            board: Name of the board.
            prefix: What the names of its buses begin with.
            on_news: As above.
            on_free: As above.

        Raises:
            OSError: It cannot be started.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            ours.setblocking(False)
            process = await spawn(
                "meshconf.codec.decoding.worker",
                board,
                prefix,
                log_name="decoder.log",
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                # Numpy would start a thread for each core, with memory for each, to multiply matrices we do not have.
                environ={"OPENBLAS_NUM_THREADS": "1"},
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(process, ours, on_news, on_free)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def free(self) -> bool:
        """Whether `send` takes something now."""
        return not self._rest and not self.ended.is_set()

    def send(self, *parts: bytes) -> None:
        """Say something, at once as far as the socket takes it; the rest follows by itself. Only while `free`."""
        try:
            sent = self._socket.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._end()
            return
        if sent < sum(map(len, parts)):
            self._rest = memoryview(b"".join(parts))[sent:]
            self._loop.add_writer(self._socket, self._writable)

    def kill(self) -> None:
        """End it at once; `ended` follows."""
        kill(self._process)

    async def close(self) -> None:
        """End it, kindly at first, and wait until it is gone; idempotent."""
        self._end()
        await see_off(self._process, _END_WITHIN)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        try:
            for news in self._reader.feed(data):
                self._on_news(news)
        except WireError as error:
            log.warning("the decoder process talks nonsense: %s", error)
            data = b""
        if not data:
            self._end()

    def _writable(self) -> None:
        try:
            self._rest = self._rest[self._socket.send(self._rest) :]
        except BlockingIOError:
            return
        except OSError:
            self._end()
            return
        if not self._rest:
            self._loop.remove_writer(self._socket)
            self._on_free()

    def _end(self) -> None:
        if not self.ended.is_set():
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
            self._rest = memoryview(b"")
            self.ended.set()
