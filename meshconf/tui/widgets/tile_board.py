"""The pictures of the meeting as tiles, beside people and chat; what is shown of each is said, so that no more is sent.

Nothing is read while the board is not on the screen or something lies over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.containers import Container
from textual.message import Message
from textual.timer import Timer

from meshconf.media.terminal import Depth
from meshconf.media.tiling import WIDE, arrange
from meshconf.media.tiling import Tile as Place
from meshconf.tui.model import MeetingModel
from meshconf.tui.pace import FPS, Pace
from meshconf.tui.spotlight import Source, Spotlight
from meshconf.tui.widgets.tile import Tile

_SETTLE_S = 0.2
"""How long sizes have to stay as they are before they are said: layouts come in steps."""


class TileBoard(Container):
    """All tiles.

    Args:
        clock: Monotonic seconds.
        behind: Whether the terminal does not keep up.
    """

    class Viewed(Message):
        """What is shown has changed.

        Args:
            commands: Say so to the engine.
        """

        def __init__(self, commands: list[dict[str, Any]]) -> None:
            super().__init__()
            self.commands = commands

    DEFAULT_CSS = "TileBoard { display: none; width: 100%; height: 100%; }"

    def __init__(self, clock: Callable[[], float], behind: Callable[[], bool]) -> None:
        super().__init__()
        self._clock = clock
        self._behind = behind
        self._pace = Pace()
        self._spotlight = Spotlight()
        self._model: MeetingModel | None = None
        self._open = False
        self._tiles: dict[Source, Tile] = {}
        """Those on the board, the large one first."""
        self._seen: dict[Source, int] = {}
        """Heights of what is shown."""
        self._said: dict[Source, int] = {}
        """The same as the engine knows it."""
        self._ticking: Timer | None = None
        self._settling: Timer | None = None

    def on_mount(self) -> None:
        """Make the timers, which rest until there is something to show or to say."""
        self._ticking = self.set_interval(1 / FPS, self._tick, pause=True)
        self._settling = self.set_interval(_SETTLE_S, self._say, pause=True)
        self.app.theme_changed_signal.subscribe(self, lambda _: self.call_after_refresh(self._redraw))

    def on_resize(self) -> None:
        """Other places for the tiles."""
        self._arrange()

    @property
    def is_open(self) -> bool:
        """Whether the pictures are to be seen."""
        return self._open

    def open(self, model: MeetingModel) -> None:
        """Show the pictures of the meeting from now on; may be called at any rate."""
        self._model, self._open = model, True
        self.display = True
        self._arrange()

    def shut(self) -> None:
        """Show none, read none, ask for none."""
        if self._open:
            self._open = False
            self.display = False
            self._arrange()

    def show_levels(self) -> None:
        """Show only who speaks."""
        if self._open:
            self._arrange()

    # Private.

    def _arrange(self) -> None:
        """Make the tiles fit model and size."""
        if self._ticking is None or self._settling is None:
            return
        people = self._model.people if self._model is not None else {}
        sources = self._spotlight.order(self._model, self._clock()) if self._model is not None and self._open else []
        places = self._places(sources)
        self._seat(sources[: len(places)])
        depth = depth_of(self.app.console.color_system)
        for number, (tile, place) in enumerate(zip(self._tiles.values(), places, strict=True), 1):
            person = people[tile.source.peer]
            tile.put(place, depth)
            tile.tune(person.pictures.get(tile.source.kind))
            tile.entitle(person, len(sources) - number if number == len(places) else 0)
        if self._tiles:
            self._ticking.resume()
        else:
            self._ticking.pause()
        if (shown := self._shown()) != self._seen:
            self._seen = shown
            self._settling.reset()
            self._settling.resume()

    def _places(self, sources: Sequence[Source]) -> list[Place]:
        """Where the first so many have room; the shape of the large one is that of its newest picture."""
        first = self._tiles.get(sources[0]) if sources else None
        large = None if len(sources) < 2 else WIDE if first is None else first.aspect
        return arrange(len(sources), self.size.width, self.size.height, large=large)

    def _seat(self, sources: Sequence[Source]) -> None:
        """Let these have tiles, in this order, and no others."""
        tiles = {source: self._tiles.get(source) or Tile(source) for source in sources}
        for source in self._tiles.keys() - tiles.keys():
            self._tiles[source].rest()
            self._tiles[source].remove()
        self.mount_all(tile for source, tile in tiles.items() if source not in self._tiles)
        self._tiles = tiles

    def _shown(self) -> dict[Source, int]:
        return {source: tile.height for source, tile in self._tiles.items()}

    def _say(self) -> None:
        """Tell the engine what has changed."""
        assert self._settling is not None
        self._settling.pause()
        commands, self._said = views(self._said, self._seen), self._seen
        if commands:
            self.post_message(self.Viewed(commands))

    def _tick(self) -> None:
        # Behind a dialog the screen is drawn dimmed, which is slow, and nobody looks.
        if self.app.screen is self.screen and self._pace.due(self._clock(), behind=self._behind()):
            aspects = [tile.aspect for tile in self._tiles.values()]
            for tile in self._tiles.values():
                tile.look()
            if [tile.aspect for tile in self._tiles.values()] != aspects:
                self._arrange()

    def _redraw(self) -> None:
        for tile in self._tiles.values():
            tile.redraw()


def views(before: Mapping[Source, int], now: Mapping[Source, int]) -> list[dict[str, Any]]:
    """Commands that tell an engine what has changed about the heights in which sources are shown."""
    heights = {source: 0 for source in before if source not in now} | {
        source: height for source, height in now.items() if before.get(source) != height
    }
    return [
        {"do": "view", "peer": source.peer, "source": str(source.kind), "height": height, "fps": FPS if height else 0}
        for source, height in heights.items()
    ]


def depth_of(color_system: str | None) -> Depth:
    """What a terminal can show, by Rich's name for its colours."""
    return {"truecolor": Depth.TRUE, "windows": Depth.TRUE, "256": Depth.PALETTE}.get(color_system or "", Depth.SHADES)
