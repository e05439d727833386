"""Which part of the display is meant: one monitor, all of them, or a region. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from meshconf.errors import DeviceError, DeviceKind, Remedy
from meshconf.types import Area

_REGION = re.compile(r"(?:region:)?(\d{1,5})x(\d{1,5})\+(\d{1,5})\+(\d{1,5})")
_SMALLEST = 16
"""Pixels of a region in each direction, at least: a macroblock."""


def area_of(name: str, monitors: Sequence[Mapping[str, int]]) -> Area:
    """What a person means, of even size, since 4:2:0 has no half samples of colour.

    Args:
        name: `default` (the first monitor), a monitor's number, `all`, or `region:WxH+X+Y`, where `region:` may be left
            out; X and Y count from the upper left corner of all monitors together.
        monitors: as mss lists them: first all together, then each.

    Raises:
        DeviceError: there is no such monitor, or the region is not on the display.
    """
    if (region := _REGION.fullmatch(name)) is not None:
        width, height, left, top = map(int, region.groups())
        return _region(width, height, left, top, monitors[0])
    count = len(monitors) - 1
    number = {"default": 1, "all": 0}.get(name, int(name) if name.isdecimal() and len(name) <= 3 else -1)
    if not 0 <= number <= count or (number == 0 and name != "all"):
        raise _absent(f"There is no screen {name!r}; this display has {count}.")
    chosen = monitors[number]
    return Area(chosen["left"], chosen["top"], _even(chosen["width"]), _even(chosen["height"]))


def _region(width: int, height: int, left: int, top: int, whole: Mapping[str, int]) -> Area:
    # Where a display reaches left of its first monitor, its own corner has negative coordinates.
    area = Area(whole["left"] + left, whole["top"] + top, _even(width), _even(height))
    if left + width > whole["width"] or top + height > whole["height"]:
        raise _absent(
            f"The region {width}x{height}+{left}+{top} is not on the display, which has "
            f"{whole['width']}x{whole['height']} pixels."
        )
    if min(width, height) < _SMALLEST:
        raise _absent(f"A region of {width}x{height} pixels is too small to be shared.")
    return area


def _even(pixels: int) -> int:
    return pixels - pixels % 2


def _absent(sentence: str) -> DeviceError:
    return DeviceError(sentence, kind=DeviceKind.SCREEN, remedy=Remedy.CHOOSE_AREA)
