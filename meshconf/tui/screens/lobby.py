"""The newcomer's page while host or admin has to decide: where one waits, for how long, and a key to give up.

Dismissed with the engine once it is in, with the error that says why not, or with None for given up.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from meshconf.errors import MeshconfError
from meshconf.tui.durations import steady_clock
from meshconf.tui.engine import Engine, Lobby
from meshconf.tui.plain import clean

_SENTENCE = "The host or an admin has to let you in."

Outcome = Engine | MeshconfError


class LobbyScreen(Screen[Outcome]):
    """Calm, and nothing to do but to wait or to go."""

    CSS_PATH = "lobby.tcss"
    BINDINGS = [Binding("escape", "give_up", "Give up", key_display="esc")]

    def __init__(self, lobby: Lobby, now: Callable[[], float]) -> None:
        super().__init__()
        self._lobby = lobby
        self._now = now
        self._since = now()
        self._time = Static(id="waited")
        self._waiting = False

    def compose(self) -> ComposeResult:
        """Three lines in the middle."""
        with Vertical(id="middle"):
            meeting = clean(self._lobby.meeting, 80)
            yield Static(Content.assemble(("◆ ", "$primary"), (f"You are in the lobby of {meeting}", "bold")))
            yield Static(Content.styled(_SENTENCE, "$quiet"), id="sentence")
            yield self._time
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Wait; leaving this page ends the waiting."""
        self._tick()
        self.set_interval(1.0, self._tick)
        self._waiting = True
        self.run_worker(self._wait(), group="lobby")

    def on_unmount(self) -> None:
        """The engine that waits goes with the page, however that ends."""
        if self._waiting:
            self._lobby.give_up()

    def action_give_up(self) -> None:
        """Wait no longer."""
        self._end(None)

    async def _wait(self) -> None:
        try:
            engine = await self._lobby.admitted()
        except MeshconfError as error:
            self._waiting = False
            self._end(error)
        else:
            self._waiting = False
            self._end(engine)

    def _end(self, outcome: Outcome | None) -> None:
        # Later: closing from within the worker would wait for this very worker to end.
        self.call_later(self._close_once, outcome)

    def _close_once(self, outcome: Outcome | None) -> None:
        if self.is_current:
            self.dismiss(outcome)

    def _tick(self) -> None:
        self._time.update(Content.styled(f"waiting for {steady_clock(self._now() - self._since)}", "$faint"))
