"""Mouse and keys as OpenCV tells of them, where there is no X server."""

from __future__ import annotations

import cv2
import pytest

from meshconf.windows.callbacks import key_happenings, key_name, mouse_happening
from meshconf.windows.hands import Stroke
from meshconf.windows.happenings import Focused, Happening, KeyPressed, KeyReleased, Moved, Pressed, Released, Scrolled


@pytest.mark.parametrize(
    ("event", "flags", "happening"),
    [
        (cv2.EVENT_MOUSEMOVE, 0, Moved("w", 3, 4)),
        (cv2.EVENT_LBUTTONDOWN, 1, Pressed("w", "left", 3, 4)),
        (cv2.EVENT_RBUTTONUP, 0, Released("w", "right", 3, 4)),
        (cv2.EVENT_MBUTTONDBLCLK, 0, Pressed("w", "middle", 3, 4)),
        (cv2.EVENT_MOUSEWHEEL, 120 << 16 | 2, Scrolled("w", 0, -1, 3, 4)),
        (cv2.EVENT_MOUSEWHEEL, -7864318, Scrolled("w", 0, 1, 3, 4)),
        (cv2.EVENT_MOUSEHWHEEL, 60 << 16, Scrolled("w", 0.5, 0, 3, 4)),
        (99, 0, None),
    ],
)
def test_calls_for_the_mouse_are_happenings(event: int, flags: int, happening: Happening | None) -> None:
    assert mouse_happening("w", event, 3, 4, flags) == happening


def test_a_key_goes_down_and_comes_up_at_once() -> None:
    stroke = Stroke(ord("a"), "a")
    assert list(key_happenings("w", ord("a"))) == [
        Focused("w", True),
        KeyPressed("w", stroke),
        KeyReleased("w", stroke.number),
    ]
    assert list(key_happenings("w", -1)) == []


@pytest.mark.parametrize(
    ("pressed", "name"),
    [
        (13, "Enter"), (27, "Escape"), (9, "Tab"), (8, "Backspace"), (127, "Backspace"), (ord("Q"), "Q"), (233, "é"),
        (0xF700, "ArrowUp"), (0x250000, "ArrowLeft"), (0xF704, "F1"), (0xF70F, "F12"), (0x700000, "F1"),
        (0x740000, "F5"), (0x7B0000, "F12"), (0x7C0000, None), (1, None), (-1, None), (0x130000, None),
    ],
)  # fmt: skip
def test_results_of_waiting_for_a_key_have_names(pressed: int, name: str | None) -> None:
    assert key_name(pressed) == name
