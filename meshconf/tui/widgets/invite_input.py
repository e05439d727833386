"""The field for a code or link: the words of a code complete as they are typed; Tab or right takes the suggestion."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding
from textual.suggester import Suggester
from textual.widgets import Input

Complete = Callable[[str], list[str]]


def unfinished_word(typed: str) -> str:
    """The word of a code that is being typed, or an empty string where no word is expected."""
    if ":" in typed:
        return ""
    number, dash, words = typed.strip().lower().replace(" ", "-").partition("-")
    if not dash or not number.isdigit():
        return ""
    return words.rpartition("-")[2]


class WordSuggester(Suggester):
    """Completes the last word of a code."""

    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """`value` with its last word completed, or None."""
        word = unfinished_word(value)
        found = self._complete(word) if word else []
        return value + found[0][len(word) :] if found and found[0] != word else None


class InviteInput(Input):
    """An input that knows the words of codes."""

    BINDINGS = [Binding("tab", "accept", "Complete", show=False)]

    def __init__(self, complete: Complete, *, id: str | None = None) -> None:
        super().__init__(
            placeholder="Code or link",
            suggester=WordSuggester(complete),
            max_length=600,
            compact=True,
            id=id,
        )
        self._complete = complete

    def hint(self) -> tuple[str, bool]:
        """What to say under the field: words that fit, or that none does.

        Returns:
            The sentence, and whether it is a warning.
        """
        word = unfinished_word(self.value)
        if not word:
            return "", False
        found = self._complete(word)
        if not found:
            return f"No code has “{word[:20]}…”.", True
        return ("", False) if found == [word] else ("  ".join(found[:5]), False)

    def action_accept(self) -> None:
        """Take the suggestion; where there is none, go on to the next field."""
        before = self.value
        self.cursor_position = len(before)
        self.action_cursor_right()
        if self.value == before:
            self.screen.focus_next()
