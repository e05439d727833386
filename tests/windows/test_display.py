"""A missing display is noticed before a window process is started."""

from __future__ import annotations

import sys

import pytest

from meshconf.windows.display import missing_display


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def test_no_display_is_said_with_a_remedy() -> None:
    assert missing_display({}) == (
        "There is no display; windows stay off.",
        "run meshconf inside a desktop session, or log in with ssh -X",
    )


def test_wayland_alone_needs_xwayland() -> None:
    missing = missing_display({"WAYLAND_DISPLAY": "wayland-0"})
    assert missing is not None and "xwayland" in missing[1]


@pytest.mark.parametrize("name", [":59990", "unix:59990", "127.0.0.1:59000.0"])
def test_a_display_that_does_not_answer_is_said_so(name: str) -> None:
    missing = missing_display({"DISPLAY": name})
    assert missing is not None and f"{name} does not answer" in missing[0]


def test_an_unknown_form_of_display_is_left_to_the_library() -> None:
    assert missing_display({"DISPLAY": "/private/tmp/launchd/org.xquartz:0"}) is None


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_need_no_display_variable(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert missing_display({}) is None
