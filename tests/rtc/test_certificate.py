"""Certificates and the form of fingerprints."""

from __future__ import annotations

import pytest

from meshconf.errors import ProtocolError
from meshconf.rtc.certificate import Certificate, checked_fingerprint


def test_each_certificate_has_its_own_fingerprint_in_canonical_form() -> None:
    one, other = Certificate.generate(), Certificate.generate()
    assert one.fingerprint != other.fingerprint
    assert checked_fingerprint(one.fingerprint.lower()) == one.fingerprint


@pytest.mark.parametrize(
    "text", ["", "AB", "AB:" * 32, "GG:" * 31 + "GG", "AB:" * 31 + "AB\n", "AB:" * 31 + "AB\r\na=x"]
)
def test_a_malformed_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        checked_fingerprint(text)
