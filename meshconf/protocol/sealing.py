"""What two people say through the rendezvous once the handshake has shown that they know the same invite.

ChaCha20-Poly1305 with one key per direction. The nonce is the number of the box and is not sent: a box opens only in
its turn, so that one replayed, reordered, reflected or left out is noticed. The wire below must keep the order.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from meshconf.errors import LocalProtocolError, ProtocolError
from meshconf.types import PeerId

Side = Literal["joiner", "doorman"]
"""The two of a handshake, and of the channel after it."""

BUCKETS = (1_024, 4_096, 16_384, 65_536)
"""Bytes to which a message is padded, so that its size tells little about it."""

TAG_SIZE = 16

_LENGTH = struct.Struct(">I")

MAX_MESSAGE = BUCKETS[-1] - _LENGTH.size
"""Bytes of the largest message that can be sealed."""


class SealedChannel:
    """One end of a sealed conversation between a joiner and a doorman.

    Args:
        secret: what the handshake agreed on, different for every handshake.
        room: name of the room, bound into every box.
        joiner: peer id of the one who came.
        doorman: peer id of the one who let them in.
        side: which of the two we are.
    """

    def __init__(self, secret: bytes, *, room: str, joiner: PeerId, doorman: PeerId, side: Side) -> None:
        other: Side = "doorman" if side == "joiner" else "joiner"
        names = f"{room} {joiner} {doorman}"
        self._sending = _Direction(secret, f"{names} from {side}")
        self._receiving = _Direction(secret, f"{names} from {other}")

    def seal(self, message: bytes) -> bytes:
        """Return the next box; boxes must arrive in the order in which they were sealed.

        Raises:
            LocalProtocolError: the message is longer than `MAX_MESSAGE`.
        """
        if len(message) > MAX_MESSAGE:
            raise LocalProtocolError(f"A sealed message holds {MAX_MESSAGE} bytes, not {len(message)}.")
        framed = _LENGTH.pack(len(message)) + message
        size = BUCKETS[bisect_left(BUCKETS, len(framed))]
        return self._sending.encrypt(framed.ljust(size, b"\0"))

    def open(self, box: bytes) -> bytes:
        """Return the message in the next box.

        A refused box leaves the channel as it was: one that somebody slipped in does not spoil the true next one.

        Raises:
            ProtocolError: the box is forged, damaged, or not the next one.
        """
        if len(box) - TAG_SIZE not in BUCKETS:
            raise ProtocolError("A sealed message of impossible size arrived.")
        padded = self._receiving.decrypt(box)
        (length,) = _LENGTH.unpack_from(padded)
        end = _LENGTH.size + length
        if end > len(padded) or any(padded[end:]):
            raise ProtocolError("A sealed message with impossible padding arrived.")
        return padded[_LENGTH.size : end]


class _Direction:
    """Key and counter of what flows one way."""

    def __init__(self, secret: bytes, names: str) -> None:
        self._associated = f"meshconf sealed 1 {names}".encode()
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=self._associated).derive(secret)
        self._cipher = ChaCha20Poly1305(key)
        self._count = 0

    def encrypt(self, plain: bytes) -> bytes:
        box = self._cipher.encrypt(self._nonce(), plain, self._associated)
        self._count += 1
        return box

    def decrypt(self, box: bytes) -> bytes:
        try:
            plain = self._cipher.decrypt(self._nonce(), box, self._associated)
        except InvalidTag:
            raise ProtocolError("A sealed message was forged, damaged or out of turn.") from None
        self._count += 1
        return plain

    def _nonce(self) -> bytes:
        return self._count.to_bytes(12, "big")
