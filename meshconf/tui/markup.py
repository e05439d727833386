"""The little markup of the chat: *bold*, _italic_, `code`, and links; all else stays as it was typed. Pure.

The signs disappear where they style something. The text must be clean already: nothing here makes it safe.
"""

from __future__ import annotations

import re

from textual.content import Content
from textual.style import Style

_SPAN = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|(?P<link>https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}*_])"
    r"|(?<![\w*])(?P<bold>\*(?=[^\s*])[^*\n]*[^\s*]\*|\*[^\s*]\*)(?![\w*])"
    r"|(?<![\w_])(?P<italic>_(?=[^\s_])[^_\n]*[^\s_]_|_[^\s_]_)(?![\w_])"
)
_STYLES = {"bold": "bold", "italic": "italic"}
_DEPTH = 2
"""Bold in italic or italic in bold."""


def styled(text: str, style: str = "") -> Content:
    """`text` as it is shown; a link opens exactly the address that is seen."""
    return _styled(text, style, _DEPTH)


def _styled(text: str, style: str, depth: int) -> Content:
    parts: list[Content] = []
    end = 0
    for match in _SPAN.finditer(text):
        parts.append(Content.styled(text[end : match.start()], style))
        parts.append(_span(match.lastgroup or "", match.group(), style, depth))
        end = match.end()
    parts.append(Content.styled(text[end:], style))
    return Content("").join(parts)


def _span(kind: str, text: str, style: str, depth: int) -> Content:
    if kind == "link":
        link = Content.styled(text, f"{style} $secondary underline".strip())
        return link.stylize(Style(link=text), 0, len(text))
    if kind == "code":
        return Content.styled(text[1:-1], f"{style} $accent on $panel".strip())
    more = f"{style} {_STYLES[kind]}".strip()
    return _styled(text[1:-1], more, depth - 1) if depth > 1 else Content.styled(text[1:-1], more)
