"""The terminal as a file that says when it does not keep up, as over a slow line: then there is no use in more."""

from __future__ import annotations

import io
import time

_PATIENCE_S = 0.05
"""A terminal that keeps up takes what is written within less."""


class Outlet(io.TextIOWrapper):
    """What Textual draws through. Textual writes in a thread of its own, any thread may ask.

    Args:
        descriptor: Of the terminal; closed with the outlet.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(io.BufferedWriter(io.FileIO(descriptor, "w")))
        self._since: float | None = None

    @property
    def behind(self) -> bool:
        """Whether something that was written has waited for a while to be taken."""
        since = self._since
        return since is not None and time.monotonic() - since > _PATIENCE_S

    def write(self, text: str) -> int:
        """Write, and know for how long."""
        self._since = time.monotonic()
        try:
            return super().write(text)
        finally:
            self._since = None

    def flush(self) -> None:
        """Likewise."""
        self._since = time.monotonic()
        try:
            super().flush()
        finally:
            self._since = None
