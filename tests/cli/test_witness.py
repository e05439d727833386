"""What stands on the plain terminal when the face has gone: how it ended, or how to come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from meshconf.cli.witness import Witness
from meshconf.errors import MeshconfError

_JOINED = {"event": "joined", "self": "me", "title": "Tea", "name": "Yan"}
_ROOM = {**_JOINED, "event": "room", "invite": "42-crumb-ozone-plank", "link": "meshconf:x"}
_ADA = {"event": "peer", "peer": "p1", "name": "Ada", "state": "connected"}


class _Engine:
    def __init__(self, *events: dict[str, Any]) -> None:
        self._events = events
        self.said: list[dict[str, Any]] = []

    async def send(self, command: dict[str, Any]) -> None:
        self.said.append(command)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        for event in self._events:
            yield event

    async def close(self) -> None:
        """Nothing to let go of."""


async def _seen(*events: dict[str, Any], asked: str = "", whole: bool = True) -> Witness:
    """A witness of these events, between which, after the second, the face asked for something."""
    engine = _Engine(*events)
    witness = Witness(engine, Path("18680.sock"))
    seen = 0
    async for event in witness.events():
        assert event == events[seen]
        seen += 1
        if asked and seen == 2:
            await witness.send({"do": asked})
        if seen == len(events) and not whole:
            break
    assert [command["do"] for command in engine.said] == ([asked] if asked else [])
    await witness.close()
    return witness


def _left(reason: str, t: float = 190.0) -> dict[str, Any]:
    return {"event": "left", "reason": reason, "t": t}


@pytest.mark.parametrize(
    ("events", "asked", "sentence"),
    [
        ((_JOINED, _ADA, _left("left")), "leave", "You left Tea after 3 min; the others go on."),
        ((_JOINED, _ADA, {**_ADA, "state": "left"}, _left("left")), "leave",
         "You left Tea after 3 min; the others go on."),
        ((_ROOM, _ROOM, _left("left", 3.2)), "leave", "You left Tea after 3 s."),
        ((_ROOM, _ROOM, _left("left", 3900.0)), "", "You left Tea after 1 h 5 min."),
        ((_ROOM, _ADA, {"event": "stats", "t": 190.0}), "leave", "You left Tea after 3 min; the others go on."),
        ((_ROOM, _ADA, _left("ended")), "end", "You ended Tea for all after 3 min."),
        ((_JOINED, _ADA, _left("ended")), "", "Tea is over: it was ended for all."),
        (({**_JOINED, "title": ""}, _ADA, _left("ended")), "", "The meeting is over: it was ended for all."),
        ((_JOINED, _ADA, _left("interrupted")), "", "Tea is over: it was stopped on this computer."),
        ((_JOINED, _ADA, _left("elsewhere")), "",
         "You have joined Tea from another computer with the same key; it goes on there."),
        (({**_JOINED, "title": "Tea\x1b[31m"}, _left("le\x1bft")), "", "Tea[31m is over: left."),
    ],
)  # fmt: skip
async def test_how_it_ended_is_one_line(
    capsys: pytest.CaptureFixture[str], events: tuple[dict[str, Any], ...], asked: str, sentence: str
) -> None:
    (await _seen(*events, asked=asked)).part()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", sentence + "\n")


async def test_an_engine_that_went_unasked_is_a_failure() -> None:
    witness = await _seen(_JOINED, _ADA)
    with pytest.raises(MeshconfError, match="engine is gone") as caught:
        witness.part()
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(("first", "invited"), [(_ROOM, True), (_JOINED, False)])
async def test_whoever_detaches_is_told_the_way_back_and_the_host_the_invite(
    capsys: pytest.CaptureFixture[str], first: dict[str, Any], invited: bool
) -> None:
    (await _seen(first, _ADA, whole=False)).part()
    captured = capsys.readouterr()
    assert "meshconf attach --engine 18680" in captured.err
    assert ("42-crumb-ozone-plank" in captured.out, "meshconf:x" in captured.out) == (invited, invited)


async def test_without_a_meeting_there_is_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    (await _seen({"event": "notice", "text": "hm"}, whole=False)).part()
    assert capsys.readouterr().err == ""
