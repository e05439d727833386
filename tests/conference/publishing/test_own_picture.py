"""Our own pictures on their bus: drawn by one thread, given back by another, complained of once."""

from __future__ import annotations

import threading

import av
import pytest

from meshconf.codec.decoding.planes import planes
from meshconf.conference.publishing import own_picture as own_picture_module
from meshconf.conference.publishing.own_picture import OwnPicture
from meshconf.pictures.bus import PictureReader
from tests.conference.table import until

FRAME = av.VideoFrame(64, 36, "yuv420p")


def test_a_picture_is_on_the_bus_once_it_is_drawn_and_gone_once_it_is_closed() -> None:
    own = OwnPicture()
    assert own.name is None
    own.write(FRAME)
    assert own.name is not None
    reader = PictureReader(own.name)
    assert (picture := reader.read()) is not None and picture.shape == (54, 64)
    reader.close()
    own.close()
    own.close()
    own.write(FRAME)
    assert own.name is None


def test_what_cannot_be_drawn_is_complained_of_once_until_it_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own, works = OwnPicture(), planes

    def fail(frame: av.VideoFrame) -> None:
        raise OSError("no memory is left")

    for drawn in (fail, fail, works, fail):
        monkeypatch.setattr(own_picture_module, "planes", drawn)
        own.write(FRAME)
    own.close()
    assert caplog.text.count("no memory is left") == 2


async def test_memory_that_is_being_written_is_not_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    own, works = OwnPicture(), planes
    drawing, go_on = threading.Event(), threading.Event()

    def slow(frame: av.VideoFrame) -> object:
        drawing.set()
        assert go_on.wait(5)
        return works(frame)

    own.write(FRAME)
    monkeypatch.setattr(own_picture_module, "planes", slow)
    writer = threading.Thread(target=own.write, args=(FRAME,))
    closer = threading.Thread(target=own.close)
    writer.start()
    await until(drawing.is_set)
    closer.start()
    closer.join(0.05)
    assert closer.is_alive() and own.name is not None
    go_on.set()
    writer.join()
    closer.join()
    assert own.name is None
