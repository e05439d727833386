"""What an operator may watch: a few totals as Prometheus text. Pure; names no room, address or person."""

from __future__ import annotations

from collections import Counter


class Metrics:
    """Counts since the start of one server."""

    def __init__(self) -> None:
        self.frames = 0
        """Messages of clients that were taken."""
        self.refusals: Counter[str] = Counter()
        """Sockets and requests turned away, by the code of the reason."""

    def text(self, *, rooms: int, sockets: int) -> str:
        """Return the page, in version 0.0.4 of the text format.

        Args:
            rooms: open now.
            sockets: open now.
        """
        refusals = {f'{{code="{code}"}}': count for code, count in sorted(self.refusals.items())}
        return "".join(
            [
                _metric("rooms", "gauge", "Rooms that are open now.", {"": rooms}),
                _metric("sockets", "gauge", "Sockets that are open now.", {"": sockets}),
                _metric("frames_total", "counter", "Messages taken from clients.", {"": self.frames}),
                _metric("refusals_total", "counter", "Sockets and requests turned away, by reason.", refusals),
            ]
        )


def _metric(name: str, kind: str, what: str, values: dict[str, int]) -> str:
    name = f"rendezvous_{name}"
    lines = [f"# HELP {name} {what}", f"# TYPE {name} {kind}", *(f"{name}{at} {n}" for at, n in values.items())]
    return "\n".join(lines) + "\n"
