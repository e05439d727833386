"""The injector's end, on a display that does not do its part; the display is a mock."""

from __future__ import annotations

import sys
from unittest.mock import Mock

import pytest

if sys.platform != "linux":
    pytest.skip("X displays only", allow_module_level=True)

from meshconf.devices.input.x11 import X11Injector

_PARTS = ("_keyboard", "_watch", "_clipboard", "_display")


@pytest.mark.parametrize("broken", ["_fake", *_PARTS])
def test_what_fails_at_the_end_keeps_nothing_else_from_it(broken: str, caplog: pytest.LogCaptureFixture) -> None:
    injector, parts = object.__new__(X11Injector), {name: Mock() for name in ("_fake", *_PARTS)}
    vars(injector).update(parts, _pressed=[1])
    failing = parts["_fake"] if broken == "_fake" else parts[broken].close
    failing.side_effect = ConnectionError("it is gone")
    injector.close()
    assert [parts[name].close.call_count for name in _PARTS] == [1, 1, 1, 1]
    assert caplog.text.count("it is gone") == 1
