"""Asks for the file or stream whose sound everybody shall hear; while one plays, its position and the keys of a player.

Dismissed with what the control API calls a source, `file:PATH` or an address, or None.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.model import MeetingModel
from meshconf.tui.plain import clean, fit
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.talk import Playing
from meshconf.tui.widgets.level_meter import bar

_WIDTH = 56
"""Cells of the bar that shows the position."""
_STEP_S = 10.0
_KEYS = (("space", "pause"), ("← →", "10 s"), ("home", "anew"), ("s", "stop"), ("n", "another"), ("esc", "closes"))


class PlayScreen(Dialog[str]):
    """One line to write in, or the player."""

    CSS_PATH = ["dialog.tcss", "play.tcss"]
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("escape", "close", "Close"),
        Binding("space", "hold", show=False),
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
        Binding("home", "anew", show=False),
        Binding("s", "stop", show=False),
        Binding("n", "another", show=False),
    ]

    def __init__(self, model: MeetingModel, do: Callable[[CommandFields], Awaitable[None]]) -> None:
        super().__init__()
        self._model = model
        self._do = do
        self._asking = model.talk.playing is None
        self._place = Input(placeholder="a file, or the address of a stream", compact=True, max_length=1000, id="place")
        self._tape = Static(id="tape")
        self._note = Static(id="note")

    def compose(self) -> ComposeResult:
        """The line or the player, and below it what to do or what was wrong."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Play sound to everybody"
            yield self._place
            yield self._tape
            yield self._note

    def on_mount(self) -> None:
        """Say which keys there are."""
        self.show()

    def show(self) -> None:
        """Show what is the case now; what played and has ended closes the page."""
        playing = self._model.talk.playing
        if playing is None and not self._asking:
            self.answer()
            return
        self._place.display, self._tape.display = self._asking, not self._asking
        if self._asking:
            if not self._place.has_focus:
                self._place.focus()
                self._say("enter plays, esc closes", "$quiet")
        elif playing is not None:
            self._tape.update(_tape(playing))
            self._note.update(
                Content("   ").join(Content.assemble((key, "bold $accent"), f" {word}") for key, word in _KEYS)
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of the player write, while something is written."""
        return action == "close" or not self._asking

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a file that is there, or any address."""
        event.stop()
        place = clean(event.value, 1000)
        if "://" in place:
            self.answer(place)
            return
        path = Path(place.removeprefix("file:")).expanduser()
        if path.is_file():
            self.answer(f"file:{path.absolute()}")
        elif place:
            self._say("There is no such file.", "$accent")

    async def action_hold(self) -> None:
        """Pause, or play on."""
        if (playing := self._model.talk.playing) is not None:
            await self._do({"do": "resume" if playing.paused else "pause"})

    async def action_step(self, direction: int) -> None:
        """Some seconds on, or back."""
        await self._do({"do": "seek", "by_s": direction * _STEP_S})

    async def action_anew(self) -> None:
        """From the beginning."""
        await self._do({"do": "seek", "to_s": 0.0})

    async def action_stop(self) -> None:
        """Play no more."""
        await self._do({"do": "stop"})

    def action_another(self) -> None:
        """Ask for something else to play."""
        self._asking = True
        self.show()

    def action_close(self) -> None:
        """Back to the meeting."""
        self.answer()

    def _say(self, sentence: str, colour: str) -> None:
        self._note.update(Content.styled(sentence, colour))


def _tape(playing: Playing) -> Content:
    sign = "‖" if playing.paused else "▶"
    share = playing.position_s / playing.duration_s if playing.duration_s else 0.0
    filled = bar(share, _WIDTH)
    after = "  again and again" if playing.repeat else ""
    return Content.assemble(
        (f"{sign} ", "bold $primary"),
        (fit(playing.called, _WIDTH - 2), "bold"),
        "\n",
        (filled, "$primary"),
        ("─" * (_WIDTH - len(filled)), "$border-blurred"),
        "\n",
        (playing.clock, "$foreground"),
        (after, "$quiet"),
    )
