"""The meeting page: people, chat, the own switches; everything it does is a command to the engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen, ScreenResultType
from textual.widgets import Footer, Input

from meshconf.errors import MeshconfError, UsageError
from meshconf.tui import slash
from meshconf.tui.actions import Action, Command, question
from meshconf.tui.bridge import Bridge
from meshconf.tui.change import Change
from meshconf.tui.conversation import LineKind
from meshconf.tui.desk import Desk
from meshconf.tui.engine import Engine
from meshconf.tui.held_key import BELIEVED_S, HeldKey
from meshconf.tui.key_noise import KeyNoise
from meshconf.tui.messages import EngineGone, ModelChanged
from meshconf.tui.model import MeetingModel
from meshconf.tui.picture_choice import PLENTY, ROOM, PictureChoice, fits
from meshconf.tui.rules import Role
from meshconf.tui.screens.confirm import ConfirmScreen
from meshconf.tui.screens.control import ControlScreen
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.screens.ended import EndedScreen, farewell
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.invite import InviteScreen
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.screens.person import PersonScreen
from meshconf.tui.screens.pick import PickScreen
from meshconf.tui.screens.play import PlayScreen
from meshconf.tui.screens.room import RoomScreen
from meshconf.tui.screens.sheet import Sheet
from meshconf.tui.screens.sound import SoundScreen
from meshconf.tui.widgets.ask_bar import AskBar
from meshconf.tui.widgets.chat_pane import ChatPane
from meshconf.tui.widgets.control_bar import ControlBar
from meshconf.tui.widgets.meeting_header import MeetingHeader
from meshconf.tui.widgets.participant_list import ParticipantList
from meshconf.tui.widgets.participant_row import ParticipantRow
from meshconf.tui.widgets.source_switches import SourceSwitch, SourceSwitches
from meshconf.tui.widgets.tile_board import TileBoard
from meshconf.types import SourceKind

_PATIENCE_S = 3.0
"""How long a clean leave may take before the page closes without the engine's word."""


class MeetingScreen(Screen[str | MeshconfError]):
    """One meeting; dismissed with `detached`, with the reason why it is over, or with why it never was."""

    CSS_PATH = "meeting.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (23, "-tall")]
    AUTO_FOCUS = ""
    BINDINGS = [
        # First, so that it stays in sight where the footer is cut.
        Binding("escape", "rest", "Back"),
        # These four stand, with what they do, in the row of switches.
        Binding("m", "mute", "Microphone", show=False),
        Binding("v", "switch('camera')", "Camera", show=False),
        Binding("s", "switch('screen')", "Screen", show=False),
        Binding("z", "cover('freeze')", "Freeze the screen", show=False),
        Binding("x", "cover('blank')", "Blank the screen", show=False),
        Binding("f", "switch('media')", "File", show=False),
        Binding("t,enter", "write", "Chat", key_display="t"),
        Binding("p", "pictures", "Pictures"),
        Binding("r", "room", "Room"),
        Binding("a", "sound", "Sound", show=False),
        Binding("space", "talk", "Talk", show=False),
        Binding("h", "hand", "Hand", show=False),
        Binding("e", "ears", "Hear nobody", show=False),
        Binding("n", "sounds", "Small sounds", show=False),
        Binding("i", "invite", "Invite"),
        Binding("d", "detach", "Detach"),
        Binding("l,q", "leave", "Leave", key_display="l"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("up,down", "people", "People", show=False),
        # These stand in the bar that asks; with ctrl, so that they answer also while something is being typed.
        Binding("ctrl+y", "answer('admit')", "Let in", show=False),
        Binding("ctrl+n", "answer('deny')", "Send away", show=False),
        Binding("b", "give_back", "Give the role back", show=False),
    ]

    def __init__(
        self,
        engine: Engine,
        own_name: str,
        clock: Callable[[], float],
        wall: Callable[[], float],
        behind: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.model = MeetingModel(own_name)
        self._engine = engine
        self._wall = wall
        self._bridge = Bridge(engine, self.model, self.post_message, clock)
        self._desk = Desk(engine, self.model, self._bridge.tell)
        self._key_noise = KeyNoise(engine, clock)
        self._header = MeetingHeader()
        self._asks = AskBar()
        self._control = ControlBar()
        self._board = TileBoard(clock, behind)
        self._people = ParticipantList()
        self._chat = ChatPane(self._desk.names)
        self._switches = SourceSwitches()
        self._leaving = False
        self._handing_over = False
        """Whether we leave as soon as somebody else is host."""
        self._over = False
        self._pictures = PictureChoice()
        self._clock = clock
        self._talk_key = HeldKey()

    def compose(self) -> ComposeResult:
        """Header, what waits for an answer, pictures, people beside (or over) chat, switches, keys."""
        yield self._header
        yield self._control
        yield self._asks
        with Container(id="body"):
            yield self._board
            yield self._people
            yield self._chat
        yield self._switches
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start to read the engine; the screen's end ends both."""
        self._show(Change.ROOM | Change.PEOPLE)
        self.set_interval(1.0, self._keep_time)
        self._key_watch = self.set_interval(0.05, self._watch_key, pause=True)
        self.run_worker(self._bridge.run(), group="bridge")

    async def on_model_changed(self, event: ModelChanged) -> None:
        """Draw what changed."""
        self._show(event.change)
        if Change.LEFT in event.change and self._leaving:
            self._close("left")
        elif self._handing_over and self.model.role is not Role.HOST:
            self._handing_over = False
            await self._depart("leave")

    async def on_engine_gone(self, event: EngineGone) -> None:
        """Say why it is over, unless the person ended it themselves."""
        if self._leaving:
            self._close("left")
        elif event.failure is not None:
            self._close(event.failure)
        else:
            self._close_dialogs()
            self._ask(EndedScreen(event.sentence or farewell(self.model.left or "")), self._ended)

    async def on_input_changed(self, event: Input.Changed) -> None:
        """The microphone hears the keys."""
        if self._desk.is_on(SourceKind.MIC):
            await self._key_noise.pressed()

    async def on_chat_pane_written(self, event: ChatPane.Written) -> None:
        """Send a line and show it at once."""
        await self._desk.say(event.text)

    async def on_chat_pane_commanded(self, event: ChatPane.Commanded) -> None:
        """Carry out what was typed; what is wrong comes back into the input, to be put right."""
        try:
            command = slash.understood(event.line, self._desk.names())
            if command["do"] == "help" and "word" in command:
                self._bridge.tell(self.model.tell(" ".join(slash.help_lines(command["word"]))))
                return
        except UsageError as error:
            self._bridge.tell(self.model.note(str(error)))
            self._chat.take_back(event.line)
            return
        await self._carry_out(command)

    async def on_participant_row_volume_chosen(self, event: ParticipantRow.VolumeChosen) -> None:
        """Change how loud somebody is here."""
        await self._desk.set_volume(event.peer, event.gain_db)

    async def on_participant_row_opened(self, event: ParticipantRow.Opened) -> None:
        """Show somebody's page."""
        await self._open(event.peer)

    async def on_source_switch_flipped(self, event: SourceSwitch.Flipped) -> None:
        """A click does as the key."""
        await (self.action_mute() if event.kind is SourceKind.MIC else self.action_switch(event.kind))

    async def action_mute(self) -> None:
        """Be muted, or heard."""
        await self._desk.mute(self._desk.is_on(SourceKind.MIC))

    async def action_talk(self) -> None:
        """The key to talk is down, or repeats; when it is let go of, no terminal tells."""
        if self._talk_key.pressed(self._clock()):
            await self._desk.send({"do": "ptt", "state": "down", "hold_s": BELIEVED_S})
        self._key_watch.resume()

    async def _watch_key(self) -> None:
        if self._talk_key.lapsed(self._clock()):
            self._key_watch.pause()
            await self._desk.send({"do": "ptt", "state": "up"})

    async def action_hand(self) -> None:
        """Raise the own hand, or take it down."""
        await self._desk.send({"do": "hand", "up": self.model.own not in self.model.talk.hands})

    async def action_ears(self) -> None:
        """Hear nobody, or people again."""
        await self._desk.send({"do": "deafen", "on": not self.model.talk.deaf})

    async def action_sounds(self) -> None:
        """Small sounds on or off."""
        on = not self.model.talk.sounds
        await self._desk.send({"do": "sounds", "on": on})
        self.notify("Small sounds are on." if on else "Small sounds are off.")

    def action_sound(self) -> None:
        """Show what can be decided about talking and hearing."""
        self._ask(SoundScreen(self.model, self._carry_out), self._chosen)

    async def action_switch(self, source: str) -> None:
        """Turn an own source on or off; which file or stream to play is asked first."""
        kind = SourceKind(source)
        on = not self._desk.is_on(kind)
        if kind is SourceKind.MEDIA and (on or self.model.talk.playing is not None):
            self._ask(PlayScreen(self.model, self._carry_out), self._play)
        else:
            await self._desk.switch(kind, on)

    async def action_cover(self, how: str) -> None:
        """Freeze or blank what others see of the own screen, or show it again."""
        if self._desk.is_on(SourceKind.SCREEN):
            await self._desk.send({"do": how})

    def on_resize(self) -> None:
        """Pictures as there is room."""
        self._show_pictures()
        self.refresh_bindings()

    async def on_tile_board_viewed(self, event: TileBoard.Viewed) -> None:
        """Say what is shown of pictures, so that no more is sent."""
        for command in event.commands:
            await self._desk.send(command)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done: back only while something has the focus, pictures only where there is room for them."""
        match action:
            case "rest":
                return self.focused is not None
            case "pictures":
                return fits(self.size, ROOM)
            case _:
                return True

    def action_pictures(self) -> None:
        """Show pictures here, or no more."""
        wanted = self._pictures.turn(self.model, self.size)
        self._show_pictures()
        if wanted and not self._board.is_open:
            self.notify("Nobody's camera or screen is on.")

    def action_write(self) -> None:
        """Go to the chat's input."""
        self._chat.write()

    def action_rest(self) -> None:
        """Leave the input, so that single keys work again."""
        self.set_focus(None)

    def action_people(self) -> None:
        """Go into the list of people."""
        self._people.action_step(1)

    def action_room(self) -> None:
        """Show the room's rules, and what we may change."""
        self._ask(RoomScreen(self.model, self._carry_out), self._chosen)

    def action_invite(self) -> None:
        """Show code, link and QR code."""
        self._ask(InviteScreen(self.model, lambda: self._desk.send({"do": "rotate_code"})))

    def action_help(self) -> None:
        """Show all keys."""
        self._ask(HelpScreen())

    async def action_answer(self, do: str) -> None:
        """Let in, or send away, who is first in the lobby."""
        if peer := self._asks.answer():
            await self._desk.send({"do": do, "peer": peer})

    async def action_end_control(self) -> None:
        """End remote control at once, whoever has it."""
        for command in self.model.control.ending():
            await self._desk.send(command)

    def on_screen_resume(self) -> None:
        """Who asks for control while another dialog is open is shown afterwards."""
        self._show_requests()

    async def action_give_back(self) -> None:
        """Give the role of host back to who had it before, after a question."""
        if self.model.returned:
            await self._carry_out({"do": "transfer_host", "peer": self.model.returned})

    def action_leave(self) -> None:
        """Ask whether to leave, to hand over before, or to end the meeting for all."""
        if self._leaving or not self.model.own:
            # Asked for the second time: the engine does not answer, and need not. Or there is no meeting yet.
            self._close("left")
        else:
            self._ask(LeaveScreen(self.model), self._leave)

    async def action_detach(self) -> None:
        """Close the page and leave the meeting running."""
        if not self.model.own:
            return  # from what?
        await self._engine.close()
        # Later: closing from within a key action would wait for this very action to end.
        self.call_later(self._close, "detached")

    # What people want done, by whatever way they say it.

    async def _carry_out(self, command: Command, *, sure: bool = False) -> None:
        """Do what a key, a page or a typed command means; what hurts is asked first."""
        asked = None if sure else question(self.model, command)
        if asked is not None:
            self._ask(ConfirmScreen(asked), lambda yes: self._carry_out(command, sure=True) if yes else None)
            return
        match command:
            case {"do": "write", "peer": peer}:
                self._chat.write(f"/msg {self._desk.reference(peer)} ")
            case {"do": "chat", "text": text, "to": to}:
                await self._desk.say(text, to)
            case {"do": "volume", "peer": peer, "gain_db": gain_db}:
                await self._desk.set_volume(peer, gain_db)
            case {"do": "source", "source": source}:
                kind = SourceKind(source)
                await self._desk.switch(kind, command.get("on", not self._desk.is_on(kind)), command.get("from"))
            case {"do": "verify", "peer": peer}:
                await self._open(peer)
            case {"do": "help"}:
                self._ask(HelpScreen(commands=True))
            case {"do": "leave"} if not sure:
                self.action_leave()
            case {"do": "leave" | "end" as how}:
                await self._depart(how)
            case _:
                await self._desk.send(command)

    async def _chosen(self, action: Action | None) -> None:
        if action is not None:
            await self._carry_out(action.command)

    async def _open(self, peer: str) -> None:
        """Show somebody's page, and ask for the words to compare."""
        if (person := self.model.people.get(peer)) is not None:
            self._ask(PersonScreen(self.model, peer, self._carry_out), self._chosen)
            if not person.own:
                await self._desk.send({"do": "verify", "peer": peer})

    def _show_requests(self) -> None:
        for asking in self.model.control.asking.values():
            self._ask(ControlScreen(self.model, asking), partial(self._answer_request, asking.peer))

    async def _answer_request(self, peer: str, minutes: int | bool | None) -> None:
        if minutes is False:
            await self._desk.send({"do": "control_deny", "peer": peer})
        elif minutes is not None:
            await self._desk.send({"do": "control_grant", "peer": peer, "minutes": minutes})

    async def _leave(self, choice: str | None) -> None:
        if choice == "hand_over":
            self._ask(PickScreen(self.model, self._carry_out), self._hand_over)
        elif choice:
            await self._carry_out({"do": choice}, sure=choice == "leave")

    async def _hand_over(self, action: Action | None) -> None:
        if action is not None:
            self._handing_over = True
            await self._desk.send(action.command)

    async def _depart(self, how: str) -> None:
        """`leave` or `end`."""
        if not self._leaving:
            self._leaving = True
            self.set_timer(_PATIENCE_S, lambda: self._close("left"))
            await self._desk.send({"do": how})

    async def _play(self, place: str | None) -> None:
        if place:
            await self._desk.send({"do": "play", "from": place})

    # The page itself.

    def _ended(self, _: None) -> None:
        self.call_later(self._close, self.model.left or "left")

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

    def _close(self, how: str | MeshconfError) -> None:
        """Dismiss this page once, and what still lies over it first."""
        if not self._over:
            self._over = True
            self._close_dialogs()
            if self.app.screen is self:
                self.dismiss(how)

    def _show_pictures(self) -> None:
        shows = self._pictures.shows(self.model, self.size)
        self.set_class(shows, "-pictures")
        self.set_class(fits(self.size, (PLENTY[0], 0)), "-beside")
        if shows:
            self._board.open(self.model)
        else:
            self._board.shut()

    def _keep_time(self) -> None:
        elapsed = self._bridge.elapsed
        self._header.show_time(elapsed)
        self._control.show(self.model, elapsed)
        self._chat.keep_time(self._wall() - elapsed)

    def _show(self, change: Change) -> None:
        model = self.model
        if Change.ROOM in change:
            self._header.show(model, self._bridge.elapsed)
            self._asks.show(model)
            self._control.show(model, self._bridge.elapsed)
            self._show_requests()
        if (Change.ROOM | Change.PEOPLE) & change:
            for screen in self.app.screen_stack:
                if isinstance(screen, InviteScreen | Sheet | PlayScreen | ControlScreen):
                    screen.show()
        if Change.PEOPLE in change:
            self._people.show(model)
            self._switches.show(model.me, model.rules.barred(model.own), model.talk)
        elif Change.LEVELS in change:
            self._people.show_levels()
            self._board.show_levels()
        if (Change.PEOPLE | Change.PICTURES) & change:
            self._show_pictures()
        if Change.ALERT in change:
            self.notify(model.alert, severity="warning", markup=False)
        if Change.CHAT in change:
            self._chat.keep_time(self._wall() - self._bridge.elapsed)
            for line in self._chat.show(model.chat):
                if line.kind is LineKind.ERROR:
                    self._handing_over = False
                    if isinstance(sheet := self.app.screen, Sheet):
                        sheet.complain(line.text)
