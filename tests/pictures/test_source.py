"""A source keeps its bus while its pictures fit."""

from __future__ import annotations

import numpy as np
import pytest

from meshconf.pictures import source as source_module
from meshconf.pictures.bus import PictureReader, PictureWriter
from meshconf.pictures.source import PictureSource
from tests.pictures.plain import plain


def brightness_on(name: str | None) -> int:
    assert name is not None
    reader = PictureReader(name)
    picture = reader.read()
    reader.close()
    assert picture is not None
    return int(picture[0, 0])


def test_smaller_pictures_stay_on_the_bus_and_a_larger_one_takes_another() -> None:
    source = PictureSource()
    assert source.name is None
    assert source.write(plain(64, 48, (1, 0, 0)))
    first = source.name
    assert first is not None
    assert not source.write(plain(32, 16, (2, 0, 0)))
    assert not source.write(plain(48, 64, (3, 0, 0)))
    assert source.name == first and brightness_on(first) == 3
    reader = PictureReader(first)
    assert source.write(plain(66, 48, (4, 0, 0)))
    assert source.name != first and brightness_on(source.name) == 4
    with pytest.raises(FileNotFoundError):
        PictureReader(first)
    last = reader.read()
    assert last is not None and last[0, 0] == 3, "who reads the old bus still has its last picture"
    reader.close()
    source.close()
    assert source.name is None


def test_a_source_without_memory_for_a_larger_picture_keeps_the_smaller_ones() -> None:
    made: list[int] = []

    def scarce(capacity: int) -> PictureWriter:
        made.append(capacity)
        if capacity > 64 * 48 * 3 // 2:
            raise OSError("No space left on device")
        return PictureWriter(capacity)

    source = PictureSource(scarce)
    source.write(plain(64, 48, (1, 0, 0)))
    with pytest.raises(OSError, match="No space"):
        source.write(plain(640, 480, (2, 0, 0)))
    assert not source.write(plain(64, 48, (3, 0, 0)))
    assert brightness_on(source.name) == 3
    assert len(made) == 2
    source.close()


def test_what_is_no_picture_is_refused_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[PictureWriter] = []

    def noted(capacity: int) -> PictureWriter:
        made.append(PictureWriter(capacity))
        return made[-1]

    source = source_module.PictureSource(noted)
    with pytest.raises(ValueError, match="I420"):
        source.write(np.zeros((71, 64), np.uint8))
    with pytest.raises(ValueError, match="planes"):
        source.write_planes((np.zeros((48, 64), np.uint8), np.zeros((24, 32), np.uint8), np.zeros((2, 2), np.uint8)))
    assert source.name is None
    for bus in made:
        with pytest.raises(FileNotFoundError):
            PictureReader(bus.name)
