"""What everybody's camera sees: a person before a room, with the noise of a sensor, so that encoders have honest work.

The test picture of `meshconf --camera test` is too easy for rate control: it needs a fifth of a normal bitrate. This
one is rendered once into a Y4M file, which Chromium takes for a camera; the others map it into memory. It runs forth
and back without a seam. The stamp of the moment is painted in when a picture is taken. Nothing here is random from
run to run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from meshconf.media import stamp

Picture = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

PICTURES = 45
"""Different pictures of a scene; played forth and back they last three seconds at 30 a second."""
_FRAME = b"FRAME\n"
_NOISE = 2.0
"""Standard deviation of the sensor's noise in steps of brightness, as of a webcam in a lit room."""


class Scene:
    """Gives the picture of any moment.

    Has the shape of `meshconf.devices.pattern.Pattern`, so it can take its place.
    """

    def __init__(self, file: Path, fps: int) -> None:
        """Map a file that `render` made.

        Args:
            file: where it lies.
            fps: pictures a second of the scene's own motion.
        """
        with file.open("rb") as opened:
            header = opened.readline()
        fields = {part[:1]: part[1:] for part in header.decode().split()[1:]}
        self.width, self.height = int(fields["W"]), int(fields["H"])
        size = self.width * self.height * 3 // 2
        frames = np.memmap(file, np.uint8, "r", offset=len(header)).reshape(-1, len(_FRAME) + size)
        self._frames: Picture = frames[:, len(_FRAME) :].reshape(-1, self.height * 3 // 2, self.width)
        self._fps = fps

    def paint(self, now: float) -> Picture:
        """The picture of a moment as I420, shape (height * 3 / 2, width), with the stamp in its corner.

        Args:
            now: Unix time in seconds.
        """
        picture: Picture = self._frames[int(now * self._fps) % len(self._frames)].copy()
        stamp.paint(picture[: self.height], int(now * 1000))
        return picture


def render(folder: Path, width: int, height: int, fps: int) -> Path:
    """Make the file of a scene, or find it where it was made before.

    Args:
        folder: where it goes.
        width: pixels, even.
        height: pixels, even.
        fps: what the header says; the pictures are the same for every rate.

    Returns:
        Its place.
    """
    file = folder / f"scene-{width}x{height}-{fps}.y4m"
    if file.exists():
        return file
    dice = np.random.default_rng(4)
    room = _texture(dice, height + 64, width + 64, octaves=6)
    person = _texture(dice, height, width, octaves=5)
    pictures = [_picture(n, room, person, dice) for n in range(PICTURES)]
    unfinished = file.with_suffix(".part")
    with unfinished.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420mpeg2\n".encode())
        for picture in [*pictures, *pictures[-2:0:-1]]:
            out.write(_FRAME + picture.tobytes())
    unfinished.rename(file)
    return file


def _picture(number: int, room: Plane, person: Plane, dice: np.random.Generator) -> Picture:
    height, width = person.shape
    part = number / PICTURES
    # The hand-held camera drifts, the head sways and nods, its surface moves along with it.
    drift = round(8 * part)
    luma = 110 + 60 * room[32 : 32 + height, 24 + drift : 24 + drift + width]
    sway, nod = width * 0.05 * np.sin(2.1 * part * np.pi), height * 0.02 * np.sin(5.0 * part * np.pi)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    across = (columns - width * 0.5 - sway) / (width * 0.17)
    along = (rows - height * 0.45 - nod) / (height * 0.33)
    head = across**2 + along**2 < 1
    shoulders = (along > 0.8) & (np.abs(across) < 1.2 + 0.9 * (along - 0.8))
    moved = np.roll(person, (round(nod), round(sway)), axis=(0, 1))
    luma = np.where(shoulders, 70 + 35 * moved, luma)
    luma = np.where(head, 150 - 40 * along**2 + 30 * moved, luma)
    luma += dice.normal(0, _NOISE, luma.shape).astype(np.float32)
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = np.clip(luma, 16, 235)
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    skin = head[::2, ::2]
    chroma[0] = np.where(skin, 112, 128 + 10 * room[:height:2, :width:2])
    chroma[1] = np.where(skin, 150, 124)
    chroma[:, : (stamp.height(width) + 16) // 2] = 128
    return picture


def _texture(dice: np.random.Generator, height: int, width: int, *, octaves: int) -> Plane:
    """Smooth noise in several sizes, each half as strong as the next larger; about -1 to 1."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 2)
        grid = dice.normal(0, 1, (cells + 2, cells + 2)).astype(np.float32)
        total += _stretch(grid, height, width, cells) * 0.5**octave
    texture: Plane = np.tanh(total * 0.6)
    return texture


def _stretch(grid: Plane, height: int, width: int, cells: int) -> Plane:
    """Bilinear."""
    down, right = np.linspace(0, cells, height, dtype=np.float32), np.linspace(0, cells, width, dtype=np.float32)
    row, column = down.astype(int), right.astype(int)
    lower, later = (down - row)[:, None], (right - column)[None, :]
    upper_edge = grid[row][:, column] * (1 - later) + grid[row][:, column + 1] * later
    lower_edge = grid[row + 1][:, column] * (1 - later) + grid[row + 1][:, column + 1] * later
    stretched: Plane = upper_edge * (1 - lower) + lower_edge * lower
    return stretched
