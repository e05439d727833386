"""How much of each window the person sees, told once it has settled: nobody hears of a corner being dragged. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SETTLED = 0.1
"""Seconds that a window must have stayed the same."""


@dataclass(frozen=True, slots=True)
class Look:
    """What of a picture can be seen."""

    height: int
    """Pixels of its height on the screen."""
    visible: bool
    """False while the window is minimised."""


@dataclass(slots=True)
class _Watched:
    look: Look
    since: float
    told: bool = False


class Attention:
    """Every window's latest look, and which of them the engine has not been told of."""

    def __init__(self) -> None:
        self._windows: dict[str, _Watched] = {}
        self._told: dict[str, Look] = {}

    def notice(self, key: str, look: Look, now: float) -> None:
        """A window looks like that at `now`, in monotonic seconds."""
        watched = self._windows.get(key)
        if watched is None or watched.look != look:
            self._windows[key] = _Watched(look, now, told=self._told.get(key) == look)

    def settled(self, now: float) -> list[tuple[str, Look]]:
        """The looks that have settled by `now` and differ from what was given before."""
        news = []
        for key, watched in self._windows.items():
            if not watched.told and now - watched.since >= SETTLED:
                watched.told = True
                self._told[key] = watched.look
                news.append((key, watched.look))
        return news

    def forget(self, key: str) -> None:
        """The window is closed; whatever it looks like when it comes back is news."""
        self._windows.pop(key, None)
        self._told.pop(key, None)
