"""Where windows were is remembered; a file that somebody has spoilt is as good as none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.windows.geometry import Rect
from meshconf.windows.places import Places


def test_places_and_layout_survive(tmp_path: Path) -> None:
    file = tmp_path / "new" / "windows.json"
    places = Places(file)
    places.note("face 0", Rect(10, -20, 640, 360))
    places.layout = "stage"
    places.save()
    again = Places(file)
    assert again.find("face 0") == Rect(10, -20, 640, 360) and again.layout == "stage"
    assert again.find("face 1") is None
    assert [path.name for path in file.parent.iterdir()] == ["windows.json"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"layout":"elsewhere"}',
        b'{"places":{"face 0":{"x":1,"y":1,"width":0,"height":99}}}',
        b'{"places":{"face 0":{"x":99999999999,"y":1,"width":99,"height":99}}}',
        b'{"places":{"../../etc":{"x":1,"y":1,"width":99,"height":99}}}',
        b'{"layout":"grid","places":{}}' + b" " * 20_000,
    ],
)
def test_a_spoilt_file_is_as_good_as_none(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "windows.json"
    file.write_bytes(text)
    places = Places(file)
    assert places.layout == "windows" and places.find("face 0") is None
    places.note("all", Rect(0, 0, 800, 600))
    places.save()
    assert Places(file).find("all") == Rect(0, 0, 800, 600)


@given(st.binary(max_size=300))
def test_no_file_stops_the_windows(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    file = tmp_path_factory.mktemp("places") / "windows.json"
    file.write_bytes(text)
    Places(file)


def test_what_makes_no_sense_is_not_remembered_and_memory_is_bounded(tmp_path: Path) -> None:
    places = Places(tmp_path / "windows.json")
    places.note("face 0", Rect(0, 0, 10, 10))
    assert places.find("face 0") is None
    for number in range(1000):
        places.note(f"face {number}", Rect(0, 0, 100, 100))
    places.save()
    assert (tmp_path / "windows.json").stat().st_size < 16 * 1024
    assert Places(tmp_path / "windows.json").find("face 0") is not None


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    places = Places(tmp_path / "file" / "windows.json")
    places.note("all", Rect(0, 0, 800, 600))
    places.save()
    assert places.find("all") is not None
