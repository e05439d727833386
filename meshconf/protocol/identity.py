"""Who somebody is: an Ed25519 key pair, the peer id that follows from it, and the phrase two people compare by voice.

Where the key is kept is conference/keystore.py's business.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from meshconf.errors import LocalProtocolError
from meshconf.protocol.words import phrase
from meshconf.types import PeerId

SEED_SIZE = 32
PUBLIC_SIZE = 32
SIGNATURE_SIZE = 64

SAFETY_WORDS = 6


class Identity:
    """A person's own key pair; the private half shows in no repr.

    Raises:
        LocalProtocolError: the seed has the wrong length.
    """

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise LocalProtocolError(f"An identity grows from {SEED_SIZE} bytes, not {len(seed)}.")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.seed = seed
        self.public = self._key.public_key().public_bytes_raw()
        self.peer_id = peer_id_of(self.public)

    @classmethod
    def generate(cls, entropy: Callable[[int], bytes]) -> Self:
        """Make a new identity from `entropy(count) -> bytes`, which must be fit for keys."""
        return cls(entropy(SEED_SIZE))

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`; begin each kind of message with a label of its own."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"Identity({self.peer_id})"


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether the owner of `public` signed `message`; false too for what is no key or no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def peer_id_of(public: bytes) -> PeerId:
    """Return the sixteen characters that stand for a public key: 80 bits of its SHA-256."""
    return PeerId(base64.b32encode(hashlib.sha256(public).digest()[:10]).decode("ascii").lower())


def safety_phrase(a: bytes, b: bytes) -> str:
    """Return six words that two people read to each other; they agree only if each has the other's true public key.

    Somebody in the middle may look for a pair of own keys that gives both sides the same phrase, which takes 2^31
    tries; scrypt makes each of them cost 16 MB and tens of milliseconds. It costs us the same once: call it in a
    thread.
    """
    low, high = sorted((a, b))
    digest = hashlib.scrypt(low + high, salt=b"meshconf safety phrase 1", n=2**14, r=8, p=1, dklen=32)
    return " ".join(phrase(digest, SAFETY_WORDS))
