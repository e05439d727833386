"""The Textual application: themes, and the way between start page and meeting page."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable

from textual.app import App
from textual.binding import Binding
from textual.events import Event, InputEvent, Key, Paste
from textual.widgets import Input

from meshconf.conference.endings import exit_code, sentence
from meshconf.errors import MeshconfError
from meshconf.tui.engine import Engine, Launcher, Lobby, MeetingOptions
from meshconf.tui.key_queue import KeyQueue
from meshconf.tui.messages import KeyPassed
from meshconf.tui.screens.control import ControlScreen
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.screens.lobby import LobbyScreen, Outcome
from meshconf.tui.screens.meeting import MeetingScreen
from meshconf.tui.screens.sheet import Sheet
from meshconf.tui.screens.start import StartScreen
from meshconf.tui.theme import PAPER, SLATE
from meshconf.tui.typing import Typing
from meshconf.types import Ending

_HOW_TO_WRITE = "To write, press t first."
_DETACHED = "Detached; the meeting goes on. `meshconf attach` comes back to it."


class MeshconfApp(App[int]):
    """The terminal face of meshconf."""

    CSS_PATH = "app.tcss"
    TITLE = "meshconf"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("ctrl+q", "quit", "Quit", priority=True),
        Binding("ctrl+c", "interrupt", "Copy, or quit", priority=True, show=False),
        # Here, so that it works also while something is typed or a dialog is open.
        Binding("ctrl+r", "end_control", "End remote control", priority=True, show=False),
        Binding("ctrl+t", "toggle_theme", "Colours", show=False),
    ]

    def __init__(
        self,
        launcher: Launcher,
        options: MeetingOptions,
        engine: Engine | None = None,
        lobby: Lobby | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        behind: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self._launcher = launcher
        self._options = options
        self._engine = engine
        self._lobby = lobby
        self._clock = clock
        self._wall = wall
        self._behind = behind
        """Whether the terminal does not keep up with what is drawn."""
        self._typing = Typing()
        self._keys = KeyQueue(self, self._give)
        self.failure: MeshconfError | None = None
        """Why the meeting that the command line named did not begin, or did not let us in."""
        self.register_theme(SLATE)
        self.register_theme(PAPER)
        self.theme = SLATE.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables of our own, so that the style sheets hold under any theme."""
        return {"quiet": SLATE.variables["quiet"], "faint": SLATE.variables["faint"]}

    async def on_mount(self) -> None:
        """Go to the meeting if there is one, else to the start page."""
        if not self.is_headless:
            # A terminal that is closed (SIGHUP) ends the face at once, as there is nothing left to draw on or put
            # right; whoever ends it otherwise gets the terminal back as it was. The meeting goes on either way.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._detached)
        if self._engine is not None:
            await self.open_meeting(self._engine, self._options)
        elif self._lobby is not None:
            await self.push_screen(LobbyScreen(self._lobby, self._clock), self._out_of_the_lobby)
        else:
            await self.push_screen(StartScreen(self._launcher, self._options, self.open_meeting, self._clock))

    async def open_meeting(self, engine: Engine, options: MeetingOptions) -> None:
        """Show the meeting page of `engine`."""
        self._engine = engine
        screen = MeetingScreen(engine, options.name, self._clock, self._wall, self._behind)
        await self.push_screen(screen, self._meeting_closed)

    async def on_event(self, event: Event) -> None:
        """Let keys wait for one another, but not those that are to act whatever else goes on.

        What is typed while the face ends is lost: Textual raises for a key that it reads when no screen is left.
        """
        if isinstance(event, InputEvent) and not self.screen_stack:
            return
        if isinstance(event, Key | Paste) and not event.is_forwarded and not self._is_urgent(event):
            await self._keys.take(event)
        else:
            await super().on_event(event)

    def on_key_passed(self, event: KeyPassed) -> None:
        """The next key may come."""
        event.stop()
        self._keys.passed(event)

    def on_key(self, event: Key) -> None:
        """Take no text for keys.

        Here, as a key that was typed before a dialog opened may still act on that dialog: only the application's own
        handler, which comes after this one, looks which screen is on top.
        """
        screen = self.screen
        sheet = screen if isinstance(screen, Sheet) else None
        known = event.key in screen.active_bindings or (sheet is not None and sheet.offers(event))
        opened = screen.opened_at if isinstance(screen, Dialog) else None
        letter = event.is_printable
        if self._typing.is_text(event.key, event.time, letter=letter, known=known, opened=opened):
            event.prevent_default()
            if isinstance(screen, MeetingScreen):
                self.clear_notifications()
                self.notify(_HOW_TO_WRITE)
        elif sheet is not None and sheet.press(event):
            event.prevent_default()

    async def _give(self, event: Key | Paste) -> None:
        """Let whoever has the focus have a key; one that was pressed before somebody asked for control says nothing."""
        screen = self.screen
        if not isinstance(screen, ControlScreen) or event.time >= screen.opened_at:
            await super().on_event(event)

    def _is_urgent(self, event: Key | Paste) -> bool:
        return isinstance(event, Key) and any(
            binding.priority for binding in self._bindings.key_to_bindings.get(event.key, ())
        )

    async def action_quit(self) -> None:
        """Quit from the start page; in a meeting, ask first. Asking is answered by the same key."""
        if isinstance(self.screen, LeaveScreen):
            self.screen.answer("leave")
            return
        meeting = next((one for one in self.screen_stack if isinstance(one, MeetingScreen)), None)
        if meeting is None:
            self.exit(0)
        else:
            meeting.action_leave()

    async def action_interrupt(self) -> None:
        """Copy what is selected, as in other programs; with nothing selected quit, as in a terminal."""
        text = self.screen.get_selected_text()
        if not text and isinstance(self.focused, Input):
            text = self.focused.selected_text
        if text:
            self.copy_to_clipboard(text)
        else:
            await self.action_quit()

    async def action_end_control(self) -> None:
        """End remote control, of our screen or by us."""
        for screen in self.screen_stack:
            if isinstance(screen, MeetingScreen):
                await screen.action_end_control()

    def action_toggle_theme(self) -> None:
        """Change between dark and light."""
        self.theme = PAPER.name if self.theme == SLATE.name else SLATE.name

    async def _out_of_the_lobby(self, outcome: Outcome | None) -> None:
        """The command line's way in: whoever is not let in is told on the plain terminal, with its exit code."""
        if isinstance(outcome, MeshconfError):
            self._fail(outcome)
        elif outcome is None:
            self.exit(0)
        else:
            await self.open_meeting(outcome, self._options)

    async def _meeting_closed(self, how: str | MeshconfError | None) -> None:
        if self._engine is not None and how != "detached":
            await self._engine.close()
        if how == "detached":
            self._detached()
        elif isinstance(how, MeshconfError):
            self._fail(how)
        else:
            # What stopped the engine did not stop the face, which ends as after any meeting.
            code = 0 if how == Ending.INTERRUPTED else exit_code(how or "")
            self.exit(code, message=sentence(how or "") if code else None)

    def _fail(self, failure: MeshconfError) -> None:
        self.failure = failure
        self.exit(failure.exit_code)

    def _detached(self) -> None:
        self.exit(0, message=_DETACHED if self._engine is not None else None)
