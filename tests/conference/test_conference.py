"""The facade: what it opened it closes, whatever fails on the way."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest

from meshconf import Conference
from meshconf.conference.events import Left
from meshconf.types import Ending

PARTS = ["leave", "_tasks", "_talk", "_sound", "_studio", "_inside", "_reception", "_ears", "_gallery"]
"""What ends, in this order: the meeting is left while all of it still stands."""


@pytest.mark.parametrize("failure", [OSError("the disk is full"), RuntimeError("the event loop is closed")])
@pytest.mark.parametrize("broken", PARTS)
async def test_what_cannot_be_closed_keeps_nothing_else_open(
    broken: str, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Conference.host(name="Ada", windows=False, speaker="none")
    told = meeting.events()
    closed: list[str] = []

    def closing(part: str) -> AsyncMock:
        async def close() -> None:
            closed.append(part)
            if part == broken:
                raise failure

        return AsyncMock(side_effect=close)

    inside = SimpleNamespace(leave=closing("leave"), close=closing("_inside"))
    monkeypatch.setattr(meeting, "_inside", inside)
    for part in (part for part in PARTS if part not in ("leave", "_inside")):
        monkeypatch.setattr(vars(meeting)[part], "close", closing(part))
    await meeting.close()
    assert closed == PARTS
    assert [event async for event in told if isinstance(event, Left)]


async def test_a_script_may_name_the_ending_by_its_word_and_the_first_one_counts() -> None:
    meeting = Conference.host(name="Ada", windows=False, speaker="none")
    with pytest.raises(ValueError, match="bored"):
        meeting.finish("bored")
    meeting.finish("interrupted")
    meeting.finish("left")
    assert await meeting.over() is Ending.INTERRUPTED
