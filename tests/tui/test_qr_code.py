"""The QR code on the screen can be read by a camera."""

from __future__ import annotations

import cv2
import numpy as np

from meshconf.tui.widgets.qr_code import half_blocks
from tests.tui.fakes import LINK


def test_the_half_blocks_say_the_link() -> None:
    rows = half_blocks(LINK)
    pixels = np.array(
        [[cell in dark for cell in row] for row in rows for dark in ("▀█", "▄█")],
        dtype=np.uint8,
    )
    picture = np.kron(255 * (1 - pixels), np.ones((8, 8), dtype=np.uint8))
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.pad(picture, 32, constant_values=255))
    assert text == LINK


def test_what_no_code_can_hold_is_no_code() -> None:
    assert half_blocks("") == [] and half_blocks("x" * 5000) == []
