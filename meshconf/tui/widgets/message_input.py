"""The line to write in: takes pasted text of several lines, and says so when something is too long."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

from meshconf.tui.plain import clean

LIMIT = 4000
"""Characters of one message, as the others accept it."""


class MessageInput(Input):
    """One message at a time; enter submits it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(placeholder="Write to everybody", max_length=LIMIT, compact=True, id=id)

    def on_paste(self, event: Paste) -> None:
        """Take all lines, as one; Textual's own input would drop all but the first, and everything over the limit."""
        event.stop()
        event.prevent_default()
        # One over the limit, to know whether something was cut.
        text = clean(event.text, LIMIT + 1)
        selection = self.selection
        room = LIMIT - len(self.value) + abs(selection.end - selection.start)
        if len(text) > room:
            text = text[:room]
            self.notify(f"A message has at most {LIMIT} characters; the rest was left out.", severity="warning")
        if text:
            self.replace(text, *selection)
