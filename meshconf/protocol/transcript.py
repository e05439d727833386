"""What both sides of a handshake have seen, and the keys that follow from it.

A key depends on every byte of every frame before it, so that frames changed, mixed or replayed give other keys.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from meshconf.errors import ProtocolError, WrongCode
from meshconf.protocol.identity import PUBLIC_SIZE, peer_id_of
from meshconf.protocol.key_exchange import KeyExchange
from meshconf.protocol.sealing import SealedChannel, Side

_NONCE = bytes(12)  # each credentials key seals one box


class Transcript:
    """All frames so far as they were on the wire, and the room in which they were said."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.frames: list[bytes] = []

    def add(self, frame: bytes) -> bytes:
        """Append a frame and return it."""
        self.frames.append(frame)
        return frame

    def digest(self) -> bytes:
        """Return the SHA-256 of all of it."""
        parts = [b"meshconf handshake 1", self.room.encode(), *self.frames]
        return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()

    def keys(self, exchange: KeyExchange, message: bytes) -> Keys:
        """End the exchange with the other side's message, once Hello and Reply are both in.

        Raises:
            ProtocolError: the message is nothing that an honest side sends.
        """
        return Keys(exchange.finish(message), self.digest())


class Keys:
    """What follows from the common key: for each side a confirmation and a box, and the channel after that."""

    def __init__(self, key: bytes, digest: bytes) -> None:
        self._key = key
        self._salt = digest

    def present(self, side: Side, credentials: bytes, digest: bytes) -> tuple[bytes, bytes]:
        """Return the box with our credentials, and the confirmation that covers it and `digest`."""
        box = ChaCha20Poly1305(self._derive(f"{side} credentials", self._salt)).encrypt(_NONCE, credentials, digest)
        return box, self._confirm(side, box, digest)

    def examine(self, side: Side, box: bytes, confirmation: bytes, digest: bytes) -> tuple[bytes, bytes]:
        """Return the public key and the still unchecked signature of that side.

        Raises:
            WrongCode: that side holds another invite, or saw other frames.
            ProtocolError: it knows the invite but the box does not open.
        """
        if not hmac.compare_digest(confirmation, self._confirm(side, box, digest)):
            raise WrongCode
        try:
            cipher = ChaCha20Poly1305(self._derive(f"{side} credentials", self._salt))
            credentials = cipher.decrypt(_NONCE, box, digest)
        except InvalidTag:
            raise ProtocolError("The other side could not prove who they are.") from None
        return credentials[:PUBLIC_SIZE], credentials[PUBLIC_SIZE:]

    def channel(self, transcript: Transcript, joiner: bytes, doorman: bytes, side: Side) -> SealedChannel:
        """Return our end of the channel, given both public keys and our side; `transcript` must be whole."""
        return SealedChannel(
            self._derive("channel", transcript.digest()),
            room=transcript.room,
            joiner=peer_id_of(joiner),
            doorman=peer_id_of(doorman),
            side=side,
        )

    def _confirm(self, side: Side, box: bytes, digest: bytes) -> bytes:
        return hmac.digest(self._derive(f"{side} confirmation", self._salt), digest + box, hashlib.sha256)

    def _derive(self, purpose: str, salt: bytes) -> bytes:
        info = f"meshconf handshake {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(self._key)
