"""What the demo says of its meeting, from what its processes told."""

from __future__ import annotations

import math
from typing import Any

import pytest

from meshconf.cli.demo_report import Attendee, Row, everybody_met, print_report, rows


def attendee(
    name: str, other: str, *seconds: dict[str, dict[str, Any]], kinds: tuple[str, ...] = ("camera", "mic")
) -> Attendee:
    """Somebody who met `other`, and what it told in each second, by source."""
    found = Attendee(name)
    found.note({"event": "peer", "peer": "id", "name": other})
    for number, kind in enumerate(kinds, 1):
        found.note({"event": "first_frame", "name": other, "source": kind, "t": float(number)})
    for second in seconds:
        sources = [{"source": kind, "width": None, "height": None, **fields} for kind, fields in second.items()]
        found.note({"event": "stats", "links": [{"peer": "id", "sources": sources}]})
    return found


def second(
    fps: float = 30.0, concealed: float | None = 0.0, delay_ms: float | None = 40.0
) -> dict[str, dict[str, Any]]:
    return {
        "camera": {"width": 640, "height": 360, "fps": fps, "delay_ms": delay_ms, "concealed": None},
        "mic": {"fps": 50.0, "delay_ms": None, "concealed": concealed},
    }


def test_the_first_second_does_not_count() -> None:
    ada = attendee("Ada", "Bob", second(fps=3.0, concealed=0.9), second(20.0, 0.5), second(30.0, 0.0))
    (row,) = [row for row in rows([ada, Attendee("Bob")]) if row.name == "Ada"]
    assert row == Row("Ada", "Bob", True, (640, 360), 25.0, 40.0, 0.75, 2.0)


def test_everybody_has_to_have_seen_and_heard_everybody() -> None:
    ada, bob = attendee("Ada", "Bob", second(), second()), attendee("Bob", "Ada", second(), second())
    assert everybody_met([ada, bob])
    assert not everybody_met([ada, Attendee("Bob")])
    assert not everybody_met([ada, attendee("Bob", "Ada", second(), second(), kinds=("camera",))])
    assert not everybody_met([ada, attendee("Bob", "Ada", second())])


def test_who_got_nothing_has_a_row_without_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    bob = Attendee("Bob")
    bob.note({"event": "error", "message": "There is no camera."})
    assert rows([bob, Attendee("Ada")])[0] == Row("Bob", "Ada", False, None, None, None, None, math.inf)
    print_report([attendee("Ada", "Bob", second(), second(29.97, None)), bob])
    said, aside = capsys.readouterr()
    assert [line.split() for line in said.splitlines()[1:3]] == [
        ["Ada", "Bob", "640x360", "30.0", "40", "-", "2.00"],
        ["Bob", "Ada", "none", "-", "-", "-", "inf"],
    ]
    assert said.endswith("Somebody did not see or hear somebody.\n")
    assert aside == "Bob: There is no camera.\n"
