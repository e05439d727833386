"""The start page: who one is and with which devices, start a meeting, join one, or pick one on this network."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, Static
from textual.worker import Worker, WorkerState

from meshconf.conference.failure import fix_of
from meshconf.errors import DeviceError, MeshconfError
from meshconf.tui.engine import Engine, Launcher, Lobby, MeetingOptions
from meshconf.tui.fields import NAME_LIMIT
from meshconf.tui.plain import clean, fit
from meshconf.tui.screens.lobby import LobbyScreen, Outcome
from meshconf.tui.widgets.device_select import DeviceSelect
from meshconf.tui.widgets.field import Field
from meshconf.tui.widgets.invite_input import InviteInput
from meshconf.tui.widgets.room_list import RoomList

_DEVICES = {"camera": "cameras", "mic": "microphones", "speaker": "speakers"}
"""Option, and the name of its list in what a launcher finds."""
_LABELS = {"camera": "Camera", "mic": "Microphone", "speaker": "Speaker"}


class StartScreen(Screen[None]):
    """Everything before a meeting."""

    CSS_PATH = "start.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    AUTO_FOCUS = "#invite"
    BINDINGS = [
        Binding("ctrl+s", "start", "Start"),
        Binding("ctrl+g", "join", "Join"),
        Binding("ctrl+l", "rooms", "On this network"),
        Binding("escape", "cancel", "Cancel"),
    ]

    def __init__(
        self,
        launcher: Launcher,
        options: MeetingOptions,
        opened: Callable[[Engine, MeetingOptions], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self._launcher = launcher
        self._options = options
        self._opened = opened
        self._clock = clock
        self._attempt: Worker[None] | None = None
        self._search: Worker[None] | None = None
        self._own_name = Input(options.name, placeholder=_login(), compact=True, id="name")
        self._devices = {kind: DeviceSelect(kind, getattr(options, kind)) for kind in _DEVICES}
        self._invite = InviteInput(launcher.complete, id="invite")
        self._hint = Static(id="hint")
        self._title = Input(options.title, placeholder="What it is about", compact=True, id="title")
        self._rooms = RoomList(id="rooms")
        self._status = Static(id="status")

    def compose(self) -> ComposeResult:
        """Two columns where there is room; one, in the same order, where there is not."""
        with VerticalScroll(id="page", can_focus=False):
            yield Static(
                Content.assemble(("◆ meshconf", "bold $primary"), ("   meetings from terminal to terminal", "$quiet")),
                id="brand",
            )
            with Container(id="columns"):
                with Vertical(classes="column"):
                    with Vertical(id="you", classes="card") as you:
                        you.border_title = "You"
                        yield Field("Name", self._own_name)
                        for kind, choice in self._devices.items():
                            yield Field(_LABELS[kind], choice)
                    with Vertical(id="start-card", classes="card") as start:
                        start.border_title = "Start"
                        yield Field("", self._title, Button("Start", id="start", compact=True))
                with Vertical(classes="column"):
                    with Vertical(id="join-card", classes="card") as join:
                        join.border_title = "Join"
                        yield Field("", self._invite, Button("Join", id="join", compact=True))
                        yield self._hint
                    with Vertical(id="rooms-card", classes="card") as rooms:
                        rooms.border_title = "On this network"
                        yield self._rooms
            yield self._status
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Look for devices and meetings while the person reads."""
        self.run_worker(self._find_devices(), exit_on_error=False)
        self._search = self.run_worker(self._find_rooms(), exit_on_error=False)

    def on_screen_suspend(self) -> None:
        """A meeting has opened over this page, and nobody looks for others any more."""
        if self._search is not None:
            self._search.cancel()

    def options(self) -> MeetingOptions:
        """What the fields say."""
        return MeetingOptions(
            name=clean(self._own_name.value, NAME_LIMIT),
            title=clean(self._title.value, 80),
            camera=self._devices["camera"].chosen,
            mic=self._devices["mic"].chosen,
            speaker=self._devices["speaker"].chosen,
            windows=self._options.windows,
        )

    def action_start(self) -> None:
        """Start a meeting."""
        options = self.options()
        self._try("Starting the meeting…", lambda: self._launcher.host(options), options)

    def action_join(self) -> None:
        """Join with what is in the field; an empty field is gone to instead."""
        invite = clean(self._invite.value, 600)
        if not invite:
            self._invite.focus()
            self._show_hint("Type the code or paste the link that you were given.", warning=True)
            return
        options = self.options()
        self._try("Joining…", lambda: self._launcher.join(invite, options), options)

    def action_rooms(self) -> None:
        """Go to the list of meetings on this network."""
        self._rooms.focus()

    def action_cancel(self) -> None:
        """Give up what is under way."""
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
            self._say("Cancelled.", "$quiet")
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One attempt at a time; nothing to cancel without one."""
        return (self._attempt is not None) == (action == "cancel") if action in ("start", "join", "cancel") else True

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Both buttons have keys too."""
        if self._attempt is None:
            self.action_start() if event.button.id == "start" else self.action_join()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter starts from the title and joins from the invite; from the name it goes on to the next field."""
        if event.input.id == "name":
            self.focus_next()
        elif self._attempt is None:
            self.action_start() if event.input.id == "title" else self.action_join()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Help with the words of a code."""
        if isinstance(event.input, InviteInput):
            sentence, warning = event.input.hint()
            self._show_hint(sentence, warning=warning)

    def on_room_list_picked(self, event: RoomList.Picked) -> None:
        """An announcement holds no secret, so the meeting that was picked still needs its code."""
        if self._attempt is None:
            self._invite.focus()
            self._show_hint(f"Ask for the code of “{fit(event.title, 28)}”.", warning=True)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A search that failed says so; a finished attempt frees the keys."""
        if event.state is WorkerState.ERROR:
            self._say(_sentence(event.worker.error), "$error")
        if event.worker is self._attempt and event.worker.is_finished:
            self._attempt = None
            self.refresh_bindings()

    def _try(
        self, sentence: str, open_engine: Callable[[], Awaitable[Engine | Lobby]], options: MeetingOptions
    ) -> None:
        async def attempt() -> None:
            try:
                found = await open_engine()
            except MeshconfError as error:
                self._say(_sentence(error), "$error", fix=fix_of(error))
                return
            self._say("", "")
            if isinstance(found, Lobby):
                self._wait_in(found, options)
            else:
                await self._opened(found, options)

        self._say(sentence, "$primary")
        self._attempt = self.run_worker(attempt(), exclusive=True, group="attempt", exit_on_error=False)
        self.refresh_bindings()

    def _wait_in(self, lobby: Lobby, options: MeetingOptions) -> None:
        async def out(outcome: Outcome | None) -> None:
            if isinstance(outcome, MeshconfError):
                self._say(_sentence(outcome), "$error")
            elif outcome is None:
                self._say("You gave up waiting.", "$quiet")
            else:
                await self._opened(outcome, options)

        self.app.push_screen(LobbyScreen(lobby, self._clock), out)

    def _show_hint(self, sentence: str, *, warning: bool) -> None:
        self._hint.update(Content.styled(sentence, "$accent" if warning else "$quiet"))

    def _say(self, sentence: str, style: str, *, fix: str = "") -> None:
        content = Content.styled(clean(sentence, 400), style)
        if fix:
            content = Content("\n").join([content, Content.assemble(("Fix: ", "bold $accent"), clean(fix, 400))])
        self._status.update(content)
        self._status.display = bool(sentence)
        self._status.scroll_visible(animate=False)

    async def _find_devices(self) -> None:
        try:
            found = await self._launcher.devices()
        except DeviceError as error:
            self._say(str(error), "$accent", fix=fix_of(error))
            return
        for kind, listed in _DEVICES.items():
            self._devices[kind].take(found.get(listed))

    async def _find_rooms(self) -> None:
        async for room in self._launcher.rooms():
            self._rooms.take(room)


def _login() -> str:
    """The name that the others see where none is given."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "Your name"


def _sentence(error: BaseException | None) -> str:
    if isinstance(error, MeshconfError):
        return str(error)
    return f"That failed inside meshconf ({type(error).__name__}: {error}); the log has more."
