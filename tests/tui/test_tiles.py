"""Pictures on the meeting page: they are where they should be, and what nobody sees is neither read nor sent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from meshconf.media.terminal import Depth
from meshconf.media.tiling import Tile as Place
from meshconf.pictures.bus import PictureReader, PictureWriter
from meshconf.pictures.i420 import Picture
from meshconf.tui.app import MeshconfApp
from meshconf.tui.screens.meeting import MeetingScreen
from meshconf.tui.widgets.tile import Band, Tile
from meshconf.tui.widgets.tile_board import TileBoard, depth_of
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE, FakeEngine
from tests.tui.film import BLACK, WHITE, Colour, plain
from tests.tui.golden import screen_text
from tests.tui.stage import meeting, tell, until, until_text

RED: Colour = (82, 90, 240)
ROOMY = (100, 30)
Rgb = tuple[int, int, int]


class Buses:
    """Picture buses that a test writes."""

    def __init__(self) -> None:
        self._writers: dict[str, PictureWriter] = {}

    def show(self, peer: str, picture: Picture, kind: str = "camera") -> dict[str, Any]:
        """A picture on a bus of its own, and the event that says where it is."""
        writer = PictureWriter(100_000)
        writer.write(picture)
        self._writers[writer.name] = writer
        return {"event": "picture", "peer": peer, "source": kind, "bus": writer.name}

    def write(self, event: dict[str, Any], picture: Picture) -> None:
        """Another picture on the same bus."""
        self._writers[event["bus"]].write(picture)

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


@pytest.fixture(autouse=True)
def true_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the terminals of today, whatever this test runs in."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def buses() -> Iterator[Buses]:
    """Buses that go with the test."""
    buses = Buses()
    yield buses
    buses.close()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[PictureReader]:
    """Readers whenever they are asked for a picture."""
    reads: list[PictureReader] = []
    read = PictureReader.read

    def counted(reader: PictureReader) -> Picture | None:
        reads.append(reader)
        return read(reader)

    monkeypatch.setattr(PictureReader, "read", counted)
    return reads


def engine(*events: dict[str, Any], windows: bool = False) -> FakeEngine:
    """Three people; Bob shares his screen, Cleo's camera and ours are on."""
    return FakeEngine([*THREE_PEOPLE, {"event": "windows", "open": windows}, *events])


def colours(app: MeshconfApp) -> list[list[tuple[Rgb, Rgb]]]:
    """Upper and lower colour of each cell on the screen."""
    lines = []
    for strip in app.screen._compositor.render_strips():
        line: list[tuple[Rgb, Rgb]] = []
        for text, style, _ in strip:
            inks = (style.color, style.bgcolor) if style is not None else (None, None)
            ink, ground = (tuple(one.get_truecolor()) if one is not None else (0, 0, 0) for one in inks)
            line += [(ink if character == "▀" else ground, ground) for character in text]  # type: ignore[misc]
        lines.append(line)
    return lines


def area(app: MeshconfApp, colour: Rgb) -> tuple[int, int, int, int] | None:
    """First and last column, and first and last row, that show a colour in both halves."""
    places = [(x, y) for y, line in enumerate(colours(app)) for x, cell in enumerate(line) if cell == (colour, colour)]
    if not places:
        return None
    across, down = zip(*places, strict=True)
    return min(across), max(across), min(down), max(down)


def views(engine: FakeEngine) -> dict[tuple[str, str], tuple[int, int]]:
    """What the engine was told of, in its last form, and in which height and rate."""
    told = [command for command in engine.said() if command["do"] == "view"]
    return {(one["peer"], one["source"]): (one["height"], one["fps"]) for one in told}


async def at_rest(pilot: Pilot[int], seconds: float = 0.5) -> None:
    """Long enough for layout, pictures and words to the engine."""
    await pilot.pause(seconds)


async def test_a_roomy_terminal_without_windows_shows_pictures_unasked(buses: Buses) -> None:
    shared, ours = buses.show(BOB, plain(RED, 64, 36), "screen"), buses.show(ADA, plain(WHITE))
    async with meeting(engine(shared, ours), ROOMY) as (app, pilot, _):
        await until(lambda: area(app, (255, 0, 0)) is not None and area(app, (255, 255, 255)) is not None)
        left, right, top, bottom = area(app, (255, 0, 0)) or (0,) * 4
        small = area(app, (255, 255, 255)) or (0,) * 4
        assert right - left + 1 >= 50 and (right - left + 1) / (bottom - top + 1) == pytest.approx(32 / 9, rel=0.1)
        assert small[1] - small[0] < (right - left) / 2 and small[2] > bottom
        text = screen_text(app)
        assert "Bob Kahn: screen" in text.splitlines()[bottom + 1]
        assert "You" in text.splitlines()[small[3] + 1]
        assert "no picture yet" in text, "Cleo's"
        assert "People · 3" in text and "Chat" in text


@pytest.mark.parametrize(("size", "windows"), [((99, 30), False), ((100, 29), False), ((140, 40), True)])
async def test_elsewhere_only_whoever_asks_sees_pictures(size: tuple[int, int], windows: bool, buses: Buses) -> None:
    async with meeting(engine(buses.show(CLEO, plain(RED)), windows=windows), size) as (app, pilot, engine_):
        await at_rest(pilot)
        assert area(app, (255, 0, 0)) is None and views(engine_) == {}
        await pilot.press("p")
        await until(lambda: area(app, (255, 0, 0)) is not None)
        await until(lambda: (CLEO, "camera") in views(engine_))
        await pilot.press("p")
        await at_rest(pilot)
        assert area(app, (255, 0, 0)) is None


async def test_until_the_engine_knows_of_windows_nothing_is_shown(buses: Buses) -> None:
    async with meeting(FakeEngine([*THREE_PEOPLE, buses.show(CLEO, plain(RED))]), ROOMY) as (app, pilot, engine):
        await at_rest(pilot)
        assert area(app, (255, 0, 0)) is None
        await tell(pilot, engine, {"event": "windows", "open": False})
        await until(lambda: area(app, (255, 0, 0)) is not None)


async def test_the_key_is_offered_where_there_is_room_and_somebody_to_see() -> None:
    quiet = [event for event in THREE_PEOPLE if event.get("source") not in ("camera", "screen")]
    async with meeting(FakeEngine(quiet), (80, 24)) as (app, pilot, _):
        await until_text(app, lambda text: "p Pictures" in text)
        await pilot.press("p")
        await until(lambda: "Nobody's camera or screen is on." in screen_text(app))
        await pilot.resize_terminal(60, 20)
        await until(lambda: "p Pictures" not in screen_text(app))


async def test_what_is_shown_is_said_in_pixels_and_what_is_not_any_more_too() -> None:
    async with meeting(engine(), ROOMY) as (app, pilot, engine_):
        await until(lambda: len(views(engine_)) == 3)
        before = views(engine_)
        assert set(before) == {(BOB, "screen"), (CLEO, "camera"), (ADA, "camera")}
        assert before[BOB, "screen"][0] > before[CLEO, "camera"][0] == before[ADA, "camera"][0] >= 8
        assert {fps for _, fps in before.values()} == {10}
        await tell(pilot, engine_, {"event": "source", "peer": BOB, "source": "screen", "state": "off"})
        await until(lambda: views(engine_)[BOB, "screen"] == (0, 0))
        await until(lambda: views(engine_)[CLEO, "camera"][0] == before[BOB, "screen"][0])
        await pilot.resize_terminal(60, 20)
        await until(lambda: set(views(engine_).values()) == {(0, 0)})
        await pilot.resize_terminal(*ROOMY)
        await until(lambda: views(engine_)[CLEO, "camera"][0] == before[BOB, "screen"][0])


async def test_a_storm_of_sizes_is_said_once() -> None:
    async with meeting(engine(), ROOMY) as (app, pilot, engine_):
        await until(lambda: len(views(engine_)) == 3)
        engine_.commands.clear()
        for width in range(101, 130, 4):
            await pilot.resize_terminal(width, 30)
        await at_rest(pilot)
        assert len([one for one in engine_.said() if one["peer"] == CLEO]) <= 2


async def test_pictures_move(buses: Buses) -> None:
    event = buses.show(CLEO, plain(BLACK))
    async with meeting(engine(event), ROOMY) as (app, _, _):
        await until(lambda: area(app, (0, 0, 0)) is not None)
        half = plain(BLACK)
        half[:36, :32] = WHITE[0]
        buses.write(event, half)
        await until(lambda: area(app, (255, 255, 255)) is not None)
        white, black = area(app, (255, 255, 255)), area(app, (0, 0, 0))
        assert white is not None and black is not None and white[1] < black[0] and white[2:] == black[2:]


async def test_pictures_follow_to_another_bus_and_go_with_it(buses: Buses) -> None:
    first, second = buses.show(CLEO, plain(RED)), buses.show(CLEO, plain(WHITE, 128, 72))
    async with meeting(engine(first), ROOMY) as (app, pilot, engine_):
        await until(lambda: area(app, (255, 0, 0)) is not None)
        await tell(pilot, engine_, second)
        await until(lambda: area(app, (255, 255, 255)) is not None and area(app, (255, 0, 0)) is None)
        await tell(pilot, engine_, {**second, "bus": None})
        await until(lambda: area(app, (255, 255, 255)) is None)
        await tell(pilot, engine_, first)
        await until(lambda: area(app, (255, 0, 0)) is not None)


@pytest.mark.parametrize("bus", ["meshconf-gone", "../../etc/passwd", 7, "x" * 200])
async def test_a_bus_that_is_none_is_no_picture_yet(bus: object) -> None:
    wrong = {"event": "picture", "peer": CLEO, "source": "camera", "bus": bus}
    unknown = {"event": "picture", "peer": "nobody", "source": "camera", "bus": "b"}
    async with meeting(engine(wrong, unknown, {**wrong, "source": "smell"}), ROOMY) as (app, pilot, _):
        await at_rest(pilot)
        await until_text(app, lambda text: "no picture yet" in text and "Cleo Nakamura" in text)


async def test_nothing_is_read_while_it_is_not_on_the_screen(buses: Buses, reads: list[PictureReader]) -> None:
    async with meeting(engine(buses.show(CLEO, plain(RED))), ROOMY) as (app, pilot, _):
        await until(lambda: len(reads) > 5)
        for open_, back in (("i", "escape"), ("p", "p")):
            await pilot.press(open_)
            await at_rest(pilot, 0.2)
            count = len(reads)
            await at_rest(pilot, 0.5)
            assert len(reads) == count
            await pilot.press(back)
            await until(lambda count=count: len(reads) > count)  # type: ignore[misc]


async def test_a_board_that_goes_lets_go_of_the_memory(buses: Buses, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[PictureReader] = []
    close = PictureReader.close

    def counted(reader: PictureReader) -> None:
        closed.append(reader)
        close(reader)

    monkeypatch.setattr(PictureReader, "close", counted)
    async with meeting(engine(buses.show(CLEO, plain(RED))), ROOMY) as (app, pilot, _):
        await until(lambda: area(app, (255, 0, 0)) is not None)
        closed.clear()
        await pilot.press("p")
        await until(lambda: len(closed) == 1)
        await pilot.press("p")
        await until(lambda: area(app, (255, 0, 0)) is not None)
        closed.clear()
    assert len(closed) == 1


async def test_a_terminal_that_does_not_keep_up_is_drawn_less(
    buses: Buses, reads: list[PictureReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    behind: list[bool] = []

    def slow() -> bool:
        behind.append(True)
        return True

    monkeypatch.setattr("tests.tui.stage.MeshconfApp", partial(MeshconfApp, behind=slow))
    async with meeting(engine(buses.show(CLEO, plain(RED))), ROOMY) as (_, pilot, _):
        await until(lambda: len(behind) >= 2)
        count = len(reads)
        await until(lambda: len(behind) >= 3)
        assert len(reads) == count


async def test_who_speaks_is_marked_and_who_has_no_room_is_counted() -> None:
    crowd = [
        event
        for n in range(12)
        for event in (
            {"event": "peer", "peer": f"guest{n}", "name": f"Guest {n}", "state": "connected"},
            {"event": "source", "peer": f"guest{n}", "source": "camera", "state": "on"},
        )
    ]
    off = {"event": "source", "peer": BOB, "source": "screen", "state": "off"}
    async with meeting(engine(*crowd, off), ROOMY) as (app, pilot, engine_):
        await tell(pilot, engine_, {"event": "levels", "levels": {CLEO: {"db": -20, "speaking": True}}})
        await until(lambda: "● Cleo Nakamura" in screen_text(app))
        board = app.screen
        assert isinstance(board, MeetingScreen)
        shown = len(views(engine_))
        await until_text(app, lambda text: 1 < shown < 14 and f" +{14 - shown}" in text)


async def test_a_picture_of_another_shape_makes_the_large_place_of_that_shape(buses: Buses) -> None:
    event = buses.show(BOB, plain(RED, 36, 64), "screen")
    async with meeting(engine(event), ROOMY) as (app, pilot, engine_):
        await until(lambda: (views(engine_).get((BOB, "screen")) or (0, 0))[0] >= 2 * 15)
        left, right, top, bottom = area(app, (255, 0, 0)) or (0,) * 4
        assert bottom - top + 1 == views(engine_)[BOB, "screen"][0] / 2
        assert right - left + 1 == pytest.approx(2 * (bottom - top + 1) * 9 / 16, abs=1)


async def test_bars_have_the_colour_of_the_page_in_either_theme(buses: Buses) -> None:
    event = buses.show(CLEO, plain(RED, 48, 36))
    off = {"event": "source", "peer": BOB, "source": "screen", "state": "off"}
    mine = {"event": "source", "peer": ADA, "source": "camera", "state": "off"}
    async with meeting(engine(event, off, mine), ROOMY) as (app, pilot, _):
        for key in ("", "ctrl+t", "ctrl+t"):
            if key:
                await pilot.press(key)
            await at_rest(pilot, 0.3)
            left, _, top, _ = area(app, (255, 0, 0)) or (0,) * 4
            page = app.screen.background_colors[1].rgb
            assert left > 6 and colours(app)[top][left - 1] == (page, page)


async def test_pictures_behind_a_dialog_are_dimmed_and_not_broken(buses: Buses) -> None:
    async with meeting(engine(buses.show(CLEO, plain(WHITE))), ROOMY) as (app, pilot, _):
        await until(lambda: area(app, (255, 255, 255)) is not None)
        await pilot.press("question_mark")
        await at_rest(pilot, 0.3)
        await until_text(app, lambda text: area(app, (255, 255, 255)) is None and "camera, screen on or off" in text)
        await pilot.press("escape")
        await until(lambda: area(app, (255, 255, 255)) is not None)


async def test_a_tile_that_becomes_smaller_may_be_painted_before_it_is_laid_out(buses: Buses) -> None:
    async with meeting(engine(buses.show(CLEO, plain(RED))), (160, 45)) as (app, _, _):
        await until(lambda: area(app, (255, 0, 0)) is not None)
        tile = next(one for one in app.screen.query(Tile) if one.has_class("shown"))
        bands = [band for band in tile.query(Band) if band.size.width]
        assert len(bands) > 1
        tile.put(Place(0, 0, 12, 6), Depth.TRUE)
        for band in bands:
            width, height = band.size
            lines = band.render_lines(Region(0, 0, width, height))
            assert [line.cell_length for line in lines] == [width] * height


async def test_an_exported_picture_of_the_page_shows_the_tiles(buses: Buses) -> None:
    async with meeting(engine(buses.show(CLEO, plain(RED))), ROOMY) as (app, _, _):
        await until(lambda: area(app, (255, 0, 0)) is not None)
        assert "#ff0000" in app.export_screenshot()


@pytest.mark.parametrize(
    ("system", "depth"),
    [("truecolor", Depth.TRUE), ("256", Depth.PALETTE), ("standard", Depth.SHADES), (None, Depth.SHADES)],
)
def test_depth_is_what_the_terminal_has(system: str | None, depth: Depth) -> None:
    assert depth_of(system) is depth


async def test_a_board_may_be_told_anything_before_it_is_there() -> None:
    board = TileBoard(lambda: 0.0, lambda: False)
    board.shut()
    board.show_levels()
    assert not board.is_open
