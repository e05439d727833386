"""A sound server that goes away while it is asked, with a made-up pulsectl."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from meshconf.devices.pulse import binding
from meshconf.devices.pulse import server as module
from meshconf.devices.pulse.connection import NoServer
from meshconf.devices.pulse.server import list_devices, server


class PulseError(Exception):
    pass


class CallError(Exception):
    """What libpulse's calls raise on a connection that is broken; pulsectl lets it through."""


class Pulse:
    """Fails at one of its calls."""

    def __init__(self, failing: str, error: Exception) -> None:
        self.failing = failing
        self.error = error
        self.closed = False

    def connect(self, *, autospawn: bool) -> None:
        self._fail("connect")

    def server_info(self) -> Any:
        self._fail("server_info")
        return SimpleNamespace(default_source_name="", default_sink_name="")

    def source_list(self) -> list[Any]:
        self._fail("source_list")
        return []

    def event_mask_set(self, *topics: str) -> None:
        self._fail("event_mask_set")

    def close(self) -> None:
        self.closed = True

    def _fail(self, name: str) -> None:
        if name == self.failing:
            raise self.error


@pytest.mark.parametrize("error", [PulseError(1), CallError("pa_context_get_source_info_list")])
@pytest.mark.parametrize("failing", ["connect", "server_info", "source_list", "event_mask_set"])
def test_a_server_that_goes_away_at_any_call_is_no_server(
    failing: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse = Pulse(failing, error)
    made_up = SimpleNamespace(
        Pulse=lambda name, connect: pulse,
        PulseError=PulseError,
        _pulsectl=SimpleNamespace(LibPulse=SimpleNamespace(CallError=CallError)),
    )
    monkeypatch.setattr(binding, "load", object)
    monkeypatch.setattr(module, "_pulsectl", lambda: made_up)
    with pytest.raises(NoServer, match=r"^The sound server is gone\.$"):
        if failing == "event_mask_set":
            with server() as one:
                one.listen("sink")
        else:
            list_devices()
    assert pulse.closed
