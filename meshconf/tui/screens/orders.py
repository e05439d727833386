"""Carries out what the person wants, by whatever way they say it: a key, a page, or a command in the chat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.actions import Action, question
from meshconf.tui.desk import Desk
from meshconf.tui.model import MeetingModel
from meshconf.tui.remote_control import Grant
from meshconf.tui.screens.confirm import ConfirmScreen
from meshconf.tui.screens.control import ControlScreen
from meshconf.tui.screens.departure import Departure
from meshconf.tui.screens.devices import DevicesScreen
from meshconf.tui.screens.dialog_stack import DialogStack
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.screens.person import PersonScreen
from meshconf.tui.screens.pick import PickScreen
from meshconf.tui.screens.play import PlayScreen
from meshconf.tui.screens.room import RoomScreen
from meshconf.tui.screens.sound import SoundScreen
from meshconf.types import SourceKind


class Orders:
    """Turns orders into commands to the engine; what hurts, and what is not yet clear, is asked first.

    Args:
        desk: Takes the commands.
        model: What is known of the meeting.
        dialogs: Where questions are asked.
        departure: The way out.
        write: Goes to the chat's input, with the beginning of a line.
    """

    def __init__(
        self, desk: Desk, model: MeetingModel, dialogs: DialogStack, departure: Departure, write: Callable[[str], None]
    ) -> None:
        self._desk = desk
        self._model = model
        self._dialogs = dialogs
        self._departure = departure
        self._write = write

    async def carry_out(self, command: CommandFields, *, sure: bool = False) -> None:
        """Do what a key, a page or a typed command means; what hurts is asked first."""
        asked = None if sure else question(self._model, command)
        if asked is not None:
            self._dialogs.ask(ConfirmScreen(asked), lambda yes: self.carry_out(command, sure=True) if yes else None)
            return
        match command:
            case {"do": "write", "peer": peer}:
                self._write(f"/msg {self._desk.reference(peer)} ")
            case {"do": "chat", "text": text, "to": to}:
                await self._desk.say(text, to)
            case {"do": "volume", "peer": peer, "gain_db": gain_db}:
                await self._desk.set_volume(peer, gain_db)
            case {"do": "source", "source": source}:
                kind = SourceKind(source)
                await self._desk.switch(kind, command.get("on", not self._desk.is_on(kind)), command.get("from"))
            case {"do": "verify", "peer": peer}:
                await self.open_person(peer)
            case {"do": "devices"}:
                await self._open_devices()
            case {"do": "help"}:
                self._dialogs.ask(HelpScreen(commands=True))
            case {"do": "leave"} if not sure:
                self.leave()
            case {"do": "leave" | "end" as how}:
                await self._departure.depart(how)
            case _:
                await self._desk.send(command)

    async def open_person(self, peer: str) -> None:
        """Show somebody's page, and ask for the words to compare."""
        if (person := self._model.people.get(peer)) is not None:
            self._dialogs.ask(PersonScreen(self._model, peer, self.carry_out), self._chosen)
            if not person.own:
                await self._desk.send({"do": "verify", "peer": peer})

    def open_room(self) -> None:
        """Show the room's rules, and what we may change."""
        self._dialogs.ask(RoomScreen(self._model, self.carry_out), self._chosen)

    def open_sound(self) -> None:
        """Show what can be decided about talking and hearing."""
        self._dialogs.ask(SoundScreen(self._model, self.carry_out), self._chosen)

    async def _open_devices(self) -> None:
        self._dialogs.ask(DevicesScreen(self._model, self.carry_out))
        await self._desk.send({"do": "devices"})

    def open_player(self) -> None:
        """Ask which file or stream to play, or show the one that plays."""
        self._dialogs.ask(PlayScreen(self._model, self.carry_out), self._play)

    def leave(self) -> None:
        """Ask whether to leave, to hand over before, or to end the meeting for all."""
        if self._departure.begun or not self._model.own:
            # Asked for the second time: the engine does not answer, and need not. Or there is no meeting yet.
            self._dialogs.close_page("left")
        else:
            self._dialogs.ask(LeaveScreen(self._model), self._leave)

    def show_requests(self) -> None:
        """Ask about control of our screen, where somebody wants it."""
        for asking in self._model.control.asking.values():
            self._dialogs.ask(ControlScreen(self._model, asking), partial(self._answer_request, asking.peer))

    async def end_control(self) -> None:
        """End remote control at once, whoever has it."""
        for command in self._model.control.ending():
            await self._desk.send(command)

    async def _answer_request(self, peer: str, answer: Grant | Literal[False] | None) -> None:
        if answer is False:
            await self._desk.send({"do": "control_deny", "peer": peer})
        elif answer is not None:
            granted = {"minutes": answer.minutes, "clipboard": answer.clipboard}
            await self._desk.send({"do": "control_grant", "peer": peer, **granted})

    async def _chosen(self, action: Action | None) -> None:
        if action is not None:
            await self.carry_out(action.command)

    async def _leave(self, choice: str | None) -> None:
        if choice == "hand_over":
            self._dialogs.ask(PickScreen(self._model, self.carry_out), self._hand_over)
        elif choice:
            await self.carry_out({"do": choice}, sure=choice == "leave")

    async def _hand_over(self, action: Action | None) -> None:
        if action is not None:
            await self._departure.hand_over(action.command)

    async def _play(self, place: str | None) -> None:
        if place:
            await self._desk.send({"do": "play", "from": place})
