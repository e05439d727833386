"""What keys and clicks do for the person's own view; no display needed."""

from __future__ import annotations

import numpy as np
import pytest

from meshconf.pictures.bus import PictureReader
from meshconf.pictures.source import PictureSource
from meshconf.protocol.control.input import Point
from meshconf.windows.board import Board
from meshconf.windows.geometry import Rect
from meshconf.windows.hands import Act, Hands
from meshconf.windows.happenings import Moved
from meshconf.windows.key_focus import KeyFocus
from meshconf.windows.own_view import OwnView
from meshconf.windows.places import Places
from meshconf.windows.steering import Steering
from meshconf.windows.tile import Tile
from meshconf.windows.viewport import View
from meshconf.windows.wire import Mode

SIZE = (800, 600)


def tile_with_picture(*, screen: bool = True) -> Tile:
    source = PictureSource()
    source.write(np.full((SIZE[1] * 3 // 2, SIZE[0]), 90, np.uint8))
    tile = Tile("Ana", screen=screen)
    assert source.name is not None
    tile.attach(PictureReader(source.name))
    assert tile.take(1.0)
    tile.close()
    source.close()
    return tile


@pytest.fixture
def board() -> Board:
    return Board(Places(None), None, lambda _: None)


@pytest.fixture
def view(board: Board, monkeypatch: pytest.MonkeyPatch) -> OwnView:
    monkeypatch.setattr(board, "keys_in", lambda _: list(board.tiles))

    def close(keys: list[str]) -> None:
        for key in keys:
            board.drop(key)

    return OwnView(board, close)


def test_f_changes_the_size_and_arrows_move_what_is_seen(board: Board, view: OwnView) -> None:
    board.tiles["s"] = tile = tile_with_picture()
    tile.paint(np.zeros((300, 400, 3), np.uint8), Rect(0, 0, 400, 300), 1.0)
    view.press("w", "ArrowRight", "s", None, 1.0)
    assert tile.view == View()
    view.press("w", "f", "s", None, 1.0)
    assert tile.view.actual and tile.needs_paint(1.0)
    view.press("w", "ArrowRight", "s", None, 1.0)
    assert tile.view.lay(SIZE, Rect(0, 0, 400, 300)).source == Rect(280, 150, 400, 300)
    view.press("w", "F", None, None, 1.0)
    assert not tile.view.actual


def test_l_goes_round_the_layouts_and_q_closes(board: Board, view: OwnView) -> None:
    board.tiles["s"] = tile_with_picture()
    seen = []
    for _ in range(3):
        view.press("w", "l", None, None, 1.0)
        seen.append(board.layout)
    assert seen == ["grid", "stage", "windows"]
    view.press("w", "x", None, None, 1.0)
    assert board.tiles
    view.press("w", "q", None, None, 1.0)
    assert not board.tiles


def test_a_double_click_makes_a_face_large_and_another_one_small(board: Board, view: OwnView) -> None:
    board.arrange("grid")
    for now in (1.0, 2.0, 2.1):
        view.click("a", 50, 50, now)
        assert board.layout == ("stage" if now > 2 else "grid")
    board.arrange("grid")
    view.click("a", 50, 50, 3.0)
    view.click("b", 50, 50, 3.1)
    view.click("b", 90, 50, 3.2)
    assert board.layout == "grid"


def test_a_screen_that_moves_is_painted_fast_and_then_well() -> None:
    tile, canvas = tile_with_picture(), np.zeros((300, 400, 3), np.uint8)
    tile._moving = True
    tile.paint(canvas, Rect(0, 0, 400, 300), 1.05)
    assert not tile.needs_paint(1.1) and tile.needs_paint(1.2)
    tile.paint(canvas, Rect(0, 0, 400, 300), 1.2)
    assert not tile.needs_paint(5.0)
    face = tile_with_picture(screen=False)
    face._moving = True
    face.paint(canvas, Rect(0, 0, 400, 300), 1.05)
    assert not face.needs_paint(9.0), "a face is not read"


def test_keys_go_to_the_controlled_picture_of_the_focused_window_only(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: dict[str, Mode] = {"a": "watch", "b": "control", "c": "control"}
    for key, mode in modes.items():
        board.tiles[key] = Tile(key, screen=True)
        board.tiles[key].hands = Hands(mode)
    monkeypatch.setattr(board, "keys_in", lambda window: ["a", "b", "c"] if window == "w" else [])
    focus = KeyFocus(board, None, lambda *_: None)
    focus.place({})
    assert focus.key is None
    focus.follow("w", True)
    focus.place({"w": "a"})
    assert focus.key == "b"
    focus.place({"w": "c"})
    assert focus.key == "c" and focus.hands is board.tiles["c"].hands
    focus.place({})
    assert focus.key == "c", "it stays where it was"
    focus.follow("other", False)
    focus.place({})
    assert focus.key == "c"
    focus.follow("w", False)
    focus.place({"w": "c"})
    assert focus.key is None


class PaneWithOnePicture:
    """Stands for a window that a single picture fills."""

    def at(self, x: float, y: float) -> str:
        """The picture there."""
        return "s"

    def to_canvas(self, x: float, y: float) -> tuple[float, float]:
        """The same place."""
        return x, y


def test_who_points_points_no_more_when_another_layout_takes_the_window_away(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts: list[Act] = []
    steering = Steering(board, None, lambda _, act: acts.append(act), lambda _: None)
    board.tiles["s"] = tile = tile_with_picture()
    tile.paint(np.zeros((300, 400, 3), np.uint8), Rect(0, 0, 400, 300), 1.0)
    steering.set_mode("s", "point", 1.0)
    windows = {"w": ("s", PaneWithOnePicture())}
    monkeypatch.setattr(board, "pane", windows.get)
    steering.happen(Moved("w", 200, 150), 1.0)
    steering.turn(1.5)
    assert [type(act) for act in acts] == [Point]
    del windows["w"]
    steering.turn(2.0)
    assert acts[1:] == [Point(-1, -1)]
