from __future__ import annotations

import pytest

from meshconf.devices.screen_area import area_of
from meshconf.errors import DeviceError, DeviceKind, Remedy
from meshconf.types import Area

LEFT = {"left": -1366, "top": 12, "width": 1366, "height": 767}
RIGHT = {"left": 0, "top": 0, "width": 1920, "height": 1080}
MONITORS = [{"left": -1366, "top": 0, "width": 3286, "height": 1081}, LEFT, RIGHT]


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("default", Area(-1366, 12, 1366, 766)),
        ("1", Area(-1366, 12, 1366, 766)),
        ("2", Area(0, 0, 1920, 1080)),
        ("all", Area(-1366, 0, 3286, 1080)),
        ("region:800x601+1366+20", Area(0, 20, 800, 600)),
        ("16x16+0+0", Area(-1366, 0, 16, 16)),
        ("3286x1081+0+0", Area(-1366, 0, 3286, 1080)),
    ],
)
def test_names_mean_a_part_of_the_display(name: str, area: Area) -> None:
    assert area_of(name, MONITORS) == area


@pytest.mark.parametrize(
    ("x", "y", "pixel"),
    [(0, 0, (-1366, 12)), (0.5, 0.25, (-683, 203)), (0.9999, 0.9999, (-1, 777)), (1, 1, (-1, 777))],
)
def test_shares_of_an_area_are_pixels_of_the_display(x: float, y: float, pixel: tuple[int, int]) -> None:
    assert Area(-1366, 12, 1366, 766).pixel(x, y) == pixel


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("0", "has 2"),
        ("3", "has 2"),
        ("HDMI-1", "has 2"),
        ("-1", "has 2"),
        ("region:100x100", "has 2"),
        ("99999", "has 2"),
        ("region:100x100+3187+0", "not on the display"),
        ("region:100x100+0+982", "not on the display"),
        ("10x100+0+0", "too small"),
    ],
)
def test_what_is_not_there_is_told_with_what_can_be_said(name: str, sentence: str) -> None:
    with pytest.raises(DeviceError, match=sentence) as error:
        area_of(name, MONITORS)
    assert (error.value.kind, error.value.remedy) == (DeviceKind.SCREEN, Remedy.CHOOSE_AREA)
