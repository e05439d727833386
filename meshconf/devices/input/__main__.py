"""The process that injects: `python -m meshconf.devices.input SCREEN [clipboard] [after-crash]`.

It ends, and lets go, with its stdin. It lets go as well when the owner's own hands do anything, and when the engine is
silent: neither waits for an engine that may be stuck. After the owner's alarm it does nothing any more.
One thread waits for commands and for what the owner does. Long texts are typed in pieces, so that an end never waits.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import sys
import time
from collections import deque

import msgspec

from meshconf.devices.input.injector import Injector, open_injector
from meshconf.devices.input.wire import (
    ALONE,
    COMMANDS,
    NEWS,
    Attend,
    Copied,
    Copy,
    Do,
    LetGo,
    News,
    Panic,
    Ready,
    Unavailable,
)
from meshconf.errors import DeviceError
from meshconf.protocol.control.input import Input, Text
from meshconf.types import Area

log = logging.getLogger("meshconf.devices")

_MOST_WAITING = 5000
"""Inputs that may wait: seconds of the worst that a grant allows. Beyond, the display does not keep up, and it ends."""
_PIECE = 16
"""Characters that are typed before commands are looked at again."""
_TELL_EVERY = 0.1
"""Seconds between two words about the owner's own input."""


_SIGNALS = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]
"""Those that end it; Windows has one of them."""


class _Ended(BaseException):
    """A signal asks for the end, whatever is being done."""


def main(screen: str, after_crash: bool, *, clipboard: bool = False) -> int:
    """Inject until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+C in the terminal is for the engine, which then ends us
    for number in _SIGNALS:
        signal.signal(number, _ended)
    try:
        injector = open_injector(_part(screen), after_crash=after_crash, clipboard=clipboard)
    except DeviceError as error:
        _say(Unavailable(str(error), error.fix))
        return 1
    try:
        _say(Ready(injector.area))
        _Loop(injector).run()
    except (_Ended, BrokenPipeError):
        pass
    finally:
        try:
            _ignore_signals()
        finally:
            injector.close()
    return 0


class _Loop:
    def __init__(self, injector: Injector) -> None:
        self._injector = injector
        self._waiting: deque[Input] = deque()
        self._unread = b""
        self._told = float("-inf")
        self._heard = time.monotonic()
        """When the engine last said anything."""
        self._acted = False
        """Whether anything was done since all came up, and so may be down."""
        self._alarmed = False

    def run(self) -> None:
        """Do what comes until stdin ends."""
        watched = [0, *self._injector.files()]
        while True:
            ready, _, _ = select.select(watched, [], [], self._patience())
            if 0 in ready and not self._read():
                return
            # Looked at after what has come: it may be we who were stopped.
            if self._acted and time.monotonic() >= self._heard + ALONE:
                log.warning("the engine says nothing: all comes up")
                self._let_go()
            self._tell()
            if self._waiting:
                self._acted = True
                self._injector.do(self._waiting.popleft())

    def _patience(self) -> float | None:
        """Seconds to wait for news; None for as long as it takes."""
        if self._waiting:
            return 0.0
        return max(0.0, self._heard + ALONE - time.monotonic()) if self._acted else None

    def _let_go(self) -> None:
        """Let come up what is down; of what waits, nothing is done any more."""
        self._waiting.clear()
        if self._acted:
            self._acted = False
            self._injector.let_go()

    def _read(self) -> bool:
        data = os.read(0, 65_536)
        self._heard = time.monotonic()
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            match COMMANDS.decode(line):
                case Do() | Copy() if self._alarmed:
                    pass  # said before the engine knew
                case Do(inputs=inputs):
                    for input in inputs:
                        self._waiting.extend(_pieces(input))
                    if len(self._waiting) > _MOST_WAITING:
                        return False
                case Copy(text=text):
                    self._injector.copy(text)
                case LetGo():
                    self._let_go()
                case Attend():
                    pass  # that it came is all
        return bool(data)

    def _tell(self) -> None:
        for news in self._injector.news():
            now = time.monotonic()
            if isinstance(news, Copied):
                _say(news)
                continue
            self._let_go()  # the owner's hands come first
            if isinstance(news, Panic):
                self._alarmed = True
                _say(news)
                continue
            if now >= self._told + _TELL_EVERY:
                self._told = now
                _say(news)


def _part(screen: str) -> str | Area:
    """Which part of the display is meant: itself, or its name."""
    return msgspec.json.decode(screen, type=Area) if screen.startswith("[") else screen


def _pieces(input: Input) -> list[Input]:
    if not isinstance(input, Text):
        return [input]
    return [Text(input.text[at : at + _PIECE]) for at in range(0, len(input.text), _PIECE)]


def _say(news: News) -> None:
    os.write(1, NEWS.encode(news))


def _ended(*_: object) -> None:
    _ignore_signals()  # a terminal that closes sends several, and letting go must not be broken off
    raise _Ended


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    with contextlib.suppress(msgspec.DecodeError):
        sys.exit(main(sys.argv[1], "after-crash" in sys.argv[2:], clipboard="clipboard" in sys.argv[2:]))
    sys.exit(1)
