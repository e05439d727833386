"""The types that messages are made of: ids, keys, names, stamps, each with its bounds, and the base of all messages."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=16, max_length=16, pattern="^[a-z2-7]{16}$")]
Name = Annotated[str, msgspec.Meta(max_length=64)]
Public = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Digest = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Stamp = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Message(msgspec.Struct, frozen=True, tag_field="t", array_like=False, forbid_unknown_fields=False):
    """Base of all messages; a newer version may add fields, which we ignore."""
