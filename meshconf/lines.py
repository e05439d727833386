"""What two processes of ours say to each other over a pipe: one JSON object a line. Loads nothing but msgspec."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    import asyncio
    import logging

T = TypeVar("T")


class Lines(Generic[T]):
    """Lines of one direction.

    Args:
        kind: What each of them holds: a tagged struct, or a union of such.
    """

    def __init__(self, kind: Any) -> None:
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    def encode(self, message: T) -> bytes:
        """One line, with its newline."""
        return self._encoder.encode(message) + b"\n"

    def decode(self, line: bytes) -> T:
        """What a line holds.

        Raises:
            msgspec.DecodeError: It is no message of this direction.
        """
        return self._decoder.decode(line)

    async def read(self, pipe: asyncio.StreamReader, log: logging.Logger) -> AsyncIterator[T]:
        """What the other process says, until it ends; what is no message costs a line in the log."""
        while True:
            try:
                line = await pipe.readline()
            except (OSError, ValueError) as error:  # ValueError: a line over the limit
                log.warning("a process of ours talks nonsense: %s", error)
                return
            if not line:
                return
            try:
                message = self.decode(line)
            except msgspec.DecodeError:
                log.warning("unreadable news of %d bytes", len(line))
            else:
                yield message
