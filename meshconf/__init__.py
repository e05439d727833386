"""Meetings that start from a terminal: peer to peer, encrypted end to end, no account, no server of ours.

Importing this package loads nothing heavy; `Conference` and its events come in on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Conference", "__version__"]

if TYPE_CHECKING:
    from meshconf.conference.conference import Conference


def __getattr__(name: str) -> Any:
    if name == "Conference":
        from meshconf.conference.conference import Conference

        return Conference
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
