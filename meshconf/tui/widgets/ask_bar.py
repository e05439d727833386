"""What waits for an answer while the meeting goes on: people in the lobby, a former host who is back.

One line each, above everything else, never over what is being typed.
"""

from __future__ import annotations

import asyncio

from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from meshconf.tui.model import MeetingModel
from meshconf.tui.plain import fit
from meshconf.types import KeyVerdict

IDENTITIES = {
    KeyVerdict.NEW: ("new to you", "$secondary"),
    KeyVerdict.KNOWN: ("known to you", "$success"),
    KeyVerdict.CHANGED: ("‼ known name, other key", "bold $error"),
}
"""Words and colours for whether we met somebody before."""
_NAME_WIDTH = 20
_MARGINS = 6
_SURPRISE_S = 0.7
"""How long a person needs to see that somebody else is first now."""


class AskBar(Static):
    """Shown only while there is something to ask."""

    DEFAULT_CSS = "AskBar { display: none; width: 100%; height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._asked: list[tuple[Content, Content]] = []
        """Who asks, and the keys that answer."""
        self._first = ""
        self._answered = ""
        self._steady_at = 0.0

    def answer(self) -> str:
        """Who is first in the lobby as it was seen when the key was pressed; empty where nobody is.

        Where the one before has just given up, the key may have been meant for that one, and means nobody.
        """
        if asyncio.get_running_loop().time() < self._steady_at:
            return ""
        self._answered = self._first
        return self._first

    def show(self, model: MeetingModel) -> None:
        """Show what the model has to ask."""
        first = next(iter(model.lobby), "")
        if self._first not in ("", first, self._answered):
            self._steady_at = asyncio.get_running_loop().time() + _SURPRISE_S
        self._first = first
        self._asked = []
        if model.lobby:
            self._asked.append(_lobby(model))
        if model.returned:
            self._asked.append(_returned(model))
        self.display = bool(self._asked)
        self._draw(self.app.size.width - _MARGINS)

    def on_resize(self, event: Resize) -> None:
        """One line where there is room, two where there is not."""
        self._draw(event.size.width)

    def _draw(self, width: int) -> None:
        lines = []
        for who, keys in self._asked:
            apart = "  " if who.cell_length + 2 + keys.cell_length <= width else "\n  "
            lines.append(Content(apart).join([who, keys]))
        self.update(Content("\n").join(lines))


def _lobby(model: MeetingModel) -> tuple[Content, Content]:
    first = next(iter(model.lobby.values()))
    parts = [("⚑ ", "bold $accent"), (fit(first.name, _NAME_WIDTH), "bold"), (" waits", "$foreground")]
    if first.identity is not None:
        word, style = IDENTITIES[first.identity]
        parts += [(" · ", "$faint"), (word, style)]
    if len(model.lobby) > 1:
        parts.append((f" · {len(model.lobby) - 1} more", "$quiet"))
    # The same keys with ctrl work while something is being typed.
    keys = [("^y", "bold $accent"), (" let in", "$quiet"), ("  ^n", "bold $accent"), (" send away", "$quiet")]
    return Content.assemble(*parts), Content.assemble(*keys)


def _returned(model: MeetingModel) -> tuple[Content, Content]:
    name = fit(model.name(model.returned), _NAME_WIDTH)
    return (
        Content.assemble(("★ ", "bold $accent"), (name, "bold"), (", who was host, is back", "$foreground")),
        Content.assemble(("b", "bold $accent"), (" gives the role back", "$quiet")),
    )
