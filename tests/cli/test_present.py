"""The present is gathered from replayed events, and people are found in it by name."""

from __future__ import annotations

from typing import Any

import pytest

from meshconf.cli.present import Present
from meshconf.errors import UsageError


def _peer(peer: str, name: str, state: str = "connected") -> dict[str, Any]:
    return {"event": "peer", "peer": peer, "name": name, "state": state, "path": "lan"}


@pytest.fixture
def present() -> Present:
    gathered = Present()
    for event in (
        {
            "event": "room",
            "self": "me",
            "name": "Yan",
            "title": "stand-up",
            "invite": "42-crumb-ozone-plank",
            "link": "meshconf:x",
        },
        {"event": "room_state", "host": "me"},
        _peer("p1", "Ada"),
        _peer("p2", "Adam"),
        _peer("p3", "Grace"),
        _peer("p4", "grace"),
        {"event": "source", "peer": "p1", "source": "mic", "state": "on"},
        {"event": "source", "peer": "p1", "source": "camera", "state": "on"},
        {"event": "source", "peer": "p1", "source": "camera", "state": "off"},
    ):
        gathered.note(event)
    return gathered


@pytest.mark.parametrize(("name", "peer"), [("p3", "p3"), ("ada", "p1"), ("Adam", "p2")])
def test_people_are_found_by_id_and_by_name(present: Present, name: str, peer: str) -> None:
    assert present.peer(name) == peer


def test_a_name_that_begins_another_is_found_by_its_beginning_once_it_is_alone(present: Present) -> None:
    with pytest.raises(UsageError, match="Several people are called 'ad'; give the id: p1, p2"):
        present.peer("ad")
    present.note(_peer("p2", "Adam", "left"))
    assert present.peer("ad") == "p1"


def test_a_name_of_two_asks_for_the_id_and_an_unknown_one_lists_who_is_here(present: Present) -> None:
    with pytest.raises(UsageError, match="p3, p4"):
        present.peer("Grace")
    with pytest.raises(UsageError, match="here is Ada, Adam"):
        present.peer("Bob")


def test_the_text_shows_the_meeting_and_a_line_for_each_person(present: Present) -> None:
    lines = present.text().splitlines()
    assert lines[0] == "stand-up  42-crumb-ozone-plank"
    assert lines[1].split() == ["you", "host", "-", "me"]
    assert lines[2].split() == ["Ada", "connected", "lan", "mic", "p1"]
    assert len(lines) == 6


def test_a_name_cannot_steer_the_terminal(present: Present) -> None:
    present.note(_peer("p5", "\x1b[2J\nEve"))
    assert "\x1b" not in present.text()
    assert len(present.text().splitlines()) == 7
