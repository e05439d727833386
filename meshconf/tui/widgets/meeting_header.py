"""The top line of the meeting page: title, code, how long it has lasted."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from meshconf.tui.durations import steady_clock
from meshconf.tui.model import MeetingModel


class MeetingHeader(Horizontal):
    """One line."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Static(id="title")
        self._code = Static(id="code")
        self._time = Static(id="time")

    def compose(self) -> ComposeResult:
        """Title on the left, code and time on the right."""
        yield self._title
        yield self._code
        yield self._time

    def show(self, model: MeetingModel, elapsed: float) -> None:
        """Show the room after `elapsed` seconds of meeting."""
        parts = [("◆ ", "$primary"), (model.title or "Meeting" if model.own else "Starting...", "bold")]
        if model.rules.locked:
            parts.append(("  locked", "$accent"))
        elif model.rules.lobby:
            parts.append(("  lobby", "$secondary"))
        if model.talk.deaf:
            parts.append(("  you hear nobody", "$accent"))
        self._title.update(Content.assemble(*parts), layout=False)
        self._code.update(Content.styled(model.invite, "$primary"))
        self.show_time(elapsed)

    def show_time(self, elapsed: float) -> None:
        """Only move the clock."""
        self._time.update(Content.styled(steady_clock(elapsed), "$quiet"), layout=False)
