"""The line to write in: completes /commands with Tab, takes pasted text of several lines, says what is too long."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Key, Paste
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from meshconf.tui.plain import clean
from meshconf.tui.slash import Names, completions

LIMIT = 4000
"""Characters of one message, as the others accept it."""


class CommandSuggester(Suggester):
    """Shows how a /command may go on."""

    def __init__(self, names: Callable[[], Names]) -> None:
        super().__init__(use_cache=False)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """The first completion that goes on where `value` ends."""
        found = completions(value, self._names())
        return next((one for one in found if one.startswith(value) and one != value), None)


class MessageInput(Input):
    """One message or /command at a time; enter submits it."""

    class Entered(Message):
        """Enter was pressed; the line is empty again."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    def __init__(self, names: Callable[[], Names], *, id: str | None = None) -> None:
        super().__init__(
            placeholder="Write to everybody, or /help",
            suggester=CommandSuggester(names),
            max_length=LIMIT,
            compact=True,
            # What stands there is gone on with: selected, the first letter would turn a private line into one for all.
            select_on_focus=False,
            id=id,
        )
        self._names = names
        self._offered: list[str] = []
        """Completions through which further presses of Tab go round."""

    def on_key(self, event: Key) -> None:
        """Tab and enter, in their turn: as bindings they would run after letters that were typed later."""
        if event.key in ("tab", "enter"):
            event.stop()
            event.prevent_default()
            if event.key == "tab":
                self._complete()
            else:
                line = self.value
                self.clear()
                self.post_message(self.Entered(line))

    def _complete(self) -> None:
        """Take the completion, the next one where the last is not wanted; an empty line is left for the next widget."""
        if self.value in self._offered and len(self._offered) > 1:
            place = self._offered.index(self.value) + 1
        else:
            self._offered = completions(self.value, self._names())
            place = 0
        if self._offered:
            self.value = self._offered[place % len(self._offered)]
            self.cursor_position = len(self.value)
        elif not self.value:
            self.screen.focus_next()

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
