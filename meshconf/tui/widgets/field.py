"""A control on one line, with the label that names it, and with a button behind where one belongs to it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Label


class Field(Horizontal):
    """One line of a form."""

    DEFAULT_CSS = """
    Field {
        height: 1;
        margin-bottom: 1;
        & > Label { width: 12; color: $quiet; }
        & > Button { margin-left: 1; }
        &:focus-within > Label { color: $primary; text-style: bold; }
    }
    """

    def __init__(self, label: str, *controls: Widget) -> None:
        super().__init__()
        self._label = label
        self._controls = controls

    def compose(self) -> ComposeResult:
        """Label, then controls."""
        if self._label:
            yield Label(self._label, markup=False)
        yield from self._controls
