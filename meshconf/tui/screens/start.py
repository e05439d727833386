"""The start page: who one is and with which devices, start a meeting, join one, or pick one on this network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, Select, Static
from textual.worker import Worker, WorkerState

from meshconf.errors import DeviceError, MeshconfError
from meshconf.tui.engine import Engine, Launcher, MeetingOptions
from meshconf.tui.fields import NAME_LIMIT
from meshconf.tui.plain import clean
from meshconf.tui.widgets.field import Field
from meshconf.tui.widgets.invite_input import InviteInput
from meshconf.tui.widgets.room_list import RoomList

_KINDS = (("camera", "Camera", "cameras"), ("mic", "Microphone", "microphones"), ("speaker", "Speaker", "speakers"))
_DEVICE_LIMIT = 64


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
        self, launcher: Launcher, options: MeetingOptions, opened: Callable[[Engine, MeetingOptions], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._launcher = launcher
        self._options = options
        self._opened = opened
        self._attempt: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """Two columns where there is room; one, in the same order, where there is not."""
        with VerticalScroll(id="page", can_focus=False):
            yield Static(
                Content.assemble(("◆ meshconf", "bold $primary"), ("   meetings from terminal to terminal", "$quiet")),
                id="brand",
            )
            with Vertical(id="columns"):
                with Vertical(id="you", classes="card") as you:
                    you.border_title = "You"
                    yield Field("Name", Input(self._options.name, placeholder="Your name", compact=True, id="name"))
                    for key, label, _ in _KINDS:
                        yield Field(label, self._device(key, ()))
                with Vertical(id="join-card", classes="card") as join:
                    join.border_title = "Join"
                    yield Field("Invite", InviteInput(self._launcher.complete, id="invite"))
                    yield Static(id="hint", markup=False)
                    yield Button("Join", id="join", compact=True, variant="primary")
                with Vertical(id="start-card", classes="card") as start:
                    start.border_title = "Start"
                    yield Field("Title", Input(self._options.title, placeholder="Meeting", compact=True, id="title"))
                    yield Button("Start", id="start", compact=True, variant="primary")
                with Vertical(id="rooms-card", classes="card") as rooms:
                    rooms.border_title = "On this network"
                    yield RoomList(id="rooms")
            yield Static(id="status")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Look for devices and meetings while the person reads."""
        self.run_worker(self._find_devices(), exit_on_error=False)
        self.run_worker(self._find_rooms(), exit_on_error=False)

    def options(self) -> MeetingOptions:
        """What the fields say."""
        return MeetingOptions(
            name=clean(self.query_one("#name", Input).value, NAME_LIMIT),
            title=clean(self.query_one("#title", Input).value, 80),
            camera=str(self.query_one("#camera", Select).value),
            mic=str(self.query_one("#mic", Select).value),
            speaker=str(self.query_one("#speaker", Select).value),
            windows=self._options.windows,
        )

    def action_start(self) -> None:
        """Start a meeting."""
        options = self.options()
        self._try("Starting the meeting…", lambda: self._launcher.host(options), options)

    def action_join(self) -> None:
        """Join with what is in the field; an empty field is gone to instead."""
        field = self.query_one("#invite", InviteInput)
        invite = clean(field.value, 600)
        if not invite:
            field.focus()
            self._say("Type the code or paste the link that you were given.", "$accent")
            return
        self._join(invite, "Joining…")

    def action_rooms(self) -> None:
        """Go to the list of meetings on this network."""
        self.query_one(RoomList).focus()

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
            self.query_one("#hint", Static).update(Content.styled(sentence, "$accent" if warning else "$quiet"))

    def on_room_list_picked(self, event: RoomList.Picked) -> None:
        """Join the meeting that was picked."""
        if self._attempt is None:
            self._join(event.key, f"Joining {event.title}…")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A search that failed says so; a finished attempt frees the keys."""
        if event.state is WorkerState.ERROR:
            self._say(_sentence(event.worker.error), "$error")
        if event.worker is self._attempt and event.worker.is_finished:
            self._attempt = None
            self.refresh_bindings()

    def _join(self, invite: str, sentence: str) -> None:
        options = self.options()
        self._try(sentence, lambda: self._launcher.join(invite, options), options)

    def _try(self, sentence: str, open_engine: Callable[[], Awaitable[Engine]], options: MeetingOptions) -> None:
        async def attempt() -> None:
            try:
                engine = await open_engine()
            except MeshconfError as error:
                self._say(_sentence(error), "$error", fix=getattr(error, "fix", ""))
                return
            self._say("", "")
            await self._opened(engine, options)

        self._say(sentence, "$primary")
        self._attempt = self.run_worker(attempt(), exclusive=True, group="attempt", exit_on_error=False)
        self.refresh_bindings()

    def _say(self, sentence: str, style: str, *, fix: str = "") -> None:
        content = Content.styled(clean(sentence, 400), style)
        if fix:
            content = Content("\n").join([content, Content.assemble(("Fix: ", "bold $accent"), clean(fix, 400))])
        status = self.query_one("#status", Static)
        status.update(content)
        status.display = bool(sentence)
        status.scroll_visible(animate=False)

    async def _find_devices(self) -> None:
        try:
            found = await self._launcher.devices()
        except DeviceError as error:
            self._say(str(error), "$accent", fix=error.fix)
            return
        for key, _, listed in _KINDS:
            names = _names(found.get(listed))
            old = self.query_one(f"#{key}", Select)
            chosen = old.value
            old.set_options(_choices(key, names, str(chosen)))
            old.value = chosen

    async def _find_rooms(self) -> None:
        rooms = self.query_one(RoomList)
        async for room in self._launcher.rooms():
            rooms.take(room)

    def _device(self, key: str, names: Iterable[str]) -> Select[str]:
        chosen = str(getattr(self._options, key))
        return Select(_choices(key, names, chosen), value=chosen, allow_blank=False, compact=True, id=key)


def _choices(key: str, names: Iterable[str], chosen: str) -> list[tuple[Content, str]]:
    """What a device field offers; what was chosen on the command line stays on offer."""
    offered = {"none": "Off", "default": "Default"}
    if key == "camera":
        offered["test"] = "Test picture"
    elif key == "mic":
        offered["test"] = "Test tone"
    for name in names:
        offered.setdefault(name, clean(name, 60) or "Unnamed")
    offered.setdefault(chosen, clean(chosen, 60))
    return [(Content(label), value) for value, label in offered.items()]


def _names(listed: Any) -> list[str]:
    if not isinstance(listed, list | tuple):
        return []
    names = (one.get("name") if isinstance(one, dict) else one for one in listed[:_DEVICE_LIMIT])
    return [name for name in names if isinstance(name, str) and name]


def _sentence(error: BaseException | None) -> str:
    if isinstance(error, MeshconfError):
        return str(error)
    return f"That failed inside meshconf ({type(error).__name__}: {error}); the log has more."
