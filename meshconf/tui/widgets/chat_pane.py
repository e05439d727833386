"""The conversation and the line to write in; keeps to the end unless the person scrolled up."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from meshconf.tui.model import CHAT_LIMIT, ChatLine, LineKind
from meshconf.tui.plain import clean, linked


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours once there are any."""
    minutes, second = divmod(int(max(0.0, min(seconds, 359_999.0))), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"


def written(line: ChatLine, *, heading: bool) -> Content:
    """A line as it is shown; `heading` puts the speaker's name above it."""
    if line.kind is LineKind.NOTICE:
        return linked(line.text, "italic $quiet")
    if line.kind is LineKind.ERROR:
        return Content.assemble(("! ", "bold $error"), linked(line.text, "$error"))
    said = linked(line.text)
    if not heading:
        return said
    parts: list[tuple[str, str]] = [(line.name, "bold $accent" if line.own else "bold $primary")]
    if line.private:
        parts.append(("  to you alone" if not line.own else "  privately", "$secondary"))
    if line.at is not None:
        parts.append((f"  {clock(line.at)}", "$faint"))
    return Content("\n").join([Content.assemble(*parts), said])


class ChatPane(Vertical):
    """Chat with everybody."""

    class Written(Message):
        """The person typed a line and pressed enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown = 0
        self._last: ChatLine | None = None
        self.border_title = "Chat"

    def compose(self) -> ComposeResult:
        """The lines over the input."""
        with VerticalScroll(id="lines", can_focus=False):
            yield Static("Nothing said yet.", id="silence", markup=False)
        yield Input(placeholder="Write to everybody", max_length=2000, compact=True, id="message")

    def on_mount(self) -> None:
        """Stay at the end as lines come."""
        self.query_one("#lines", VerticalScroll).anchor()

    def show(self, chat: Iterable[ChatLine]) -> list[ChatLine]:
        """Add the lines that are not shown yet.

        Returns:
            Those lines.
        """
        fresh = [line for line in chat if line.number > self._shown]
        if not fresh:
            return fresh
        self._shown = fresh[-1].number
        lines = self.query_one("#lines", VerticalScroll)
        self.query("#silence").remove()
        widgets = []
        for line in fresh:
            heading = self._starts_a_turn(line)
            widgets.append(Static(written(line, heading=heading), classes="line turn" if heading else "line"))
            self._last = line
        old = list(lines.query(".line"))
        for widget in old[: max(0, len(old) + len(widgets) - CHAT_LIMIT)]:
            widget.remove()
        lines.mount_all(widgets)
        return fresh

    def write(self) -> None:
        """Put the cursor into the input."""
        self.query_one("#message", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass on what was written, without what could harm the others' terminals."""
        event.stop()
        if text := clean(event.value, 2000):
            self.post_message(self.Written(text))
        event.input.clear()

    def _starts_a_turn(self, line: ChatLine) -> bool:
        last = self._last
        if last is None or (last.kind, last.peer, last.private) != (line.kind, line.peer, line.private):
            return True
        return line.kind is LineKind.SAID and line.at is not None and last.at is not None and line.at - last.at > 120
