from __future__ import annotations

import re

from rendezvous.metrics import Metrics


def test_the_page_has_a_help_a_type_and_a_value_for_each_figure() -> None:
    metrics = Metrics()
    metrics.frames = 7
    metrics.refusals["limit"] += 2
    lines = metrics.text(rooms=3, sockets=5).splitlines()

    assert [line for line in lines if not line.startswith("#")] == [
        "rendezvous_rooms 3",
        "rendezvous_sockets 5",
        "rendezvous_frames_total 7",
        'rendezvous_refusals_total{code="limit"} 2',
    ]
    named = [set(re.findall(rf"^# {word} (\w+)", "\n".join(lines), re.MULTILINE)) for word in ("HELP", "TYPE")]
    assert named[0] == named[1] and len(named[0]) == 4
