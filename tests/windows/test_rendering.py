import cv2
import numpy as np
import pytest

from meshconf.pictures.i420 import Picture
from meshconf.windows.geometry import Rect
from meshconf.windows.rendering import render
from meshconf.windows.viewport import Shown

SIZE = (1280, 720)


def scene() -> Picture:
    """Soft colours that differ everywhere."""
    across, down = np.meshgrid(np.linspace(0, 255, SIZE[0]), np.linspace(0, 255, SIZE[1]))
    colours = np.stack([across, down, 255 - across], axis=2).astype(np.uint8)
    picture: Picture = cv2.cvtColor(colours, cv2.COLOR_BGR2YUV_I420)  # type: ignore[assignment]
    return picture


@pytest.mark.parametrize("well", [True, False])
@pytest.mark.parametrize("size", [(640, 360), (641, 361), (400, 225), (200, 113), (1279, 719)])
@pytest.mark.parametrize("source", [Rect(0, 0, 1280, 720), Rect(101, 51, 1280 - 101, 720 - 51)])
def test_a_part_in_a_smaller_size_is_that_part(source: Rect, size: tuple[int, int], well: bool) -> None:
    size = min(size[0], source.width - 1), min(size[1], source.height - 1)
    part = np.zeros((size[1], size[0], 3), np.uint8)
    assert render(scene(), Shown(SIZE, source, Rect(7, 9, *size)), part, well=well) is not well
    whole = cv2.cvtColor(scene(), cv2.COLOR_YUV2BGR_I420)
    cut = whole[source.y : source.y + source.height, source.x : source.x + source.width]
    expected = cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    assert np.abs(part.astype(int) - expected).max() <= 8


def test_in_its_own_size_every_pixel_is_its_own() -> None:
    source = Rect(11, 13, 200, 100)
    part = np.zeros((100, 200, 3), np.uint8)
    assert not render(scene(), Shown(SIZE, source, Rect(0, 0, 200, 100)), part, well=False)
    assert np.array_equal(part, cv2.cvtColor(scene(), cv2.COLOR_YUV2BGR_I420)[13:113, 11:211])
