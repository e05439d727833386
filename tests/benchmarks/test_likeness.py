from __future__ import annotations

import numpy as np
import pytest

from benchmarks.likeness import psnr, ssim

PICTURE = np.random.default_rng(1).integers(0, 255, (40, 60), np.uint8)


def test_a_picture_is_like_itself() -> None:
    assert ssim(PICTURE, PICTURE) == pytest.approx(1.0)
    assert psnr(PICTURE, PICTURE) == 99.0


def test_noise_makes_them_less_alike_and_the_opposite_is_not_alike() -> None:
    noisy = np.clip(PICTURE.astype(int) + np.random.default_rng(2).integers(-20, 20, PICTURE.shape), 0, 255)
    assert 0.8 < ssim(PICTURE, noisy.astype(np.uint8)) < 0.99
    assert ssim(PICTURE, 255 - PICTURE) < -0.8
    assert psnr(PICTURE, noisy.astype(np.uint8)) == pytest.approx(27, abs=1.5)


def test_a_lost_letter_counts_more_than_a_shade() -> None:
    page = np.full((40, 60), 16, np.uint8)
    lost, shaded = page.copy(), page + np.uint8(2)
    page[10:18, 10:16:2] = shaded[10:18, 10:16:2] = 235
    assert ssim(page, lost) < 0.9 < 0.98 < ssim(page, shaded)
