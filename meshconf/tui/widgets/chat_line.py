"""How one line of the conversation is written."""

from __future__ import annotations

import time

from textual.content import Content

from meshconf.tui.conversation import ChatLine, LineKind
from meshconf.tui.markup import styled

_PAUSE_S = 120.0
"""After so long a silence the same speaker gets a heading again."""


def time_of_day(moment: float) -> str:
    """Hours and minutes of a moment (seconds since 1970), as the clocks here show it."""
    try:
        return time.strftime("%H:%M", time.localtime(moment))
    except (OverflowError, OSError, ValueError):
        # Of a time that no calendar has.
        return ""


def starts_a_turn(line: ChatLine, last: ChatLine | None) -> bool:
    """Whether somebody else, or the same person after a pause, speaks in `line` than in `last`."""
    if last is None or _speaker(last) != _speaker(line):
        return True
    return line.kind is LineKind.SAID and line.at is not None and last.at is not None and line.at - last.at > _PAUSE_S


def written(line: ChatLine, *, heading: bool, began: float) -> Content:
    """A line as it is shown; `heading` puts the speaker's name above it.

    `began` is when the engine started, in seconds since 1970: lines carry the seconds since then.
    """
    if line.kind is LineKind.NOTICE:
        return styled(line.text, "italic $quiet")
    if line.kind is LineKind.ERROR:
        return Content.assemble(("! ", "bold $error"), styled(line.text, "$error"))
    said = styled(line.text, "$quiet" if line.past else "")
    if not heading:
        return said
    parts: list[tuple[str, str]] = [(line.name, "$quiet" if line.past else "bold" if line.own else "bold $primary")]
    if line.to:
        parts.append((f"  to {line.to} alone" if line.own else "  to you alone", "bold $secondary"))
    if line.at is not None:
        parts.append((f"  {time_of_day(began + line.at)}", "$faint"))
    return Content("\n").join([Content.assemble(*parts), said])


def _speaker(line: ChatLine) -> tuple[object, ...]:
    return (line.kind, line.peer, line.to, line.past)
