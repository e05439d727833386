"""What is known of each source's window: how it is seen, whether the person closed it, and when it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from meshconf.conference.quality import NOTHING, Quality
from meshconf.types import SourceKey
from meshconf.windows.geometry import FIRST_SIZE

LINGER = 4.0
"""Seconds that a window stays as a placeholder after its source went off."""

FPS = 60
"""Pictures a second that we can show."""

FIRST = Quality(FIRST_SIZE[1], FPS)
"""What is wanted of a source whose window has not opened yet."""


@dataclass(slots=True)
class _Window:
    shown: Quality = FIRST
    """How it shows its source; `NOTHING` while it cannot be seen."""
    closed: bool = False
    """Whether the person closed it; it stays closed until the source is switched on anew, or it is brought back."""
    end: asyncio.TimerHandle | None = None
    """Of a placeholder: what ends it."""


class WindowStates:
    """The windows of all sources, each from its first picture until it is gone. Runs on the event loop.

    Args:
        on_end: Called with the source when its placeholder has to go.
    """

    def __init__(self, on_end: Callable[[SourceKey], None]) -> None:
        self._on_end = on_end
        self._windows: dict[SourceKey, _Window] = {}

    def shown(self, source: SourceKey) -> Quality:
        """How a window shows a source, or will."""
        window = self._windows.get(source)
        return FIRST if window is None else window.shown

    def resized(self, source: SourceKey, shown: Quality) -> None:
        """A window shows its source otherwise; nothing if it is gone meanwhile."""
        if (window := self._windows.get(source)) is not None:
            window.shown = shown

    def show(self, source: SourceKey) -> bool:
        """The source has pictures; whether its window has been a placeholder until now."""
        window = self._windows.setdefault(source, _Window())
        if window.end is None:
            return False
        window.end.cancel()
        window.end = None
        return True

    def close(self, source: SourceKey) -> None:
        """The person closed a window; a placeholder is gone with that, as nobody waits for its source."""
        window = self._windows.get(source)
        if window is None:
            return
        if window.end is not None:
            self._end(source)
            return
        window.closed, window.shown = True, NOTHING

    def bring_back(self, source: SourceKey) -> bool:
        """The person wants the window again; whether it was closed."""
        window = self._windows.get(source)
        if window is None or not window.closed:
            return False
        window.closed, window.shown = False, FIRST
        return True

    @property
    def closed(self) -> list[SourceKey]:
        """The sources whose windows the person has closed."""
        return [source for source, window in self._windows.items() if window.closed]

    def switch_off(self, source: SourceKey) -> bool:
        """The source went off; whether it has a window, which is a placeholder now, until pictures return."""
        window = self._windows.get(source)
        if window is None or window.end is not None:
            return False
        if window.closed:
            window.closed, window.shown = False, FIRST  # when it comes back, it is seen anew
        window.end = asyncio.get_running_loop().call_later(LINGER, self._end, source)
        return True

    def clear(self) -> None:
        """There are no windows any more; idempotent."""
        for window in self._windows.values():
            if window.end is not None:
                window.end.cancel()
        self._windows.clear()

    def _end(self, source: SourceKey) -> None:
        window = self._windows.pop(source)
        if window.end is not None:
            window.end.cancel()
        self._on_end(source)
