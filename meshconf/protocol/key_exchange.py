"""How the two sides of a handshake come to a common key, each from the invite and one message of the other.

Codes go through SPAKE2 (the library's Ed25519 group), links through X25519 with the secret mixed in; both give a key
that nobody can reconstruct later, even with the invite. SPAKE2 here is pure Python, takes about 8 ms a call and is not
constant-time: a driver that answers strangers runs it in a thread and answers after a fixed time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError  # type: ignore[import-untyped]
from spake2.ed25519_basic import NotOnCurve  # type: ignore[import-untyped]

from meshconf.errors import ProtocolError
from meshconf.protocol.invite import Code, Link
from meshconf.protocol.sealing import Side

_SPAKE2_MESSAGE = 33
_X25519_MESSAGE = 32


class KeyExchange(Protocol):
    """One side of one exchange; never used twice."""

    @property
    def message(self) -> bytes:
        """What the other side needs of us."""

    def finish(self, message: bytes) -> bytes:
        """Return 32 bytes that the other side has too if it holds the same invite.

        Raises:
            ProtocolError: the message is nothing that an honest side sends.
        """


def begin_exchange(invite: Code | Link, room: str, side: Side, entropy: Callable[[int], bytes]) -> KeyExchange:
    """Start the exchange that fits the kind of invite; the room's name is bound into the key."""
    if isinstance(invite, Code):
        return _CodeExchange(invite, room, side, entropy)
    return _LinkExchange(invite, room, entropy)


class _CodeExchange:
    def __init__(self, code: Code, room: str, side: Side, entropy: Callable[[int], bytes]) -> None:
        spake2 = SPAKE2_A if side == "joiner" else SPAKE2_B
        self._spake = spake2(
            code.password,
            idA=f"meshconf joiner {room}".encode(),
            idB=f"meshconf doorman {room}".encode(),
            entropy_f=entropy,
        )
        self.message: bytes = self._spake.start()

    def finish(self, message: bytes) -> bytes:
        if len(message) != _SPAKE2_MESSAGE:
            raise ProtocolError("A key exchange of impossible size arrived.")
        try:
            key: bytes = self._spake.finish(message)
        except (SPAKEError, NotOnCurve, ValueError):
            raise ProtocolError("A key exchange arrived that no meshconf sends.") from None
        return key


class _LinkExchange:
    def __init__(self, link: Link, room: str, entropy: Callable[[int], bytes]) -> None:
        self._secret = link.secret
        self._info = f"meshconf link exchange {room}".encode()
        self._ephemeral = X25519PrivateKey.from_private_bytes(entropy(32))
        self.message = self._ephemeral.public_key().public_bytes_raw()

    def finish(self, message: bytes) -> bytes:
        if len(message) != _X25519_MESSAGE:
            raise ProtocolError("A key exchange of impossible size arrived.")
        try:
            shared = self._ephemeral.exchange(X25519PublicKey.from_public_bytes(message))
        except ValueError:  # a point of small order, chosen to make the result predictable
            raise ProtocolError("A key exchange arrived that no meshconf sends.") from None
        return HKDF(algorithm=SHA256(), length=32, salt=self._secret, info=self._info).derive(shared)
