from __future__ import annotations

import sys

import numpy as np
import pytest

from meshconf.devices import screen_permission
from meshconf.devices.screen_permission import require_display, require_pixels
from meshconf.errors import DeviceError


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")


@pytest.mark.usefixtures("mac")
def test_macos_that_says_no_is_asked_for_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_permission, "_permitted_by_macos", lambda: False)
    with pytest.raises(DeviceError, match="macOS") as error:
        require_display()
    assert "Screen Recording" in error.value.fix


@pytest.mark.usefixtures("mac")
def test_a_black_first_picture_on_macos_is_no_picture() -> None:
    black = np.zeros((4, 4, 4), np.uint8)
    black[..., 3] = 255
    with pytest.raises(DeviceError, match="macOS"):
        require_pixels(black)
    black[3, 3, 1] = 1
    require_pixels(black)


def test_a_black_screen_elsewhere_is_a_black_screen() -> None:
    require_pixels(np.zeros((4, 4, 4), np.uint8))
