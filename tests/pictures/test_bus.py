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

from meshconf.pictures.bus import MAX_BYTES, PictureReader, PictureWriter
from meshconf.pictures.i420 import Picture, planes_of
from tests.pictures.plain import plain

WRITER_AT_FULL_SPEED = """
    import sys
    import numpy as np
    from meshconf.pictures.bus import PictureWriter

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


def test_the_newest_picture_is_known_without_reading_it(writer: PictureWriter, reader: PictureReader) -> None:
    assert reader.newest() is None
    before = time.monotonic()
    writer.write(plain(32, 16, (5, 6, 7)), timestamp=90_000 * 2**20, captured=before)
    writer.write(plain(64, 48, (5, 6, 7)), timestamp=-3000, captured=before + 0.5)
    info = reader.newest()
    assert info is not None
    assert (info.width, info.height, info.number, info.timestamp) == (64, 48, 2, -3000)
    assert info.captured == pytest.approx(before + 0.5, abs=1e-6)
    assert before <= info.written <= time.monotonic()
    assert same(reader.read(), plain(64, 48, (5, 6, 7))), "knowing is not reading"
    assert reader.taken == info


def test_several_readers_each_get_the_newest(writer: PictureWriter) -> None:
    readers = [PictureReader(writer.name) for _ in range(3)]
    writer.write(plain(64, 48, (1, 2, 3)))
    assert all(same(reader.read(), plain(64, 48, (1, 2, 3))) for reader in readers)
    readers.pop().close()
    writer.write(plain(64, 48, (4, 5, 6)))
    for reader in readers:
        assert same(reader.read(), plain(64, 48, (4, 5, 6)))
        reader.close()


def test_planes_of_any_stride_make_the_same_picture(writer: PictureWriter, reader: PictureReader) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (72, 64), dtype=np.uint8)
    luma, blue, red = (np.pad(plane, ((0, 0), (0, 32)))[:, :-32] for plane in planes_of(picture))
    assert not luma.flags.contiguous
    writer.write_planes((luma, blue, red))
    assert same(reader.read(), picture)


def test_planes_that_do_not_fit_each_other_are_refused(writer: PictureWriter, reader: PictureReader) -> None:
    luma, chroma = np.zeros((48, 64), np.uint8), np.zeros((24, 32), np.uint8)
    for planes in ((luma, chroma, chroma[:-1]), (luma[:, :-1], chroma, chroma), (luma[:-1], chroma, chroma)):
        with pytest.raises(ValueError, match="planes|reshape"):
            writer.write_planes(planes)
    assert reader.newest() is None


def test_nonsense_in_the_headers_is_no_picture(writer: PictureWriter, reader: PictureReader) -> None:
    writer.write(plain(64, 48, (1, 2, 3)))
    foreign = SharedMemory(writer.name)
    slot = np.ndarray(8, np.uint64, foreign.buf, 64 + (64 + writer.capacity) * 1)
    assert slot[1:3].tolist() == [64, 48]
    for width, height in ((0, 48), (64, 0), (63, 48), (2**40, 48), (2**63, 2), (64, 50)):
        slot[1:3] = width, height
        assert reader.newest() is None
        assert reader.read() is None
    slot[1:3] = 64, 48
    assert reader.read() is not None
    del slot
    foreign.close()


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
    # Those of this process alone: other workers make and drop theirs meanwhile.
    def ours() -> set[str]:
        return {name for name in os.listdir("/dev/shm") if name.startswith(f"meshconf-{os.getpid()}-")}

    before = ours()

    def full(descriptor: int, offset: int, length: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        PictureWriter(6)
    assert ours() <= before


def test_reading_in_another_process_neither_unlinks_nor_warns(writer: PictureWriter) -> None:
    script = "import sys; from meshconf.pictures.bus import PictureReader as R; print(R(sys.argv[1]).read() is None)"
    done = subprocess.run(
        [sys.executable, "-c", script, writer.name], capture_output=True, text=True, timeout=20, check=True
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    PictureReader(writer.name).close()
