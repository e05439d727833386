"""The top line of the meeting page: title, code, how long it has lasted."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from meshconf.tui.model import MeetingModel
from meshconf.tui.widgets.chat_pane import clock


class MeetingHeader(Horizontal):
    """One line."""

    def compose(self) -> ComposeResult:
        """Title on the left, code and time on the right."""
        yield Static(id="title")
        yield Static(id="code")
        yield Static(id="time")

    def show(self, model: MeetingModel, elapsed: float) -> None:
        """Show the room after `elapsed` seconds of meeting."""
        parts = [("◆ ", "$primary"), (model.title or "Meeting", "bold")]
        if model.locked:
            parts.append(("  locked", "$accent"))
        elif model.lobby:
            parts.append(("  lobby", "$secondary"))
        self.query_one("#title", Static).update(Content.assemble(*parts))
        self.query_one("#code", Static).update(Content.styled(model.invite, "$accent"))
        self.show_time(elapsed)

    def show_time(self, elapsed: float) -> None:
        """Only move the clock."""
        self.query_one("#time", Static).update(Content.styled(clock(elapsed), "$quiet"))
