"""`meshconf rooms`: a table for people, an array for programs, advice when there is nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from meshconf.cli import rooms as module
from meshconf.cli.main import main
from meshconf.signaling import lan_browser
from meshconf.signaling.lan_advert import LanMeeting
from meshconf.signaling.multicast import LanUnavailable

_LISTED = LanMeeting("a1", ("192.0.2.7", "198.51.100.1"), 4711, frozenset({"t", "u"}), "stand-up", 3)
_SAME = LanMeeting("a2", ("192.0.2.9",), 4712, frozenset({"u", "v"}), "stand-up", 3)
_GUEST = LanMeeting("a3", ("192.0.2.10",), 4713, frozenset({"t"}))
"""A member of the same meeting, who does not say its title."""
_ANOTHER = LanMeeting("c4", ("192.0.2.11",), 4714, frozenset({"w"}), "stand-up", 2)
_PRIVATE = LanMeeting("b2", ("192.0.2.8",), 4715, frozenset({"x"}))


class _Browser:
    meetings: tuple[LanMeeting, ...] = ()
    closed = 0

    async def start(self) -> None:
        """Find at once."""

    async def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> type[_Browser]:
    kind = type("Browser", (_Browser,), {})
    monkeypatch.setattr(lan_browser, "LanBrowser", kind)
    monkeypatch.setattr(module, "LOOK_FOR_S", 0.0)
    return kind


def test_listed_meetings_are_a_table_with_each_once(
    browser: type[_Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    browser.meetings = (_LISTED, _SAME, _GUEST, _ANOTHER)
    assert main(["rooms"]) == 0
    captured = capsys.readouterr()
    heading, *rows = [line.split() for line in captured.out.splitlines()]
    assert heading == ["MEETING", "PEOPLE", "ADDRESS"]
    assert rows == [["stand-up", "3", "192.0.2.7:4711"], ["stand-up", "2", "192.0.2.11:4714"]]
    assert captured.err == ""
    assert browser.closed == 1


@pytest.mark.parametrize("others", [(), (_LISTED,)])
def test_meetings_that_are_not_listed_are_one_quiet_line(
    browser: type[_Browser], capsys: pytest.CaptureFixture[str], others: tuple[LanMeeting, ...]
) -> None:
    browser.meetings = (_PRIVATE, replace(_PRIVATE, instance="b3", port=4716), *others)
    assert main(["rooms"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2 * len(others)
    assert captured.err.count("meetings that are not listed") == 1
    assert str(_PRIVATE.port) not in captured.out


def test_listed_meetings_are_an_array_for_programs(browser: type[_Browser], capsys: pytest.CaptureFixture[str]) -> None:
    browser.meetings = (_LISTED, _SAME, _PRIVATE)
    assert main(["rooms", "--json"]) == 0
    captured = capsys.readouterr()
    [only] = json.loads(captured.out)
    assert (only["title"], only["people"], only["addresses"][0], only["port"]) == ("stand-up", 3, "192.0.2.7", 4711)
    assert captured.err == ""


def test_no_meeting_is_no_error_and_advice_goes_to_stderr(
    browser: type[_Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rooms"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "meshconf host --listed" in captured.err
    assert main(["rooms", "--json"]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_a_machine_without_network_is_told_so(
    browser: type[_Browser], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def unavailable(self: _Browser) -> None:
        raise LanUnavailable

    monkeypatch.setattr(browser, "start", unavailable)
    assert main(["rooms"]) == 5
    assert "on no network" in capsys.readouterr().err
    assert browser.closed == 1
