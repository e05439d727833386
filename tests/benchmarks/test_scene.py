"""What every camera sees: a file that Chromium takes for a camera, always the same, stamped when it is looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.scene import PICTURES, Scene, render
from meshconf.media import stamp


def test_the_file_is_y4m_of_whole_pictures(tmp_path: Path) -> None:
    data = render(tmp_path, 64, 48, 15).read_bytes()
    header, _, pictures = data.partition(b"\n")
    assert header.startswith(b"YUV4MPEG2 W64 H48 F15:1 ")
    assert len(pictures) == (2 * PICTURES - 2) * (len(b"FRAME\n") + 64 * 48 * 3 // 2)


def test_it_is_the_same_in_every_run_and_made_once(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    first, second = render(tmp_path / "one", 64, 48, 15), render(tmp_path / "two", 64, 48, 15)
    assert first.read_bytes() == second.read_bytes()
    made = first.stat().st_mtime_ns
    assert render(tmp_path / "one", 64, 48, 15).stat().st_mtime_ns == made


def test_pictures_carry_the_moment_and_move(tmp_path: Path) -> None:
    scene = Scene(render(tmp_path, 320, 180, 15), 15)
    one, other = scene.paint(1000.0), scene.paint(1000.5)
    assert stamp.read(one[:180]) == 1_000_000
    assert stamp.read(other[:180]) == 1_000_500
    assert np.abs(one[64:180].astype(int) - other[64:180]).mean() > 1


def test_looking_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    file = render(tmp_path, 320, 180, 15)
    before = file.read_bytes()
    Scene(file, 15).paint(1000.0)[:] = 0
    assert file.read_bytes() == before
