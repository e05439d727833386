"""`meshconf rooms`: the meetings that are announced on this local network."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from meshconf.cli.diagnostics import say
from meshconf.cli.table import table

if TYPE_CHECKING:
    from meshconf.signaling.lan_advert import LanMeeting

LOOK_FOR_S = 1.5
"""Meetings answer within 50 ms; the rest is for networks that lose the first question."""


def rooms(*, as_json: bool) -> int:
    """Print the meetings; that there is none is no error.

    Raises:
        LanUnavailable: this machine is on no network, or multicast cannot be used.
    """
    meetings = asyncio.run(_look())
    if as_json:
        sys.stdout.write(json.dumps([_record(one) for one in meetings], ensure_ascii=False) + "\n")
    elif meetings:
        sys.stdout.write(table([("MEETING", "PEOPLE", "ADDRESS"), *(_row(one) for one in meetings)]))
    else:
        say("No meeting is announced on this network. Start one with: meshconf host --listed TITLE")
        say("If there should be one: `meshconf doctor` says whether multicast works here; a link works without.")
    return 0


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
    return meeting.title or "a private meeting", people, f"{meeting.addresses[0]}:{meeting.port}"


def _record(meeting: LanMeeting) -> dict[str, object]:
    return {
        "title": meeting.title,
        "people": meeting.people,
        "addresses": list(meeting.addresses),
        "port": meeting.port,
        "instance": meeting.instance,
    }
