"""The meeting page: people, chat, the own switches; everything it does is a command to the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen, ScreenResultType
from textual.widgets import Footer

from meshconf.errors import MeshconfError
from meshconf.tui.bridge import Bridge
from meshconf.tui.engine import Engine
from meshconf.tui.messages import EngineGone, ModelChanged
from meshconf.tui.model import Change, LineKind, MeetingModel
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.screens.ended import EndedScreen
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.invite import InviteScreen
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.screens.play import PlayScreen
from meshconf.tui.widgets.chat_pane import ChatPane
from meshconf.tui.widgets.meeting_header import MeetingHeader
from meshconf.tui.widgets.participant_list import ParticipantList
from meshconf.tui.widgets.participant_row import ParticipantRow
from meshconf.tui.widgets.source_switches import SourceSwitch, SourceSwitches
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
        # First, so that it stays in sight where the footer is cut.
        Binding("escape", "rest", "Back"),
        # These four stand, with what they do, in the row of switches.
        Binding("m", "switch('mic')", "Microphone", show=False),
        Binding("v", "switch('camera')", "Camera", show=False),
        Binding("s", "switch('screen')", "Screen", show=False),
        Binding("f", "switch('media')", "File", show=False),
        Binding("t,enter", "write", "Chat", key_display="t"),
        Binding("i", "invite", "Invite"),
        Binding("d", "detach", "Detach"),
        Binding("l,q", "leave", "Leave", key_display="l"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("up,down", "people", "People", show=False),
    ]

    def __init__(self, engine: Engine, own_name: str, clock: Callable[[], float]) -> None:
        super().__init__()
        self.model = MeetingModel(own_name)
        self._engine = engine
        self._bridge = Bridge(engine, self.model, self.post_message, clock)
        self._header = MeetingHeader()
        self._people = ParticipantList()
        self._chat = ChatPane()
        self._switches = SourceSwitches()
        self._commands = 0
        self._leaving = False
        self._over = False

    def compose(self) -> ComposeResult:
        """Header, people beside (or over) chat, switches, keys."""
        yield self._header
        with Container(id="body"):
            yield self._people
            yield self._chat
        yield self._switches
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start to read the engine; the screen's end ends both."""
        self._show(Change.ROOM | Change.PEOPLE)
        self.set_interval(1.0, lambda: self._header.show_time(self._bridge.elapsed))
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
            self._close_dialogs()
            self._ask(EndedScreen(event.sentence or _farewell(self.model.left or "")), self._ended)

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

    async def on_source_switch_flipped(self, event: SourceSwitch.Flipped) -> None:
        """A click does as the key."""
        await self.action_switch(event.kind)

    async def action_switch(self, source: str) -> None:
        """Turn an own source on or off; which file or stream to play is asked first."""
        kind = SourceKind(source)
        me = self.model.me
        on = not (me.asked.get(kind, me.is_on(kind)) if me else False)
        if kind is SourceKind.MEDIA and on:
            self._ask(PlayScreen(), self._play)
        else:
            await self._switch(kind, on)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is only something to go back from while something has the focus."""
        return action != "rest" or self.focused is not None

    def action_write(self) -> None:
        """Go to the chat's input."""
        self._chat.write()

    def action_rest(self) -> None:
        """Leave the input, so that single keys work again."""
        self.set_focus(None)

    def action_people(self) -> None:
        """Go into the list of people."""
        self._people.action_step(1)

    def action_invite(self) -> None:
        """Show code, link and QR code."""
        self._ask(InviteScreen(self.model, self._rotate))

    def action_help(self) -> None:
        """Show all keys."""
        self._ask(HelpScreen())

    def action_leave(self) -> None:
        """Ask whether to leave, or to end the meeting for all."""
        if self._leaving:
            # Asked for the second time: the engine does not answer, and need not.
            self._close("left")
        else:
            self._ask(LeaveScreen(self.model.is_host), self._leave)

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

    async def _play(self, place: str | None) -> None:
        if place:
            await self._switch(SourceKind.MEDIA, True, {"from": place})

    async def _switch(self, kind: SourceKind, on: bool, more: dict[str, Any] | None = None) -> None:
        self._bridge.tell(self.model.ask(kind, on))
        await self._send({"do": "source", "source": str(kind), "on": on, **(more or {})})

    def _ended(self, _: None) -> None:
        self.call_later(self._close, "left")

    def _ask(
        self, dialog: Dialog[ScreenResultType], answered: Callable[[ScreenResultType | None], Any] | None = None
    ) -> None:
        """Open a dialog: one at a time, and none over a page that is closing."""
        if not self._over and self.app.screen is self:
            self.app.push_screen(dialog, answered)

    def _close_dialogs(self) -> None:
        """Close what lies over this page, unanswered."""
        while self in self.app.screen_stack and self.app.screen is not self:
            self.app.pop_screen()

    def _close(self, how: str) -> None:
        """Dismiss this page once, and what still lies over it first."""
        if not self._over:
            self._over = True
            self._close_dialogs()
            if self.app.screen is self:
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
            self._header.show(model, self._bridge.elapsed)
            for screen in self.app.screen_stack:
                if isinstance(screen, InviteScreen):
                    screen.show()
        if Change.PEOPLE in change:
            self._people.show(model)
            self._switches.show(model.me)
        elif Change.LEVELS in change:
            self._people.show_levels()
        if Change.CHAT in change:
            for line in self._chat.show(model.chat):
                if line.kind is LineKind.ERROR:
                    self.notify(line.text, severity="error", markup=False)


def _farewell(reason: str) -> str:
    return {
        "ended": "The host ended the meeting.",
        "removed": "You were removed from the meeting.",
        "denied": "You were not let in.",
        "left": "You left the meeting.",
    }.get(reason, f"The meeting is over: {reason}." if reason else "The meeting is over.")
