"""A label and the control it names, on one line."""

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
        &:focus-within > Label { color: $primary; }
    }
    """

    def __init__(self, label: str, control: Widget) -> None:
        super().__init__()
        self._label = label
        self._control = control

    def compose(self) -> ComposeResult:
        """Label, then control."""
        yield Label(self._label, markup=False)
        yield self._control
