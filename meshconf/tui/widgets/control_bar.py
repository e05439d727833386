"""The banner while somebody controls our screen or points at it, or we control theirs: who, how long, and the keys."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from meshconf.tui.durations import remaining
from meshconf.tui.model import MeetingModel
from meshconf.tui.plain import fit

_NAME_WIDTH = 20
_TEXT_WIDTH = 24
_POINTING = 3
"""How many of those who point are named."""


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
            does = " controls your screen" + (" and clipboard" if control.clipboard else "")
            pause = _own_pause(model) if control.controller in control.paused else ""
            lines.append(_line(who, does, control.until, now, key, pause))
        for peer, until in control.controlling.items():
            who = fit(model.name(peer), _NAME_WIDTH)
            pause = "paused by the owner" if peer in control.paused else ""
            lines.append(_line("You", f" control the screen of {who}", until, now, " gives it back", pause))
        if control.copied is not None:
            lines.append(_offer(fit(model.name(control.copied.peer), _NAME_WIDTH), control.copied.text))
        if control.pointing:
            lines.append(_pointers([fit(model.name(peer), _NAME_WIDTH) for peer in sorted(control.pointing)]))
        self.display = bool(lines)
        self.set_class(bool(control.controller), "-controlled")
        self.update(Content("\n").join(lines))


def _own_pause(model: MeetingModel) -> str:
    """Why somebody cannot act at our screen for now."""
    showing = "live" if model.me is None else model.me.showing
    return "paused by your own hands" if showing == "live" else f"paused while your screen is {showing}"


def _line(who: str, does: str, until: float, now: float, key: str, pause: str) -> Content:
    parts = [("◉ ", "bold $error"), (who, "bold"), (does, "$foreground"), (f" · {remaining(until, now)}", "$quiet")]
    if pause:
        parts.append((f" · {pause}", "$accent"))
    return Content.assemble(*parts, ("  ^r", "bold $accent"), (key, "$quiet"))


def _offer(who: str, text: str) -> Content:
    said = fit(" ".join(text.split()), _TEXT_WIDTH)
    return Content.assemble(
        ("⎘ ", "bold $accent"), (who, "bold"), f" copied “{said}”", ("  c", "bold $accent"), (" takes it", "$quiet")
    )


def _pointers(names: list[str]) -> Content:
    more = f" and {len(names) - _POINTING} more" if len(names) > _POINTING else ""
    point = "points" if len(names) == 1 else "point"
    return Content.assemble(
        ("↗ ", "bold $accent"), (", ".join(names[:_POINTING]) + more, "bold"), f" {point} at your screen"
    )
