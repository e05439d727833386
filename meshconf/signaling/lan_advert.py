"""What a meeting says about itself on the LAN, and how much of what others say is believed.

Pure: text records in and out, no network. Everything that `read_advert` takes in may come from anybody on the LAN.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from meshconf.protocol.text import clean

MAX_TITLE = 64
"""Characters of a title that are kept."""

MAX_ADDRESSES = 8
MAX_TAGS = 16

SERVICE_TYPE = "_meshconf._tcp.local."

_VERSION = b"1"
_MAX_PAIR = 255
"""Bytes of one `key=value` string in a TXT record (RFC 1035, 3.3.14)."""

_INSTANCE = re.compile(r"[A-Za-z0-9-]{1,63}")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class LanMeeting:
    """A meeting that somebody announces on the LAN; only an address until the handshake has proved it."""

    instance: str
    """Random name of the announcement."""

    addresses: tuple[str, ...]
    """IPv4 addresses, those on a network of ours first."""

    port: int
    """TCP port of the member's embedded rendezvous."""

    tags: frozenset[str]
    """Opaque; whoever holds the invite recognises the one of this meeting and time."""

    title: str | None = None
    """Safe to show; None unless the host chose to be listed."""

    people: int | None = None
    """How many are in the meeting, as they say; None unless listed."""


def write_advert(tags: Sequence[str], title: str | None, people: int | None) -> dict[str, str]:
    """Key and value pairs of the TXT record; without a title the meeting is unlisted and tells no number of people.

    Raises:
        ValueError: the tags are malformed or do not fit into one string of the record.
    """
    joined = ",".join(tags)
    if len(tags) > MAX_TAGS or not all(_TAG.fullmatch(tag) for tag in tags) or len(joined) + 2 > _MAX_PAIR:
        raise ValueError(f"these tags do not fit into an announcement: {joined!r}")
    pairs = {"v": _VERSION.decode(), "t": joined}
    shown = clean_title(title or "")
    if shown:
        pairs["n"] = shown.encode()[: _MAX_PAIR - 2].decode(errors="ignore")
        if people is not None:
            pairs["p"] = str(people)
    return pairs


def read_advert(
    instance: str,
    addresses: Iterable[str],
    port: int | None,
    properties: Mapping[bytes, bytes | None],
    own_networks: Sequence[ipaddress.IPv4Network] = (),
) -> LanMeeting | None:
    """The meeting that the records describe, or None if they are not of our making or break a limit."""
    if not is_instance(instance) or not port or properties.get(b"v") != _VERSION:
        return None
    tags = (properties.get(b"t") or b"").decode("ascii", errors="replace").split(",")
    reachable = _reachable(addresses, own_networks)
    if not reachable or len(tags) > MAX_TAGS or not all(_TAG.fullmatch(tag) for tag in tags):
        return None
    title = clean_title((properties.get(b"n") or b"").decode(errors="replace")) or None
    people = properties.get(b"p") or b""
    counted = int(people) if title and people.isdigit() and len(people) <= 4 else None
    return LanMeeting(instance, reachable, port, frozenset(tags), title, counted)


def is_instance(text: str) -> bool:
    """Whether we could have given an announcement that name."""
    return _INSTANCE.fullmatch(text) is not None


def clean_title(text: str) -> str:
    """Text that is safe to show, cut to `MAX_TITLE` characters; spaces are joined, so that it cannot feign columns."""
    return " ".join(clean(text, MAX_TITLE, joiners=False).split())


def _reachable(addresses: Iterable[str], own_networks: Sequence[ipaddress.IPv4Network]) -> tuple[str, ...]:
    found: set[ipaddress.IPv4Address] = set()
    for text in addresses:
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            continue
        # An announcement must not make us knock at our own local services.
        if not (address.is_loopback or address.is_multicast or address.is_unspecified or address.is_reserved):
            found.add(address)
    nearest_first = sorted(found, key=lambda one: (not any(one in network for network in own_networks), one))
    return tuple(str(address) for address in nearest_first[:MAX_ADDRESSES])
