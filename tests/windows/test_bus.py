"""Pictures arrive whole, newest first, and leave no memory behind."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.windows.bus import MAX_BYTES, Picture, PictureReader, PictureWriter
from tests.windows.pictures import plain

WRITER_AT_FULL_SPEED = """
    import sys
    import numpy as np
    from meshconf.windows.bus import PictureWriter

    writer = PictureWriter(640 * 480 * 3 // 2)
    print(writer.name, flush=True)
    sizes = [(640, 480), (320, 240), (640, 360)]
    pictures = [np.empty((h * 3 // 2, w), np.uint8) for w, h in sizes]
    count = 0
    while True:
        count += 1
        picture = pictures[count % 3]
        picture[:] = count % 251
        writer.write(picture)
"""


@pytest.fixture
def writer() -> Iterator[PictureWriter]:
    writer = PictureWriter(64 * 48 * 3 // 2)
    yield writer
    writer.close()


@pytest.fixture
def reader(writer: PictureWriter) -> Iterator[PictureReader]:
    reader = PictureReader(writer.name)
    yield reader
    reader.close()


def same(left: Picture | None, right: Picture) -> bool:
    return left is not None and np.array_equal(left, right)


def test_a_picture_is_read_once(writer: PictureWriter, reader: PictureReader) -> None:
    assert reader.read() is None
    picture = plain(64, 48, (1, 2, 3))
    writer.write(picture)
    assert same(reader.read(), picture)
    assert reader.read() is None


def test_only_the_newest_of_several_is_read(writer: PictureWriter, reader: PictureReader) -> None:
    for brightness in range(10):
        writer.write(plain(64, 48, (brightness, 0, 0)))
    read = reader.read()
    assert read is not None and read[0, 0] == 9
    assert reader.read() is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 32), st.integers(1, 24), st.booleans()), max_size=20))
def test_any_size_up_to_the_capacity_arrives_whole(steps: list[tuple[int, int, bool]]) -> None:
    writer = PictureWriter(64 * 48 * 3 // 2)
    reader = PictureReader(writer.name)
    pending = None
    for number, (half_width, half_height, look) in enumerate(steps):
        pending = plain(2 * half_width, 2 * half_height, (number, number + 1, number + 2))
        writer.write(pending)
        if look:
            assert same(reader.read(), pending)
            pending = None
    if pending is None:
        assert reader.read() is None
    else:
        assert same(reader.read(), pending)
    reader.close()
    writer.close()


def test_no_picture_is_torn_by_a_writer_at_full_speed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER_AT_FULL_SPEED)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            reader = PictureReader(process.stdout.readline().strip())
            seen = 0
            deadline = time.monotonic() + 20
            while seen < 1500 and time.monotonic() < deadline:
                picture = reader.read()
                if picture is not None:
                    seen += 1
                    assert picture.shape in {(720, 640), (360, 320), (540, 640)}
                    assert picture.min() == picture.max(), "two pictures in one"
            reader.close()
        finally:
            process.kill()
    assert seen >= 200


def test_the_name_may_go_while_a_reader_stays(writer: PictureWriter, reader: PictureReader) -> None:
    writer.unlink()
    with pytest.raises(FileNotFoundError):
        PictureReader(writer.name)
    writer.write(plain(64, 48, (7, 8, 9)))
    assert reader.read() is not None


def test_a_reader_outlives_its_writer() -> None:
    writer = PictureWriter(6)
    reader = PictureReader(writer.name)
    writer.write(plain(2, 2, (1, 1, 1)))
    writer.close()
    assert reader.read() is not None
    reader.close()
    assert reader.read() is None


def test_the_writer_knows_its_newest_picture(writer: PictureWriter) -> None:
    assert writer.newest() is None
    writer.write(plain(32, 16, (5, 6, 7)))
    assert same(writer.newest(), plain(32, 16, (5, 6, 7)))


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((48, 64, 3), np.uint8),
        np.zeros((72, 64), np.uint16),
        np.zeros((72, 63), np.uint8),
        np.zeros((71, 64), np.uint8),
        np.zeros((0, 64), np.uint8),
        np.zeros((144, 128), np.uint8),
    ],
)
def test_what_is_no_fitting_picture_is_refused(writer: PictureWriter, picture: Picture) -> None:
    with pytest.raises(ValueError, match="picture|I420"):
        writer.write(picture)


def test_foreign_memory_is_not_taken_for_a_bus() -> None:
    memory = SharedMemory(create=True, size=4096)
    try:
        with pytest.raises(ValueError, match="not a picture bus"):
            PictureReader(memory.name)
    finally:
        memory.close()
        memory.unlink()


@pytest.mark.parametrize("capacity", [0, -1, MAX_BYTES + 1])
def test_absurd_capacities_are_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        PictureWriter(capacity)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises memory that it does not have")
def test_a_full_shared_memory_is_an_error_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(os.listdir("/dev/shm"))

    def full(descriptor: int, offset: int, length: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        PictureWriter(6)
    assert set(os.listdir("/dev/shm")) <= before


def test_reading_in_another_process_neither_unlinks_nor_warns(writer: PictureWriter) -> None:
    script = "import sys; from meshconf.windows.bus import PictureReader as R; print(R(sys.argv[1]).read() is None)"
    done = subprocess.run(
        [sys.executable, "-c", script, writer.name], capture_output=True, text=True, timeout=20, check=True
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    PictureReader(writer.name).close()
