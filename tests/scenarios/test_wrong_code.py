"""Whoever cannot come in learns why, by sentence and exit code; whoever guesses is counted."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.scenarios.conftest import Rendezvous, Start

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a rendezvous that is not there: a port that is ours and refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{taken.getsockname()[1]}"


def _wrong(code: str) -> str:
    """The same meeting, the same words, in another order."""
    number, first, *rest = code.split("-")
    return "-".join([number, *rest, first])


def test_a_wrong_code_is_told_to_both_sides(start: Start, rendezvous: Rendezvous) -> None:
    alice = start("alice", "host", *rendezvous.options)

    mallory = start("mallory", "join", _wrong(alice.invite), *rendezvous.options)

    assert mallory.wait() == 3
    assert mallory.wait_for_event("error", 0)["code"] == "wrong-code"
    assert "code" in mallory.stderr and "Traceback" not in mallory.stderr
    assert mallory.left_behind == []
    assert "wrong code" in alice.wait_for_event("notice", 5.0)["text"]
    assert not [event for event in alice.events if event["event"] == "peer"]


def test_an_unknown_meeting_is_not_a_wrong_code(start: Start, rendezvous: Rendezvous) -> None:
    alice = start("alice", "host", *rendezvous.options)
    number, *words = alice.invite.split("-")

    bob = start("bob", "join", "-".join([str(int(number) + 1), *words]), *rendezvous.options)

    assert bob.wait() == 3
    assert bob.wait_for_event("error", 0)["code"] == "no-such-meeting"
    assert not [event for event in alice.events if event["event"] == "notice"]


@pytest.mark.parametrize("link", ["meshconf:notasecret", "42-", "meshconf:" + "a" * 5000, "42-crumb-ozone-qqqqqq"])
def test_a_malformed_invite_is_wrong_usage(start: Start, link: str) -> None:
    bob = start("bob", "join", link, "--no-lan")

    assert bob.wait() == 2
    assert bob.stderr.startswith("meshconf: ") and "Traceback" not in bob.stderr
    assert bob.left_behind == []


def test_a_rendezvous_that_is_not_there_is_a_network_error(start: Start, rendezvous: Rendezvous, nobody: str) -> None:
    code = start("carol", "host", *rendezvous.options).invite
    attempts = [
        start("alice", "host", "--no-lan", "--rendezvous", nobody),
        start("bob", "join", code, "--no-lan", "--rendezvous", nobody),
    ]

    for attempt in attempts:
        assert attempt.wait() == 5
        assert attempt.wait_for_event("error", 0)["code"] == "rendezvous"
        assert "rendezvous" in attempt.stderr and "Traceback" not in attempt.stderr
        assert attempt.left_behind == []


def test_ten_wrong_guesses_change_the_code(start: Start, rendezvous: Rendezvous) -> None:
    alice = start("alice", "host", *rendezvous.options)
    first = alice.wait_for_event("room")
    since = alice.mark()

    for _ in range(5):
        for guess in [start("mallory", "join", _wrong(first["invite"]), *rendezvous.options) for _ in range(2)]:
            assert guess.wait() == 3

    second = alice.wait_for_event("room", 5.0, since=since)
    assert second["invite"] != first["invite"]
    # A stranger who guesses codes must not cut off those who hold the link.
    assert second["link"] == first["link"]
    assert second["room"] == first["room"]
    late = start("late", "join", first["invite"], *rendezvous.options)
    bob = start("bob", "join", second["invite"], *rendezvous.options)
    bob.wait_connected(alice)
    assert late.wait() == 3
