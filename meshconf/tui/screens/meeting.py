"""The meeting page: its keys and what they begin; panes, orders and dialogs have files of their own."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from meshconf.conference.endings import sentence
from meshconf.errors import MeshconfError, UsageError
from meshconf.tui import slash
from meshconf.tui.bridge import Bridge
from meshconf.tui.change import Change
from meshconf.tui.desk import Desk
from meshconf.tui.engine import Engine
from meshconf.tui.key_noise import KeyNoise
from meshconf.tui.messages import EngineGone, ModelChanged
from meshconf.tui.model import MeetingModel
from meshconf.tui.picture_choice import PLENTY, ROOM, PictureChoice, fits
from meshconf.tui.screens.departure import PATIENCE_S, Departure
from meshconf.tui.screens.dialog_stack import DialogStack
from meshconf.tui.screens.ended import EndedScreen
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.invite import InviteScreen
from meshconf.tui.screens.meeting_keys import MEETING_KEYS
from meshconf.tui.screens.meeting_panes import MeetingPanes
from meshconf.tui.screens.orders import Orders
from meshconf.tui.talk_key import TalkKey
from meshconf.tui.widgets.chat_pane import ChatPane
from meshconf.tui.widgets.participant_row import ParticipantRow
from meshconf.tui.widgets.source_switches import SourceSwitch
from meshconf.tui.widgets.tile_board import TileBoard
from meshconf.types import SourceKind


class MeetingScreen(Screen[str | MeshconfError]):
    """One meeting; dismissed with `detached`, with the reason why it is over, or with why it never was."""

    CSS_PATH = "meeting.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (23, "-tall")]
    AUTO_FOCUS = ""
    BINDINGS = [*MEETING_KEYS]

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
        self._bridge = Bridge(engine, self.model, self.post_message, clock)
        self._desk = Desk(engine, self.model, self._bridge.tell)
        self._key_noise = KeyNoise(engine, clock)
        self._panes = MeetingPanes(self.model, self._desk.names, clock, wall, behind)
        self._pictures = PictureChoice()
        self._talk_key = TalkKey(self._desk, clock)
        self._dialogs = DialogStack(self)
        self._departure = Departure(self._desk, self.model, self._be_patient)
        self._orders = Orders(self._desk, self.model, self._dialogs, self._departure, self._panes.chat.write)

    def compose(self) -> ComposeResult:
        """All panes."""
        yield from self._panes.compose()

    def on_mount(self) -> None:
        """Start to read the engine; the screen's end ends both."""
        self._show(Change.ROOM | Change.PEOPLE)
        self.set_interval(1.0, self._keep_time)
        self._key_watch = self.set_interval(0.05, self._watch_key, pause=True)
        self.run_worker(self._bridge.run(), group="bridge")

    async def on_model_changed(self, event: ModelChanged) -> None:
        """Draw what changed."""
        self._show(event.change)
        if Change.LEFT in event.change and self._departure.begun:
            self._dialogs.close_page("left")
        else:
            await self._departure.follow()

    async def on_engine_gone(self, event: EngineGone) -> None:
        """Say why it is over, unless the person ended it themselves."""
        if self._departure.begun:
            self._dialogs.close_page("left")
        elif event.failure is not None:
            self._dialogs.close_page(event.failure)
        else:
            self._dialogs.close_all()
            if event.sentence:
                # The engine said nothing of an end, so there may be none but here.
                over = EndedScreen(event.sentence, "Stopped here")
            else:
                over = EndedScreen(sentence(self.model.left or "", self.model.title))
            self._dialogs.ask(over, self._ended)

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
            self._panes.chat.take_back(event.line)
            return
        await self._orders.carry_out(command)

    async def on_participant_row_volume_chosen(self, event: ParticipantRow.VolumeChosen) -> None:
        """Change how loud somebody is here."""
        await self._desk.set_volume(event.peer, event.gain_db)

    async def on_participant_row_opened(self, event: ParticipantRow.Opened) -> None:
        """Show somebody's page."""
        await self._orders.open_person(event.peer)

    async def on_source_switch_flipped(self, event: SourceSwitch.Flipped) -> None:
        """A click does as the key."""
        await (self.action_mute() if event.kind is SourceKind.MIC else self.action_switch(event.kind))

    async def action_mute(self) -> None:
        """Be muted, or heard."""
        await self._desk.mute(self._desk.is_on(SourceKind.MIC))

    async def action_talk(self) -> None:
        """The key to talk is down, or repeats; when it is let go of, no terminal tells."""
        await self._talk_key.press()
        self._key_watch.resume()

    async def _watch_key(self) -> None:
        await self._talk_key.look()
        if not self._talk_key.down:
            self._key_watch.pause()

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
        self._orders.open_sound()

    async def action_switch(self, source: str) -> None:
        """Turn an own source on or off; which file or stream to play is asked first."""
        kind = SourceKind(source)
        on = not self._desk.is_on(kind)
        if kind is SourceKind.MEDIA and (on or self.model.talk.playing is not None):
            self._orders.open_player()
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
        if wanted and not self._panes.board.is_open:
            self.notify("Nobody's camera or screen is on.")

    def action_write(self) -> None:
        """Go to the chat's input."""
        self._panes.chat.write()

    def action_rest(self) -> None:
        """Leave the input, so that single keys work again."""
        self.set_focus(None)

    def action_people(self) -> None:
        """Go into the list of people."""
        self._panes.people.action_step(1)

    def action_choose_first(self) -> None:
        """Say whose volume the keys change."""
        self.notify("Louder or softer: whom? Choose one of the others with ↑ and ↓; a has the volume of all.")

    def action_room(self) -> None:
        """Show the room's rules, and what we may change."""
        self._orders.open_room()

    def action_invite(self) -> None:
        """Show code, link and QR code."""
        self._dialogs.ask(InviteScreen(self.model, lambda: self._desk.send({"do": "rotate_code"})))

    def action_help(self) -> None:
        """Show all keys."""
        self._dialogs.ask(HelpScreen())

    async def action_answer(self, do: str) -> None:
        """Let in, or send away, who is first in the lobby."""
        if peer := self._panes.asks.answer():
            await self._desk.send({"do": do, "peer": peer})

    async def action_end_control(self) -> None:
        """End remote control at once, whoever has it."""
        await self._orders.end_control()

    def action_take_copied(self) -> None:
        """Put into the clipboard what the owner of a screen that we control copied there; only ever by this key."""
        if text := self.model.control.take_copied():
            self.app.copy_to_clipboard(text)
            self.notify(f"Your clipboard has what was copied there: {len(text)} characters.")
            self._show(Change.ROOM)
        else:
            self.notify("Nothing was copied on a screen that you control.")

    def on_screen_resume(self) -> None:
        """Who asks for control while another dialog is open is shown afterwards."""
        self._orders.show_requests()

    async def action_give_back(self) -> None:
        """Give the role of host back to who had it before, after a question."""
        if self.model.returned:
            await self._orders.carry_out({"do": "transfer_host", "peer": self.model.returned})

    def action_leave(self) -> None:
        """Ask whether to leave, to hand over before, or to end the meeting for all."""
        self._orders.leave()

    async def action_detach(self) -> None:
        """Close the page and leave the meeting running."""
        if not self.model.own:
            return  # from what?
        await self._engine.close()
        # Later: closing from within a key action would wait for this very action to end.
        self.call_later(self._dialogs.close_page, "detached")

    def _be_patient(self) -> None:
        self.set_timer(PATIENCE_S, lambda: self._dialogs.close_page("left"))

    def _ended(self, _: None) -> None:
        self.call_later(self._dialogs.close_page, self.model.left or "left")

    def _show_pictures(self) -> None:
        shows = self._pictures.shows(self.model, self.size)
        self.set_class(shows, "-pictures")
        self.set_class(fits(self.size, (PLENTY[0], 0)), "-beside")
        if shows:
            self._panes.board.open(self.model)
        else:
            self._panes.board.shut()

    def _keep_time(self) -> None:
        self._panes.keep_time(self._bridge.elapsed)

    def _show(self, change: Change) -> None:
        if Change.ROOM in change:
            self._orders.show_requests()
        if (Change.ROOM | Change.PEOPLE) & change:
            self._dialogs.refresh()
        if (Change.PEOPLE | Change.PICTURES) & change:
            self._show_pictures()
        if Change.ALERT in change:
            self.notify(self.model.alert, severity="warning", markup=False)
        for complaint in self._panes.show(change, self._bridge.elapsed):
            self._departure.refused()
            self._dialogs.complain(complaint)
