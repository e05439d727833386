"""The fence between a listener's mistakes and the transport."""

from __future__ import annotations

import logging

import pytest

from meshconf.rtc.listener import tell


def test_a_listeners_exception_is_logged_and_stopped(caplog: pytest.LogCaptureFixture) -> None:
    def broken(word: str) -> None:
        raise RuntimeError(word)

    with caplog.at_level(logging.ERROR, logger="meshconf.rtc"):
        tell(broken, "boom")
    assert "broken" in caplog.text
