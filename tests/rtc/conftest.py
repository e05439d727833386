"""What several tests of media without connections share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meshconf.rtc import sender as sender_module
from tests.rtc.sides import no_connections


@pytest.fixture(scope="module")
def without_connections() -> Iterator[None]:
    """Transports are started with a `Side` in place of a connection."""
    with no_connections():
        yield


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock for senders, in seconds, that stands still until a test moves it."""
    clock = [100.0]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return clock[0]

    monkeypatch.setattr(sender_module, "time", Clock)
    return clock
