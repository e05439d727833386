"""What becomes of pictures on their way to the windows; the windows are recorded, not shown."""

from __future__ import annotations

import asyncio

import av
import pytest

from meshconf.conference import gallery as gallery_module
from meshconf.conference.gallery import Gallery
from meshconf.pictures.bus import PictureReader
from meshconf.types import PeerId, SourceKind

ANA = PeerId("ana")
CAMERA = SourceKind.CAMERA


class RecordedWindows:
    """Stands for the window host: notes what it is told."""

    def __init__(self, on_lost: object = None) -> None:
        self.told: list[tuple[str, ...]] = []
        self.shapes: list[tuple[int, ...]] = []
        self.hidden = asyncio.Event()

    async def start(self) -> None:
        self.told.append(("start",))

    async def close(self) -> None:
        self.told.append(("close",))

    def show(self, key: str, title: str, bus: str) -> None:
        self.told.append(("show", key, title))
        reader = PictureReader(bus)
        picture = reader.read()
        assert picture is not None
        self.shapes.append(picture.shape)
        reader.close()

    def blank(self, key: str, text: str) -> None:
        self.told.append(("blank", key, text))

    def reopen(self, key: str) -> None:
        self.told.append(("reopen", key))

    def hide(self, key: str) -> None:
        self.told.append(("hide", key))
        self.hidden.set()


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> RecordedWindows:
    windows = RecordedWindows()
    monkeypatch.setattr(gallery_module, "WindowHost", lambda on_lost: windows)
    return windows


async def started() -> Gallery:
    gallery = Gallery(windows=True, on_notice=pytest.fail)
    await gallery.start()
    return gallery


async def test_a_camera_that_is_toggled_keeps_its_window(windows: RecordedWindows) -> None:
    gallery = await started()
    assert gallery.see(ANA, CAMERA, "Ana", av.VideoFrame(64, 36, "yuv420p"))
    gallery.forget(ANA, CAMERA)
    assert windows.told[-1] == ("blank", "ana/camera", "camera off")
    assert gallery.see(ANA, CAMERA, "Ana", av.VideoFrame(64, 36, "yuv420p")), "the first of the new ones"
    assert windows.told[-2:] == [("reopen", "ana/camera"), ("show", "ana/camera", "Ana")]
    await gallery.close()
    assert "hide" not in {words[0] for words in windows.told}


async def test_the_window_of_a_source_that_stays_off_closes(
    windows: RecordedWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_module, "LINGER", 0.0)
    gallery = await started()
    gallery.see(ANA, CAMERA, "Ana", av.VideoFrame(64, 36, "yuv420p"))
    gallery.forget(ANA, CAMERA)
    await asyncio.wait_for(windows.hidden.wait(), 5)
    assert windows.told[-1] == ("hide", "ana/camera")
    await gallery.close()


async def test_nothing_is_hidden_after_the_end(windows: RecordedWindows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "LINGER", 0.0)
    gallery = await started()
    gallery.forget(ANA, CAMERA)
    await gallery.close()
    await asyncio.sleep(0)
    assert windows.told[-1] == ("close",)


@pytest.mark.parametrize(
    ("width", "height", "form"), [(641, 361, "yuv420p"), (640, 360, "yuv422p"), (640, 360, "rgb24"), (1, 1, "yuv420p")]
)
async def test_pictures_of_any_form_and_odd_sizes_are_shown(
    windows: RecordedWindows, width: int, height: int, form: str
) -> None:
    gallery = await started()
    gallery.see(ANA, CAMERA, "Ana", av.VideoFrame(width, height, form))
    rows, columns = windows.shapes[0]
    assert (columns, rows) == (max(2, width & ~1), max(2, height & ~1) * 3 // 2)
    await gallery.close()


async def test_without_windows_pictures_are_counted_all_the_same() -> None:
    gallery = Gallery(windows=False, on_notice=pytest.fail)
    await gallery.start()
    assert gallery.see(ANA, CAMERA, "Ana", av.VideoFrame(641, 361, "yuv420p"))
    assert not gallery.see(ANA, CAMERA, "Ana", av.VideoFrame(641, 361, "yuv420p"))
    view = gallery.view(ANA, CAMERA)
    assert view is not None and (view.frames, view.width, view.height) == (2, 641, 361)
    gallery.forget(ANA, CAMERA)
    assert gallery.view(ANA, CAMERA) is None
    await gallery.close()
