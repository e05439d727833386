"""`meshconf rooms`: a table for people, an array for programs, advice when there is nothing."""

from __future__ import annotations

import json

import pytest

from meshconf.cli import rooms as module
from meshconf.cli.main import main
from meshconf.signaling import lan_browser
from meshconf.signaling.lan_advert import LanMeeting
from meshconf.signaling.multicast import LanUnavailable

_LISTED = LanMeeting("a1", ("192.0.2.7", "198.51.100.1"), 4711, frozenset({"t"}), "stand-up", 3)
_PRIVATE = LanMeeting("b2", ("192.0.2.8",), 4712, frozenset({"t"}))


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


def test_meetings_are_a_table(browser: type[_Browser], capsys: pytest.CaptureFixture[str]) -> None:
    browser.meetings = (_LISTED, _PRIVATE)
    assert main(["rooms"]) == 0
    captured = capsys.readouterr()
    assert [line.split("  ")[0] for line in captured.out.splitlines()] == ["MEETING", "stand-up", "a private meeting"]
    assert captured.out.splitlines()[1].split() == ["stand-up", "3", "192.0.2.7:4711"]
    assert captured.err == ""
    assert browser.closed == 1


def test_meetings_are_an_array_for_programs(browser: type[_Browser], capsys: pytest.CaptureFixture[str]) -> None:
    browser.meetings = (_LISTED, _PRIVATE)
    assert main(["rooms", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["title"], first["people"], first["addresses"][0], first["port"]) == (
        "stand-up", 3, "192.0.2.7", 4711,
    )  # fmt: skip
    assert second["title"] is second["people"] is None


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
