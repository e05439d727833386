"""The face over a made-up meeting in a real terminal: `python -m tests.tui.face start|meeting|crowd|pictures`."""

from __future__ import annotations

import sys
from typing import Any

from meshconf.tui.app import MeshconfApp
from meshconf.tui.engine import Engine
from tests.tui.fakes import ADA, BOB, CLEO, OPTIONS, THREE_PEOPLE, FakeEngine, FakeLauncher
from tests.tui.film import Film, Projector

NAMES = (
    "漢字太郎 とても長い名前です", "דוד כהן", "Émile 🎉🎉 Zola", "محمد علي",
    "Maximiliane von und zu Hohenlohe-Langenburg",
)  # fmt: skip


def crowd(guests: int = 29) -> list[dict[str, Any]]:
    """Many people, some with names that are hard to show, and much talk."""
    states = ("connected", "connecting", "reconnecting")
    people = [
        {
            "event": "peer", "t": 60.0, "peer": f"guest{number}", "state": states[number % 3],
            "name": NAMES[number] if number < len(NAMES) else f"Guest {number}",
        }
        for number in range(guests)
    ]  # fmt: skip
    talk = [{"event": "chat", "t": 800.0 + n, "peer": BOB, "text": f"line {n} " + "word " * n} for n in range(200)]
    return [*THREE_PEOPLE, *people, *talk, {"event": "chat", "t": 1100.0, "peer": BOB, "text": "x" * 4000}]


def pictures() -> tuple[list[dict[str, Any]], list[Projector]]:
    """Three people with cameras on, and what runs while one looks at them."""
    cameras = {BOB: Film(), CLEO: Film(160, 90, seed=1), ADA: Film(160, 120, seed=2)}
    projectors = {peer: Projector(film) for peer, film in cameras.items()}
    events: list[dict[str, Any]] = [*THREE_PEOPLE, {"event": "windows", "open": False}]
    events.append({"event": "source", "peer": BOB, "source": "screen", "state": "off"})
    for peer, projector in projectors.items():
        events.append({"event": "source", "peer": peer, "source": "camera", "state": "on"})
        events.append({"event": "picture", "peer": peer, "source": "camera", "bus": projector.bus})
    return events, list(projectors.values())


def main(page: str) -> int:
    """Show one page until it is left."""
    if page == "pictures":
        events, projectors = pictures()
        try:
            return MeshconfApp(FakeLauncher(), OPTIONS, FakeEngine(events)).run() or 0
        finally:
            for projector in projectors:
                projector.stop()
    launcher = FakeLauncher()
    launcher.found.put_nowait({"title": "Design review", "key": "k1", "people": 3})
    engine: Engine | None = None
    if page != "start":
        engine = FakeEngine(THREE_PEOPLE if page == "meeting" else crowd())
    return MeshconfApp(launcher, OPTIONS, engine).run() or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
