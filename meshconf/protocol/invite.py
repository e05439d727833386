"""Invites: the spoken code `42-crumb-ozone-plank` and the link `meshconf:SECRET?r=URL&a=HOST:PORT`.

A code is a public nameplate and three secret words, 31 bits. Three suffice because nothing lets anybody guess offline:
the PAKE of handshake.py costs a live conversation per guess, members take ten failures an hour and then rotate the
code, so a day of trying finds it once in nine million days. A link carries 128 random bits and needs no PAKE.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from meshconf.errors import MalformedInvite
from meshconf.protocol.words import nearest_words, phrase, word_set

WORDS_IN_CODE = 3

MAX_NAMEPLATE = 999_999

SECRET_SIZE = 16
"""Bytes of a link's secret."""

LAN_TAG_PERIOD = 600
"""Seconds for which one LAN tag stands."""

_MAX_TEXT = 2048
_MAX_URL = 512
_SCHEME = "meshconf:"
_EXAMPLE = "An invite looks like 42-crumb-ozone-plank, or is a link that begins with meshconf:"
_SEPARATORS = re.compile(r"[\s\-_.,/\u2010-\u2015\u2212]+")  # chat programs turn dashes into their typographic kin
_WRAPPING = " \t\r\n\"'`<>()[]\u201c\u201d\u2018\u2019"
_ADDRESS = re.compile(r"(?:\[[0-9a-fA-F:.]{2,45}(?:%[\w.-]{1,32})?\]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """A code that people say aloud.

    Raises:
        MalformedInvite: the nameplate is out of range, or the words are not three of the list.
    """

    nameplate: int
    """Public number under which the rendezvous and the LAN know the meeting, 1 to 999999."""

    words: tuple[str, ...] = field(repr=False)
    """The secret, kept out of logs."""

    def __post_init__(self) -> None:
        if not 1 <= self.nameplate <= MAX_NAMEPLATE:
            raise MalformedInvite(f"The number in front of a code lies between 1 and {MAX_NAMEPLATE}.")
        if len(self.words) != WORDS_IN_CODE:
            raise MalformedInvite(f"A code has a number and {WORDS_IN_CODE} words, as in 42-crumb-ozone-plank.")
        for word in self.words:
            if word not in word_set():
                raise MalformedInvite(_unknown_word(word))

    def __str__(self) -> str:
        return "-".join((str(self.nameplate), *self.words))

    @property
    def password(self) -> bytes:
        """What both sides put into the PAKE."""
        return str(self).encode("ascii")


@dataclass(frozen=True, slots=True)
class Link:
    """A link for pasting and for QR codes.

    Raises:
        MalformedInvite: the secret has the wrong length, or a place to go to is not a usable one.
    """

    secret: bytes = field(repr=False)
    """128 random bits, never sent."""

    rendezvous: str | None = None
    """ws: or wss: URL of the rendezvous where the meeting waits."""

    address: str | None = None
    """`host:port` of a member who can be reached directly, IPv6 in brackets."""

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_SIZE:
            raise MalformedInvite("The link is incomplete or mistyped; copy it again, whole.")
        if self.rendezvous is not None and not _is_rendezvous_url(self.rendezvous):
            raise MalformedInvite("The link names a rendezvous that is not a ws:// or wss:// address.")
        if self.address is not None and not _is_address(self.address):
            raise MalformedInvite("The link names an address that is not of the form host:port.")

    def __str__(self) -> str:
        secret = base64.b32encode(self.secret).decode("ascii").rstrip("=").lower()
        places = [f"r={quote(self.rendezvous, safe='/:')}"] if self.rendezvous else []
        places += [f"a={quote(self.address, safe=':[]')}"] if self.address else []
        return _SCHEME + secret + ("?" + "&".join(places) if places else "")


def new_code(nameplate: int, entropy: Callable[[int], bytes]) -> Code:
    """Make a code with fresh words for a nameplate that the rendezvous, or chance, has given."""
    return Code(nameplate, phrase(entropy(16), WORDS_IN_CODE))


def new_link(entropy: Callable[[int], bytes], *, rendezvous: str | None = None, address: str | None = None) -> Link:
    """Make a link with a fresh secret.

    Raises:
        MalformedInvite: `rendezvous` is not a ws: or wss: URL, or `address` not host:port.
    """
    return Link(entropy(SECRET_SIZE), rendezvous, address)


def parse_invite(text: str) -> Code | Link:
    """Read what a person typed or pasted: any case, blanks for dashes, quotes and blanks around it.

    Raises:
        MalformedInvite: with a sentence that says what is wrong, and for a mistyped word what was probably meant.
    """
    if len(text) > _MAX_TEXT:
        raise MalformedInvite(f"That is too long. {_EXAMPLE}.")
    text = text.strip(_WRAPPING)
    if text[: len(_SCHEME)].lower() == _SCHEME:
        return _parse_link("".join(text.split()))
    return _parse_code(text)


def room_name(invite: Code | Link) -> str:
    """Return the name under which the rendezvous knows the meeting: `42`, or `l-` and 32 hex digits."""
    if isinstance(invite, Code):
        return str(invite.nameplate)
    return "l-" + _derive(invite.secret, b"meshconf link room").hex()


def lan_tag(invite: Code | Link, at: float) -> str:
    """Return the 16 hex digits that mark the meeting's LAN advert at `at`, in seconds since 1970.

    For a code the tag follows from the nameplate only. Were the words in it, whoever sees the advert could try all
    2^31 of them at home, and the PAKE would protect nothing.
    """
    if isinstance(invite, Code):
        key = b"meshconf lan code %d" % invite.nameplate
    else:
        key = _derive(invite.secret, b"meshconf link lan")
    period = int(at // LAN_TAG_PERIOD)
    return hmac.digest(key, period.to_bytes(8, "big", signed=True), hashlib.sha256)[:8].hex()


def lan_tags_around(invite: Code | Link, at: float) -> frozenset[str]:
    """Return the tags that may mark the meeting at `at`, even if the clocks differ by up to ten minutes."""
    return frozenset(lan_tag(invite, at + skew) for skew in (-LAN_TAG_PERIOD, 0, LAN_TAG_PERIOD))


def _parse_code(text: str) -> Code:
    number, *words = [part for part in _SEPARATORS.split(text.lower()) if part] or [""]
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise MalformedInvite(f"{_EXAMPLE}.")
    return Code(int(number), tuple(words))


def _parse_link(text: str) -> Link:
    body, _, query = text[len(_SCHEME) :].partition("?")
    secret = _decode_secret(body.strip("/").lower())
    try:
        places = dict(parse_qsl(query, strict_parsing=True, max_num_fields=8, errors="strict")) if query else {}
    except ValueError:
        raise MalformedInvite("The part of the link after the question mark is damaged; copy it again.") from None
    return Link(secret, places.get("r"), places.get("a"))


def _decode_secret(text: str) -> bytes:
    try:
        secret = base64.b32decode(text.encode("ascii") + b"=" * (-len(text) % 8), casefold=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
    # The last character has two spare bits; a link in which they are set was mistyped.
    canonical = base64.b32encode(secret).decode("ascii").rstrip("=").lower() == text
    return secret if canonical else b""


def _unknown_word(word: str) -> str:
    shown = f"“{word}”" if len(word) <= 20 and word.isalpha() else "One of these words"
    return f"{shown} is not a word of meeting codes; did you mean {_either(nearest_words(word))}?"


def _either(words: list[str]) -> str:
    if not words:
        return "another one"
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _is_rendezvous_url(url: str) -> bool:
    if len(url) > _MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_address(address: str) -> bool:
    match = _ADDRESS.fullmatch(address)
    return match is not None and 0 < int(match[1]) < 65_536


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=16, salt=None, info=purpose).derive(secret)
