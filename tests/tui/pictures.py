"""Draws the pictures of docs/ anew: `python -m tests.tui.pictures`."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from meshconf.tui.app import MeshconfApp
from meshconf.tui.engine import MeetingOptions
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE, FakeEngine, FakeLauncher, room_state
from tests.tui.stage import NOON, until

DOCS = Path(__file__).parents[2] / "docs"
SIZE = (112, 32)
DAN = "dan2345abcdefghi"
_CELL = 12.2
"""Width of a cell in the pictures that Textual draws."""
DAY = MeetingOptions(name="Ada Lovelace", title="Weekly planning", camera="HD Webcam", mic="USB Mic")

MORE: list[dict[str, Any]] = [
    {"event": "peer", "t": 140.0, "peer": DAN, "name": "Dan Okafor", "state": "connected", "path": "relay"},
    {"event": "source", "t": 141.0, "peer": DAN, "source": "mic", "state": "on"},
    {**room_state(lobby=True, forbidden={"screen": [DAN]}), "members": [ADA, BOB, CLEO, DAN]},
    {"event": "notice", "t": 145.0, "text": "You made Bob Kahn an admin."},
    {"event": "lobby", "t": 750.0, "peer": "eve", "name": "Eve Lindqvist", "identity": "new"},
    {"event": "source", "t": 141.0, "peer": CLEO, "source": "mic", "state": "on"},
    {"event": "chat", "t": 150.0, "peer": DAN, "text": "Hi all, I am on the train. Sound only today.", "to": None},
    {"event": "chat", "t": 312.0, "peer": CLEO, "text": "Shall we move the release to Thursday?", "to": None},
    {"event": "chat", "t": 330.0, "peer": ADA, "text": "*Thursday* is good.", "to": None},
    {"event": "chat", "t": 338.0, "peer": BOB, "text": "Fine for me. I write it into the plan.", "to": None},
    {"event": "stats", "t": 754.0, "links": [{"peer": DAN, "path": "relay", "rtt_ms": 84.0, "loss": 0.004}]},
    {"event": "levels", "t": 754.0, "levels": {CLEO: {"db": -31.0}, DAN: {"db": -44.0}}},
]  # fmt: skip


async def draw(app: MeshconfApp, name: str, *, ready: FakeEngine | FakeLauncher) -> None:
    """Write one page as docs/`name`.svg, without the web font that Textual refers to."""
    async with app.run_test(size=SIZE) as pilot:
        await _settle(pilot, ready)
        picture = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(), flags=re.DOTALL)
        picture = re.sub(r'x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>((?:&#160;)+)(?!<)', _indent, picture)
        # A fixed name, so that the file only changes where the page does.
        (DOCS / f"{name}.svg").write_text(re.sub(r"terminal-\d+", "terminal", picture), encoding="utf-8")


async def main() -> None:
    """All pictures."""
    engine = FakeEngine([*THREE_PEOPLE, *MORE])
    await draw(MeshconfApp(FakeLauncher(), DAY, engine, clock=lambda: 0.0, wall=lambda: NOON), "meeting", ready=engine)
    launcher = FakeLauncher()
    launcher.found.put_nowait({"title": "Design review", "key": "k1", "people": 3})
    launcher.found.put_nowait({"title": "Coffee corner", "key": "k2", "people": 1})
    await draw(MeshconfApp(launcher, DAY), "start", ready=launcher)


def _indent(text: re.Match[str]) -> str:
    """Blanks at the start of a text as a place farther right: some programs that show SVG leave the blanks out."""
    x, y, length, rest, blanks = text.groups()
    width = blanks.count("&#160;") * _CELL
    return f'x="{float(x) + width:.1f}" y="{y}" textLength="{float(length) - width:.1f}"{rest}>'


async def _settle(pilot: Pilot[int], ready: FakeEngine | FakeLauncher) -> None:
    await until(lambda: ready.drained)
    await pilot.pause(0.3)


if __name__ == "__main__":
    asyncio.run(main())
