"""`meshconf devices`: what this machine has, under the names that the options take."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from meshconf.cli.table import table
from meshconf.conference.failure import fix_of

if TYPE_CHECKING:
    from meshconf.devices.inventory import Device, Problem


def devices(*, as_json: bool) -> int:
    """Print all devices and what is missing; opens none of them."""
    from meshconf.devices.inventory import inventory

    found = inventory()
    if as_json:
        problems = [{"kind": one.kind, "sentence": str(one.error), "fix": fix_of(one.error)} for one in found.problems]
        sys.stdout.write(json.dumps({**asdict(found), "problems": problems}, ensure_ascii=False) + "\n")
        return 0
    kinds = (
        ("Microphones", "--mic NAME", "microphone", found.microphones),
        ("Speakers", "--speaker NAME", "speaker", found.speakers),
        ("Cameras", "--camera NAME", "camera", found.cameras),
        ("Screens", "--screen NUMBER", "screen", found.screens),
    )
    for title, option, kind, present in kinds:
        sys.stdout.write(f"{title} ({option})\n")
        sys.stdout.write(_listing(present, [problem for problem in found.problems if problem.kind == kind]))
    windows = f"open on the display {found.display}" if found.display else "stay off: there is no display"
    sys.stdout.write(f"Windows {windows}\n")
    return 0


def _listing(present: tuple[Device, ...], problems: list[Problem]) -> str:
    if not present and not problems:
        return "  the system does not tell; `default` may work\n\n"
    rows = [(device.name, device.detail, "default" if device.default else "") for device in present]
    complaints = "".join(f"  {problem.error}\n    {fix_of(problem.error)}\n" for problem in problems)
    return (table(rows, indent=2) if rows else "") + complaints + "\n"
