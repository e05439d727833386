"""The picture of one source in half blocks, and below it whose it is; read from the picture bus when told to look.

A tile that shows nothing reads nothing. All runs on the event loop, within two or three milliseconds a picture.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from meshconf.media.terminal import Depth
from meshconf.media.tiling import WIDE
from meshconf.media.tiling import Tile as Place
from meshconf.pictures.bus import PictureReader
from meshconf.tui.participant import Participant
from meshconf.tui.plain import fit
from meshconf.tui.spotlight import Source
from meshconf.tui.widgets.tile_canvas import BANDS, Canvas, bands
from meshconf.types import PeerState, SourceKind


class Band(Widget):
    """Some columns of a picture."""

    ALLOW_SELECT = False

    def __init__(self, number: int) -> None:
        super().__init__(classes="band")
        self._number = number
        self._canvas: Canvas | None = None

    def show(self, canvas: Canvas | None) -> None:
        """Take another canvas."""
        self._canvas = canvas
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the picture."""
        return self._line(y, self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines as they are: nothing of what Textual does for borders, links and filters concerns a picture."""
        width = self.size.width
        lines = [self._line(y, width) for y in crop.line_range]
        return lines if crop.column_span == (0, width) else [line.crop(crop.x, crop.right) for line in lines]

    def _line(self, y: int, width: int) -> Strip:
        """Blank where there is no picture, or one that was made for another size."""
        canvas = self._canvas
        if canvas is not None and canvas.has(y, self._number):
            strip = canvas.strip(y, self._number)
            if strip.cell_length == width:
                return strip
        return Strip.blank(width, self.rich_style)


class Tile(Vertical):
    """One source.

    Args:
        source: Whose picture, and which.
    """

    DEFAULT_CSS = """
    Tile {
        position: absolute;
        & > .picture { width: 100%; height: 1fr; display: none; }
        .band { width: auto; height: 100%; }
        & > .card { width: 100%; height: 1fr; content-align: center middle; background: $panel; color: $quiet; }
        & > .caption { width: 100%; height: 1; text-align: center; text-wrap: nowrap; }
        &.shown > .picture { display: block; }
        &.shown > .card { display: none; }
    }
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.aspect = WIDE
        """Width to height of the newest picture."""
        self._place: Place | None = None
        self._bands = [Band(number) for number in range(BANDS)]
        self._picture = Horizontal(*self._bands, classes="picture")
        self._card = Static("no picture yet", classes="card")
        self._caption = Static(classes="caption")
        self._words: tuple[str, str, bool] | None = None
        self._canvas: Canvas | None = None
        self._depth = Depth.TRUE
        self._bus: str | None = None
        self._reader: PictureReader | None = None

    def compose(self) -> ComposeResult:
        """Picture, or what stands for it, over the name."""
        yield self._picture
        yield self._card
        yield self._caption

    @property
    def height(self) -> int:
        """Pixels in which the picture is shown."""
        return 0 if self._place is None else 2 * (self._place.rows - 1)

    def put(self, place: Place, depth: Depth) -> None:
        """Stand somewhere on the board, in some size; what was shown is drawn anew for it."""
        if (place, depth) == (self._place, self._depth):
            return
        self._place, self._depth = place, depth
        self.styles.offset = (place.column, place.row)
        self.styles.width, self.styles.height = place.columns, place.rows
        starts = bands(place.columns)
        for number, band in enumerate(self._bands):
            band.display = number < len(starts)
            if band.display:
                band.styles.width = [*starts, place.columns][number + 1] - starts[number]
        self._words = None
        if self.is_mounted:
            self.redraw()

    def redraw(self) -> None:
        """Draw all of the newest picture, in the colours of the moment."""
        if self._place is None:
            return
        place, ground = self._place, self.background_colors[1].rgb
        colourless = self.app.no_color
        self._canvas = Canvas(place.columns, place.rows - 1, ground, self._depth, colourless=colourless)
        for band in self._bands:
            band.show(self._canvas)
        self.tune(self._bus, anew=True)
        self.look()

    def tune(self, bus: str | None, *, anew: bool = False) -> None:
        """Read the pictures of that bus from now on; without one, the last picture goes."""
        if bus == self._bus and not anew:
            return
        self.rest()
        self._bus = bus
        if bus is None:
            self.remove_class("shown")
            return
        try:
            self._reader = PictureReader(bus)
        except (OSError, ValueError):
            self._reader = None  # replaced meanwhile; its successor will be told

    def rest(self) -> None:
        """Let go of the bus; what is shown stays."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def look(self) -> None:
        """Show the newest picture if there is one that was not shown yet."""
        if self._reader is None or self._canvas is None:
            return
        picture = self._reader.read()
        if picture is None:
            return
        self.aspect = picture.shape[1] / (picture.shape[0] * 2 / 3)
        new = self._canvas.draw(picture)
        self.add_class("shown")
        for band, rows in zip(self._bands, new.T, strict=False):
            if rows.all():
                band.refresh()
            elif rows.any():
                band.refresh(*(Region(0, row, band.size.width, 1) for row in rows.nonzero()[0].tolist()))

    def entitle(self, person: Participant, more: int) -> None:
        """Say below whose picture it is.

        Args:
            person: Whose.
            more: How many pictures there is no room for, on the last tile that there is room for.
        """
        if self._place is None:
            return
        called = "You" if person.own else person.called
        if self.source.kind is SourceKind.SCREEN:
            called += ": screen"
        if person.state is not PeerState.CONNECTED:
            called += f" · {person.state}"
        rest = f" +{more}" if more else ""
        words = (fit(called, self._place.columns - len(rest) - 2), rest, person.speaking)
        if words != self._words:
            self._words = words
            style = "bold $primary" if person.speaking else "$quiet"
            mark = "● " if person.speaking else ""
            self._caption.update(Content.assemble((mark + words[0], style), (rest, "$accent")), layout=False)

    def on_mount(self) -> None:
        """Only now is it known what lies behind us."""
        self.redraw()

    def on_unmount(self) -> None:
        """Read no more."""
        self.rest()
