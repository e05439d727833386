"""A screen to be shared, on a display of its own: pages of small terminal text, text that scrolls, a film all over it.

Everything is drawn beforehand into pixmaps of the X server, so that showing it costs next to nothing.
"""

from __future__ import annotations

import importlib
import io
import keyword
import threading
import time
import tokenize
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from tests.lab.display import Display

WIDTH, HEIGHT = 1920, 1080
_POINTS, _LINE = 11, 13
"""Pixels of letters of 8 points at 96 dots an inch, and of a line of them."""
_FILM = 24
"""Pictures of the film, forth and back."""
_FPS = 30
_WHITE, _GREEN, _BLUE, _YELLOW, _CYAN = (229, 229, 229), (0, 205, 0), (92, 92, 255), (205, 205, 0), (0, 205, 205)
"""As xterm has them."""


class Stage:
    """An X display of 1920x1080; a context manager."""

    def __init__(self, texts: list[Path], *, columns: int = 1) -> None:
        """Describe it.

        Args:
            texts: programs in Python, a page of each is shown.
            columns: how many columns of text a page has, side by side.
        """
        self._texts = texts
        self._columns = columns
        self._display = Display(WIDTH, HEIGHT)
        self._play: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def name(self) -> str:
        """Of the display, such as `:5`."""
        return self._display.name

    def __enter__(self) -> Self:
        from Xlib import X  # type: ignore[import-untyped]
        from Xlib.display import Display as Connection  # type: ignore[import-untyped]

        self._display.__enter__()
        self._connection: Any = Connection(self.name)
        screen = self._connection.screen()
        self._window = screen.root.create_window(
            0, 0, WIDTH, HEIGHT, 0, screen.root_depth, override_redirect=True, background_pixel=0, event_mask=0
        )
        self._context = self._window.create_gc(graphics_exposures=False, subwindow_mode=X.IncludeInferiors)
        self._window.map()
        self._pages = [self._pixmap(_page(text, self._columns)) for text in self._texts]
        self._film = [self._pixmap(_film(number)) for number in range(_FILM)]
        self.page(0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self._connection.close()
        self._display.__exit__(kind, error, at)

    def page(self, number: int) -> None:
        """Show a page of text; it is there when this returns."""
        self._show(self._pages[number])

    def scroll(self) -> None:
        """Let text run by, a line at a time, 30 lines a second, until `stop`."""
        self._start(self._scroll_line)

    def film(self) -> None:
        """Show a film in the whole screen, 30 pictures a second, until `stop`."""
        self._start(lambda number: self._show(self._film[abs(number % (2 * _FILM - 2) - _FILM + 1)]))

    def stop(self) -> None:
        """Stand still."""
        self._stopping.set()
        if self._play is not None:
            self._play.join()
            self._play = None

    def _start(self, step: Any) -> None:
        self.stop()
        self._stopping.clear()

        def play() -> None:
            due, number = time.monotonic(), 0
            while not self._stopping.wait(max(0.0, due - time.monotonic())):
                step(number)
                number += 1
                due += 1 / _FPS

        self._play = threading.Thread(target=play, name="stage")
        self._play.start()

    def _show(self, pixmap: Any) -> None:
        self._window.copy_area(self._context, pixmap, 0, 0, WIDTH, HEIGHT, 0, 0)
        self._connection.sync()

    def _scroll_line(self, number: int) -> None:
        lines = HEIGHT // _LINE
        page = self._pages[number // lines % len(self._pages)]
        kept = (lines - 1) * _LINE
        self._window.copy_area(self._context, self._window, 0, _LINE, WIDTH, kept, 0, 0)
        self._window.copy_area(self._context, page, 0, number % lines * _LINE, WIDTH, _LINE, 0, kept)
        self._connection.sync()

    def _pixmap(self, picture: Any) -> Any:
        pixmap = self._window.create_pixmap(WIDTH, HEIGHT, self._connection.screen().root_depth)
        pixmap.put_pil_image(self._context, 0, 0, picture)
        self._connection.sync()
        return pixmap


def _page(text: Path, columns: int) -> Any:
    """As much of a program as fits into so many columns, in the colours of its syntax."""
    # Not import statements: type checkers need not have them either.
    matplotlib = importlib.import_module("matplotlib")
    face = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"
    font = importlib.import_module("PIL.ImageFont").truetype(face, _POINTS)
    picture = importlib.import_module("PIL.Image").new("RGB", (WIDTH, HEIGHT))
    pen = importlib.import_module("PIL.ImageDraw").Draw(picture)
    lines, wide = HEIGHT // _LINE, font.getlength("m")
    for token in tokenize.generate_tokens(io.StringIO(text.read_text()).readline):
        for number, part in enumerate(token.string.splitlines()):
            column, row = divmod(token.start[0] - 1 + number, lines)
            if part.strip() and column < columns:
                indent = 0 if number else token.start[1]
                place = (column * WIDTH // columns + 4 + indent * wide, row * _LINE)
                pen.text(place, part, font=font, fill=_colour(token))
    return picture


def _colour(token: tokenize.TokenInfo) -> tuple[int, int, int]:
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return _BLUE
    return {tokenize.STRING: _YELLOW, tokenize.NUMBER: _CYAN, tokenize.COMMENT: _GREEN}.get(token.type, _WHITE)


def _film(number: int) -> Any:
    """Waves of colour that move across."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    waves = [np.sin((columns + 9 * number) / 47), np.sin((rows - 7 * number) / 31), np.sin((rows + columns) / 73)]
    shades = [128 + 50 * waves[one] + 40 * waves[one - 1] for one in range(3)]
    return importlib.import_module("PIL.Image").fromarray(np.stack(shades, axis=2).astype(np.uint8))
