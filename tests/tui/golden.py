"""Compares what is on the screen, as plain text, with a file; `UPDATE_GOLDEN=1` writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path

from textual.app import App

_FOLDER = Path(__file__).parent / "golden"


def screen_text(app: App[int]) -> str:
    """The lines on the screen, without the blanks at their ends."""
    # The compositor is the only place that knows the finished lines; Textual has no public way to them but SVG.
    strips = app.screen._compositor.render_strips()
    lines = ("".join(segment.text for segment in strip) for strip in strips)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def assert_golden(app: App[int], name: str) -> None:
    """Fail, with both texts, where the screen is not what the file `name` says."""
    path = _FOLDER / f"{name}.txt"
    text = screen_text(app)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
