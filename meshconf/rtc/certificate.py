"""The DTLS certificate of this process: one for all links, so that one fingerprint can be bound to an identity."""

from __future__ import annotations

import re

from aiortc import RTCCertificate

from meshconf.errors import ProtocolError

_FINGERPRINT = re.compile(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", re.ASCII)


class Certificate:
    """A self-signed P-256 certificate, valid for 30 days, made anew at each start."""

    def __init__(self, inner: RTCCertificate) -> None:
        self.inner = inner
        """What aiortc's connections are given."""
        self.fingerprint = next(f.value for f in inner.getFingerprints() if f.algorithm == "sha-256")
        """SHA-256 of the certificate: 32 upper-case hexadecimal pairs joined by colons."""

    @classmethod
    def generate(cls) -> Certificate:
        """Make a new key and certificate; takes about a millisecond."""
        return cls(RTCCertificate.generateCertificate())


def checked_fingerprint(text: str) -> str:
    """Bring a peer's SHA-256 fingerprint into the canonical form.

    Raises:
        ProtocolError: It is not 32 hexadecimal pairs joined by colons.
    """
    canonical = text.upper()
    if not _FINGERPRINT.fullmatch(canonical):
        raise ProtocolError("The peer's certificate fingerprint is malformed.")
    return canonical
