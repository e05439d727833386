"""The facade: what it opened it closes, whatever fails on the way."""

from __future__ import annotations

from unittest.mock import AsyncMock

import pytest

from meshconf import Conference


@pytest.mark.parametrize("broken", ["_talk", "_sound", "_studio", "_reception", "_ears", "_gallery"])
async def test_what_cannot_be_closed_keeps_nothing_else_open(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = Conference.host(name="Ada", windows=False, speaker="none")
    closed = []
    for part in ("_talk", "_sound", "_studio", "_reception", "_ears", "_gallery"):
        failure = OSError("the disk is full") if part == broken else None
        close = AsyncMock(side_effect=failure, return_value=None)
        monkeypatch.setattr(vars(meeting)[part], "close", close)
        closed.append(close)
    await meeting.close()
    assert [close.await_count for close in closed] == [1] * 6
