"""What all commands of the control API have in common."""

from __future__ import annotations

from typing import Annotated

import msgspec

PeerRef = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""A peer's id, or a name that only one has."""


class Command(msgspec.Struct, kw_only=True, tag_field="do"):
    """Base of all commands."""

    id: int | None = None
