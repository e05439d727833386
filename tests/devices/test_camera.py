import asyncio
import sys
import threading
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meshconf.devices import camera
from meshconf.devices.base import DeviceLost
from meshconf.devices.camera import Camera
from meshconf.errors import DeviceError, DeviceKind


class Capture:
    """Stands for cv2.VideoCapture: gives grey pictures until it is unplugged, and notes who releases it."""

    made: list["Capture"] = []
    opens = True

    def __init__(self, index: int) -> None:
        self.index = index
        self.owner = threading.get_ident()
        self.released_by: list[int] = []
        self.unplugged = False
        Capture.made.append(self)

    def isOpened(self) -> bool:
        return Capture.opens

    def set(self, what: int, value: float) -> bool:
        return True

    def read(self) -> tuple[bool, Any]:
        threading.Event().wait(0.005)
        return (False, None) if self.unplugged else (True, np.full((720, 1280, 3), 128, dtype=np.uint8))

    def release(self) -> None:
        self.released_by.append(threading.get_ident())


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = types.ModuleType("cv2")
    vars(fake).update(
        VideoCapture=Capture,
        VideoWriter=types.SimpleNamespace(fourcc=lambda *letters: 0),
        **{f"CAP_PROP_{name}": 0 for name in ("FOURCC", "FRAME_WIDTH", "FRAME_HEIGHT", "FPS", "BUFFERSIZE")},
    )
    monkeypatch.setitem(sys.modules, "cv2", fake)
    monkeypatch.setattr(camera, "_V4L", tmp_path)
    monkeypatch.setattr(Capture, "opens", True)
    for number, (name, index) in enumerate([("Front Webcam", 0), ("Front Webcam", 1), ("Desk Cam", 0)]):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "name").write_text(name + "\n")
        (tmp_path / f"video{number}" / "index").write_text(f"{index}\n")
    Capture.made.clear()


@pytest.mark.usefixtures("plugged_in")
async def test_pictures_come_in_the_wanted_size_and_close_releases_in_the_owning_thread() -> None:
    source = await asyncio.to_thread(Camera, "desk", 640, 480, 30)
    frame = await asyncio.wait_for(source.read(), 2)
    assert (frame.width, frame.height, frame.format.name) == (640, 480, "yuv420p")
    await asyncio.to_thread(source.close)
    (capture,) = Capture.made
    assert capture.index == 2 and capture.released_by == [capture.owner]


@pytest.mark.usefixtures("plugged_in")
async def test_an_unplugged_camera_is_lost_and_released() -> None:
    source = await asyncio.to_thread(Camera, "default", 640, 480, 30)
    await asyncio.wait_for(source.read(), 2)
    Capture.made[0].unplugged = True
    with pytest.raises(DeviceLost) as lost:
        for _ in range(10):
            await asyncio.wait_for(source.read(), 2)
    assert lost.value.fix
    await asyncio.to_thread(source.close)
    assert len(Capture.made[0].released_by) == 1


@pytest.mark.usefixtures("plugged_in")
def test_metadata_nodes_are_not_cameras() -> None:
    assert camera.cameras() == [(0, "Front Webcam"), (2, "Desk Cam")]


@pytest.mark.usefixtures("plugged_in")
def test_a_camera_in_use_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Capture, "opens", False)
    with pytest.raises(DeviceError, match="another program") as error:
        Camera("default", 640, 480, 30)
    assert error.value.fix and Capture.made[0].released_by


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which cameras there are")
@pytest.mark.parametrize("name", ["default", "97", "/dev/video97", "no such camera"])
def test_a_missing_camera_ends_in_a_sentence_and_a_fix(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(camera, "_V4L", tmp_path)
    with pytest.raises(DeviceError) as error:
        Camera(name, 640, 480, 30)
    assert "camera" in str(error.value) and error.value.kind is DeviceKind.CAMERA
