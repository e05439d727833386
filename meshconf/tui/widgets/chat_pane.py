"""The conversation and the line to write in; keeps to the end unless the person scrolled up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from meshconf.tui.conversation import CHAT_LIMIT, ChatLine
from meshconf.tui.plain import clean
from meshconf.tui.slash import Names, hint, is_command, said
from meshconf.tui.widgets.chat_line import starts_a_turn, written
from meshconf.tui.widgets.message_input import LIMIT, MessageInput

_SILENCE = Content.assemble("Nothing said yet.\n", ("t", "bold $accent"), " writes to everybody")
_DRIFT_S = 2.0
"""From when on times that are shown already are put right."""
_BEFORE = Content.styled("── before you came ──", "$faint")


class ChatPane(Vertical):
    """Chat with everybody, and the place for /commands.

    Args:
        names: whom a command may name.
    """

    class Written(Message):
        """The person typed something to say, and pressed enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Commanded(Message):
        """The person typed a /command, and pressed enter."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    def __init__(self, names: Callable[[], Names], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown = 0
        self._last: ChatLine | None = None
        self._silence = Static(_SILENCE, id="silence")
        self._lines = VerticalScroll(self._silence, id="lines", can_focus=False)
        self._input = MessageInput(names, id="message")
        self._kept: deque[tuple[Static, ChatLine | None]] = deque()
        """What is shown, and of headings the line: their time may have to be put right."""
        self._began = 0.0
        self.border_title = "Chat"

    def compose(self) -> ComposeResult:
        """The lines over the input."""
        yield self._lines
        yield self._input

    def on_mount(self) -> None:
        """Stay at the end as lines come."""
        self._lines.anchor()

    def show(self, chat: Iterable[ChatLine]) -> list[ChatLine]:
        """Add the lines that are not shown yet.

        Returns:
            Those lines.
        """
        fresh = [line for line in chat if line.number > self._shown]
        if not fresh or not self._lines.is_attached:
            return []
        self._shown = fresh[-1].number
        self._silence.display = False
        widgets: list[tuple[Static, ChatLine | None]] = []
        for line in fresh:
            if line.past and not (self._last is not None and self._last.past):
                widgets.append((Static(_BEFORE, classes="line turn"), None))
            heading = starts_a_turn(line, self._last)
            content = written(line, heading=heading, began=self._began)
            widget = Static(content, classes="line turn" if heading else "line")
            widgets.append((widget, line if heading else None))
            self._last = line
        self._kept.extend(widgets)
        self._lines.mount_all(widget for widget, _ in widgets)
        while len(self._kept) > CHAT_LIMIT:
            self._kept.popleft()[0].remove()
        return fresh

    def keep_time(self, began: float) -> None:
        """Take the moment (seconds since 1970) from which lines count.

        A face that comes late is told old lines first, and learns only from later events how old they are.
        """
        if abs(began - self._began) > _DRIFT_S:
            self._began = began
            for widget, line in self._kept:
                if line is not None:
                    widget.update(written(line, heading=True, began=began))

    def write(self, begun: str = "") -> None:
        """Put the cursor into the input, behind `begun` where nothing is being written yet."""
        if begun and not self._input.value:
            self._input.value = begun
            self._input.cursor_position = len(begun)
        self._input.focus()

    def take_back(self, line: str) -> None:
        """Put a refused line into the input, selected: what is typed next takes its place, an arrow mends it."""
        if not self._input.value:
            self._input.value = line
            self._input.select_all()
        self._input.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the form of the command that is being typed; the page, too, wants to know of keys."""
        # As Content: brackets in it would be markup.
        self.border_subtitle = Content(hint(event.value))

    def on_message_input_entered(self, event: MessageInput.Entered) -> None:
        """Pass on what was written, without what could harm the others' terminals; a command is never said."""
        event.stop()
        text = clean(event.line, LIMIT)
        if is_command(text):
            self.post_message(self.Commanded(text))
        elif text:
            self.post_message(self.Written(said(text)))
