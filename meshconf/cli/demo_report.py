"""Who of a demo saw and heard whom, at what rate and delay: worked out of what its processes told, and printed."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from meshconf.cli.diagnostics import say

_FIRSTS = ("camera", "mic")


@dataclass
class Attendee:
    """Somebody in the demo, and what its process told."""

    name: str
    names: dict[str, str] = field(default_factory=dict)
    """Of the others, by their ids."""
    firsts: dict[tuple[str, str], float] = field(default_factory=dict)
    """Seconds from its start to the first frame, by peer's name and source."""
    readings: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    """What came in each second, by peer's name and source."""
    failure: str = ""

    def note(self, event: dict[str, Any]) -> None:
        """Take one of its events."""
        match event["event"]:
            case "peer":
                self.names[event["peer"]] = event["name"]
            case "first_frame":
                self.firsts[event["name"], event["source"]] = event["t"]
            case "error":
                self.failure = event["message"]
            case "stats":
                for link in event["links"]:
                    for source in link["sources"]:
                        key = (self.names.get(link["peer"], "?"), source["source"])
                        self.readings.setdefault(key, []).append(source)


@dataclass(frozen=True, slots=True)
class Row:
    """How one attendee saw and heard another; None is what nothing is known of."""

    name: str
    other: str
    met: bool
    """Whether both picture and sound came, and went on."""
    size: tuple[int, int] | None
    """Width and height of the last picture."""
    fps: float | None
    delay_ms: float | None
    heard: float | None
    """Share of the sound that was played as it came; pauses of a voice are not sent, so packets say nothing."""
    first_s: float
    """Seconds from the start until both had come; infinite if one has not."""


def rows(attendees: Sequence[Attendee]) -> list[Row]:
    """Everybody's view of everybody else."""
    return [_row(one, other.name) for one in attendees for other in attendees if other is not one]


def everybody_met(attendees: Sequence[Attendee]) -> bool:
    """Whether everybody saw and heard everybody."""
    return all(row.met for row in rows(attendees))


def print_report(attendees: Sequence[Attendee]) -> None:
    """The table on stdout, and on stderr what failed."""
    sys.stdout.write(
        f"{'':8}{'from':8}{'picture':>10}{'pictures/s':>12}{'delay ms':>10}{'heard, %':>10}{'first, s':>10}\n"
    )
    for row in rows(attendees):
        size = "none" if row.size is None else f"{row.size[0]}x{row.size[1]}"
        heard = None if row.heard is None else 100 * row.heard
        sys.stdout.write(
            f"{row.name:8}{row.other:8}{size:>10}{_number(row.fps, 1):>12}{_number(row.delay_ms, 0):>10}"
            f"{_number(heard, 1):>10}{row.first_s:>10.2f}\n"
        )
    whole = everybody_met(attendees)
    sys.stdout.write("Everybody saw and heard everybody.\n" if whole else "Somebody did not see or hear somebody.\n")
    for attendee in attendees:
        if attendee.failure:
            say(f"{attendee.name}: {attendee.failure}")


def _row(attendee: Attendee, other: str) -> Row:
    # The first reading is of a second of which a part was silent or dark.
    pictures = attendee.readings.get((other, "camera"), [])[1:]
    sounds = attendee.readings.get((other, "mic"), [])[1:]
    first_s = max(attendee.firsts.get((other, source), math.inf) for source in _FIRSTS)
    sizes = [(one["width"], one["height"]) for one in pictures if one["width"] is not None]
    rates, delays, concealed = _known(pictures, "fps"), _known(pictures, "delay_ms"), _known(sounds, "concealed")
    return Row(
        attendee.name,
        other,
        met=bool(pictures) and bool(sounds) and math.isfinite(first_s),
        size=sizes[-1] if sizes else None,
        fps=median(rates) if rates else None,
        delay_ms=median(delays) if delays else None,
        heard=1 - fmean(concealed) if concealed else None,
        first_s=first_s,
    )


def _known(readings: Sequence[dict[str, Any]], key: str) -> list[float]:
    return [reading[key] for reading in readings if reading[key] is not None]


def _number(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"
