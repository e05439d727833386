"""The meeting page: people, chat, the own switches; everything it does is a command to the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Footer

from meshconf.errors import MeshconfError
from meshconf.tui.bridge import Bridge
from meshconf.tui.engine import Engine
from meshconf.tui.messages import EngineGone, ModelChanged
from meshconf.tui.model import Change, LineKind, MeetingModel
from meshconf.tui.screens.ended import EndedScreen
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.invite import InviteScreen
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.widgets.chat_pane import ChatPane
from meshconf.tui.widgets.meeting_header import MeetingHeader
from meshconf.tui.widgets.participant_list import ParticipantList
from meshconf.tui.widgets.participant_row import ParticipantRow
from meshconf.tui.widgets.source_switches import SourceSwitches
from meshconf.types import SourceKind

_PATIENCE_S = 3.0
"""How long a clean leave may take before the page closes without the engine's word."""


class MeetingScreen(Screen[str]):
    """One meeting; dismissed with `left` or `detached`."""

    CSS_PATH = "meeting.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (23, "-tall")]
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("m", "switch('mic')", "Mic"),
        Binding("v", "switch('camera')", "Cam"),
        Binding("s", "switch('screen')", "Share"),
        Binding("t,enter", "write", "Chat", key_display="t"),
        Binding("i", "invite", "Invite"),
        Binding("d", "detach", "Detach"),
        Binding("l", "leave", "Leave"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("ctrl+q", "leave", "Leave", show=False),
        Binding("escape", "rest", "Back to the keys"),
        Binding("up,down", "people", "People", show=False),
    ]

    def __init__(self, engine: Engine, own_name: str, clock: Callable[[], float]) -> None:
        super().__init__()
        self.model = MeetingModel(own_name)
        self._engine = engine
        self._bridge = Bridge(engine, self.model, self.post_message, clock)
        self._commands = 0
        self._leaving = False
        self._closed = False

    def compose(self) -> ComposeResult:
        """Header, people beside (or over) chat, switches, keys."""
        yield MeetingHeader()
        with Container(id="body"):
            yield ParticipantList()
            yield ChatPane()
        yield SourceSwitches()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start to read the engine; the screen's end ends both."""
        self._show(Change.ROOM | Change.PEOPLE)
        self.set_interval(1.0, lambda: self.query_one(MeetingHeader).show_time(self._bridge.elapsed))
        self.run_worker(self._bridge.run(), group="bridge")

    def on_model_changed(self, event: ModelChanged) -> None:
        """Draw what changed."""
        self._show(event.change)
        if Change.LEFT in event.change and self._leaving:
            self._close("left")

    async def on_engine_gone(self, event: EngineGone) -> None:
        """Say why it is over, unless the person ended it themselves."""
        if self._leaving:
            self._close("left")
        else:
            reason = event.sentence or _farewell(self.model.left or "")
            self.app.push_screen(EndedScreen(reason), self._ended)

    async def on_chat_pane_written(self, event: ChatPane.Written) -> None:
        """Send a line and show it at once."""
        self._bridge.tell(self.model.say(event.text, self._commands + 1))
        await self._send({"do": "chat", "text": event.text})

    async def on_participant_row_volume_chosen(self, event: ParticipantRow.VolumeChosen) -> None:
        """Change how loud somebody is here."""
        if (person := self.model.people.get(event.peer)) is not None:
            person.gain_db = event.gain_db
            self._bridge.tell(Change.PEOPLE)
            await self._send({"do": "volume", "peer": event.peer, "gain_db": event.gain_db})

    async def action_switch(self, source: str) -> None:
        """Turn an own source on or off."""
        kind = SourceKind(source)
        me = self.model.me
        on = not (me.asked.get(kind, me.is_on(kind)) if me else False)
        self._bridge.tell(self.model.ask(kind, on))
        await self._send({"do": "source", "source": source, "on": on})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is only something to go back from while something has the focus."""
        return action != "rest" or self.focused is not None

    def action_write(self) -> None:
        """Go to the chat's input."""
        self.query_one(ChatPane).write()

    def action_rest(self) -> None:
        """Leave the input, so that single keys work again."""
        self.set_focus(None)

    def action_people(self) -> None:
        """Go into the list of people."""
        self.query_one(ParticipantList).action_step(1)

    def action_invite(self) -> None:
        """Show code, link and QR code."""
        self.app.push_screen(InviteScreen(self.model, self._rotate))

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpScreen())

    def action_leave(self) -> None:
        """Ask whether to leave, or to end the meeting for all."""
        self.app.push_screen(LeaveScreen(self.model.is_host), self._leave)

    async def action_detach(self) -> None:
        """Close the page and leave the meeting running."""
        await self._engine.close()
        # Later: closing from within a key action would wait for this very action to end.
        self.call_later(self._close, "detached")

    async def _leave(self, choice: str | None) -> None:
        if choice in ("leave", "end") and not self._leaving:
            self._leaving = True
            self.set_timer(_PATIENCE_S, lambda: self._close("left"))
            await self._send({"do": choice})

    def _ended(self, _: None) -> None:
        self.call_later(self._close, "left")

    def _close(self, how: str) -> None:
        """Dismiss this page once, and what still lies over it first."""
        if not self._closed:
            self._closed = True
            while self.app.screen is not self:
                self.app.pop_screen()
            self.dismiss(how)

    async def _rotate(self) -> None:
        await self._send({"do": "rotate_code"})

    async def _send(self, command: dict[str, Any]) -> None:
        self._commands += 1
        try:
            await self._engine.send({**command, "id": self._commands})
        except (MeshconfError, OSError) as error:
            self._bridge.tell(self.model.apply({"event": "error", "message": str(error), "id": self._commands}))

    def _show(self, change: Change) -> None:
        model = self.model
        if Change.ROOM in change:
            self.query_one(MeetingHeader).show(model, self._bridge.elapsed)
            for screen in self.app.screen_stack:
                # A panel that is not mounted yet reads the model when it is.
                if isinstance(screen, InviteScreen) and screen.is_mounted:
                    screen.show()
        if Change.PEOPLE in change:
            self.query_one(ParticipantList).show(model)
            self.query_one(SourceSwitches).show(model.me)
        elif Change.LEVELS in change:
            self.query_one(ParticipantList).show_levels()
        if Change.CHAT in change:
            for line in self.query_one(ChatPane).show(model.chat):
                if line.kind is LineKind.ERROR:
                    self.notify(line.text, severity="error", markup=False)


def _farewell(reason: str) -> str:
    return {
        "ended": "The host ended the meeting.",
        "removed": "You were removed from the meeting.",
        "denied": "You were not let in.",
        "left": "You left the meeting.",
    }.get(reason, f"The meeting is over: {reason}." if reason else "The meeting is over.")
