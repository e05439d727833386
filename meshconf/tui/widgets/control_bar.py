"""The banner while somebody controls our screen, or we theirs: who, how long, and the key that ends it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from meshconf.tui.control import left
from meshconf.tui.model import MeetingModel
from meshconf.tui.plain import fit

_NAME_WIDTH = 20


class ControlBar(Static):
    """Shown only while there is control."""

    DEFAULT_CSS = """
    ControlBar { display: none; width: 100%; height: auto; padding: 0 3; background: $panel; }
    ControlBar.-controlled { background: $error 40%; }
    """

    def show(self, model: MeetingModel, now: float) -> None:
        """Show what the model says, `now` seconds after the meeting began."""
        control = model.control
        lines = []
        if control.controller:
            who, key = fit(model.name(control.controller), _NAME_WIDTH), " ends it, and so does Esc three times"
            lines.append(
                _line(who, " controls your screen", control.until, now, key, control.controller in control.paused)
            )
        for peer, until in control.controlling.items():
            who = fit(model.name(peer), _NAME_WIDTH)
            lines.append(
                _line("You", f" control the screen of {who}", until, now, " gives it back", peer in control.paused)
            )
        self.display = bool(lines)
        self.set_class(bool(control.controller), "-controlled")
        self.update(Content("\n").join(lines))


def _line(who: str, does: str, until: float, now: float, key: str, paused: bool) -> Content:
    parts = [("◉ ", "bold $error"), (who, "bold"), (does, "$foreground"), (f" · {left(until, now)}", "$quiet")]
    if paused:
        parts.append((" · paused by the owner's own hands", "$accent"))
    return Content.assemble(*parts, ("  ^r", "bold $accent"), (key, "$quiet"))
