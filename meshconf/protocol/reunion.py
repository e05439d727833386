"""What halves of a meeting that a cut network parted need to find each other: a secret of the room, and patience.

The secret follows from the founding of the room, which everybody who was ever admitted has, and nobody else: it is told
to newcomers over sealed roads and to no rendezvous. Codes and links may change differently in the two halves; it never
changes. Since people who were removed know it too it lets nobody in: it only leads members to each other.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from meshconf.protocol.invite import SECRET_SIZE, Link
from meshconf.protocol.room.acts import Entry

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0
"""Seconds between two looks for those who are missing, at first and at the most."""
PATIENCE = 4.0
"""The pause is this part of the time for which somebody is missing: after a short cut the halves meet soon."""


def reunion_link(founding: Entry) -> Link:
    """The link by which members find each other again, made from the first entry of their room's log."""
    told = founding.proposal.signature + founding.signature
    return Link(HKDF(algorithm=SHA256(), length=SECRET_SIZE, salt=None, info=b"meshconf reunion").derive(told))


def pause_before_look(missing_for: float, chance: float) -> float:
    """Seconds until the next look for people who are missing for so many seconds.

    Args:
        missing_for: of those whom we lost last.
        chance: from 0 to 1, another one each time: so that not everybody looks at the same moment.
    """
    return min(LONGEST_PAUSE, max(FIRST_PAUSE, missing_for / PATIENCE)) * (0.5 + chance / 2)
