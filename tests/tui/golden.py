"""Compares what is on the screen, as plain text, with a file; `UPDATE_GOLDEN=1` writes the files anew."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from textual.app import App

_FOLDER = Path(__file__).parent / "golden"


def screen_text(app: App[int]) -> str:
    """The lines on the screen, without the blanks at their ends."""
    # The compositor is the only place that knows the finished lines; Textual has no public way to them but SVG.
    strips = app.screen._compositor.render_strips()
    lines = ("".join(segment.text for segment in strip) for strip in strips)
    return "\n".join(line.rstrip() for line in lines) + "\n"


async def assert_golden(app: App[int], name: str, *, seconds: float = 5.0) -> None:
    """Wait until the screen is what the file `name` says; fail, with both texts, where it does not become so.

    A page settles over several refreshes (sizes, scroll bars, the end of a list), later ones on a busy machine.
    """
    path = _FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(screen_text(app), encoding="utf-8")
    golden = path.read_text(encoding="utf-8")
    deadline = time.monotonic() + seconds
    while (text := screen_text(app)) != golden:
        if time.monotonic() > deadline:
            assert text == golden
        await asyncio.sleep(0.02)
