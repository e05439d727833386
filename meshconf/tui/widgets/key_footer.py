"""The footer of the meeting page: what does not fit is left out, the least needed first; no key is cut through."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_LEAST = ("quit", "detach", "invite", "pictures", "room", "leave")
"""Actions that are left out, in this order; the page of help has them all."""
_EDGE = 1
"""Columns before the first key."""


class KeyFooter(Footer):
    """Keys that all are whole."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    def compose(self) -> ComposeResult:
        """As many keys as fit."""
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        room = self.app.size.width - _EDGE
        for action in _LEAST:
            if sum(_width(key) for key in keys) > room:
                keys = [key for key in keys if key.action.removeprefix("app.") != action]
        yield from keys


def _width(key: FooterKey) -> int:
    return cell_len(key.key_display) + 1 + cell_len(key.description) + 1
