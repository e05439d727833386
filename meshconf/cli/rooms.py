"""`meshconf rooms`: the meetings on this local network that chose to be listed.

Every member announces the meeting it is in, so that newcomers find it whoever has left; shown is each meeting once.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from meshconf.cli.diagnostics import say
from meshconf.cli.table import table

if TYPE_CHECKING:
    from meshconf.signaling.lan_advert import LanMeeting

LOOK_FOR_S = 1.5
"""Meetings answer within 50 ms; the rest is for networks that lose the first question."""


def rooms(*, as_json: bool) -> int:
    """Print the listed meetings; that there is none is no error.

    Raises:
        LanUnavailable: this machine is on no network, or multicast cannot be used.
    """
    announced = asyncio.run(_look())
    meetings = listed(announced)
    if as_json:
        sys.stdout.write(json.dumps([_record(one) for one in meetings], ensure_ascii=False) + "\n")
        return 0
    if meetings:
        sys.stdout.write(table([("MEETING", "PEOPLE", "ADDRESS"), *(_row(one) for one in meetings)]))
    else:
        say("No meeting is listed on this network. Start one with: meshconf host --listed TITLE")
    if any(all(one.tags.isdisjoint(shown.tags) for shown in meetings) for one in announced):
        say("There are meetings that are not listed; whoever has the code or the link gets in.")
    elif not meetings:
        say("If there should be one: `meshconf doctor` says whether multicast works here; a link works without.")
    return 0


def listed(announced: Sequence[LanMeeting]) -> list[LanMeeting]:
    """The meetings that tell their title, each once: announcements of one meeting have a tag in common."""
    found: list[LanMeeting] = []
    for one in announced:
        if one.title and not any(one.title == known.title and one.tags & known.tags for known in found):
            found.append(one)
    return found


async def _look() -> tuple[LanMeeting, ...]:
    from meshconf.signaling.lan_browser import LanBrowser

    browser = LanBrowser()
    try:
        await browser.start()
        await asyncio.sleep(LOOK_FOR_S)
        return browser.meetings
    finally:
        await browser.close()


def _row(meeting: LanMeeting) -> tuple[str, str, str]:
    people = "" if meeting.people is None else str(meeting.people)
    return meeting.title or "", people, f"{meeting.addresses[0]}:{meeting.port}"


def _record(meeting: LanMeeting) -> dict[str, object]:
    return {
        "title": meeting.title,
        "people": meeting.people,
        "addresses": list(meeting.addresses),
        "port": meeting.port,
        "instance": meeting.instance,
    }
