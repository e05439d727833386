"""A bar of how loud somebody is: rises at once, falls smoothly, ten steps a second and none while it rests."""

from __future__ import annotations

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

FLOOR_DB = -60.0
"""What the empty bar stands for; speech lies between -40 and -10 dBFS."""
HOT_DB = -9.0
"""From here on the bar is amber: the microphone is too near or too loud."""
_FALL = 0.55


def bar(share: float, width: int) -> str:
    """`share` (0 to 1) of `width` cells, to half a cell."""
    full, half = divmod(round(max(0.0, min(1.0, share)) * width * 2), 2)
    return "━" * full + "╸" * half


class LevelMeter(Widget):
    """One participant's level."""

    DEFAULT_CSS = "LevelMeter { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._target = 0.0
        self._share = 0.0
        self._enabled = False
        self._falling: Timer | None = None

    def on_mount(self) -> None:
        """Make the timer that lets the bar fall; it rests until there is something to let fall."""
        self._falling = self.set_interval(0.1, self._fall, pause=True)

    def show_level(self, decibels: float, *, enabled: bool) -> None:
        """Show a level.

        Args:
            decibels: dBFS.
            enabled: Whether there is a microphone at all; without one the bar is a thin line.
        """
        self._target = max(0.0, 1.0 - decibels / FLOOR_DB) if enabled else 0.0
        changed = enabled != self._enabled
        self._enabled = enabled
        if self._target >= self._share:
            changed = changed or self._target > self._share
            self._share = self._target
        elif self._falling is not None:
            self._falling.resume()
        if changed:
            self.refresh()

    def render(self) -> Content:
        """A thick line on a thin one, so that it can be read without colours too."""
        width = self.size.width
        if not self._enabled:
            return Content.styled("╌" * width, "$border-blurred")
        filled = bar(self._share, width)
        hot = self._share > 1.0 - HOT_DB / FLOOR_DB
        return Content.assemble(
            (filled, "$accent" if hot else "$primary"), ("─" * (width - len(filled)), "$border-blurred")
        )

    def _fall(self) -> None:
        self._share = self._target + (self._share - self._target) * _FALL
        if self._share - self._target < 0.01:
            self._share = self._target
            if self._falling is not None:
                self._falling.pause()
        self.refresh()
