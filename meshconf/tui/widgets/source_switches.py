"""The own switches: microphone, camera, screen, sound of a file; each shows its key, its name and its state."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from meshconf.tui.durations import clock
from meshconf.tui.participant import Participant
from meshconf.tui.talk import Talk
from meshconf.tui.widgets.participant_row import source_mark
from meshconf.types import SourceKind

MUTED, BY_KEY = "muted", "hold space"
"""States of a microphone that is open and not heard."""

SWITCHES = (
    (SourceKind.MIC, "m", "Microphone", "Mic"),
    (SourceKind.CAMERA, "v", "Camera", "Camera"),
    (SourceKind.SCREEN, "s", "Screen", "Screen"),
    (SourceKind.MEDIA, "f", "File", "File"),
)
"""Kind, key, name, and the name where there is little room."""
_ROOMY = 72
"""Cells from which on names and states are written out."""


class SourceSwitch(Static):
    """One switch; a click does as its key does."""

    class Flipped(Message):
        """The person clicked."""

        def __init__(self, kind: SourceKind) -> None:
            super().__init__()
            self.kind = kind

    def __init__(self, kind: SourceKind, key: str, name: str, short: str) -> None:
        super().__init__(classes="switch")
        self._kind, self._key, self._long, self._short = kind, key, name, short

    def show(self, state: str, asked: bool | None, *, roomy: bool, detail: str = "") -> None:
        """Show `on`, `off` or `forbidden`, how an open microphone is not heard, or what was asked to come about.

        With `detail`, what is on is told by that.
        """
        glyph, colour = ("◐", "$accent") if state in (MUTED, BY_KEY) else source_mark(state)
        live = state == "on"
        word = detail if live and detail else state
        if asked is not None:
            glyph, colour, word, live = "◌", "$accent", "starting" if asked else "stopping", False
        name = self._long if roomy else self._short
        parts = [(f"{self._key} ", "bold $accent"), (f"{glyph} ", colour), (name, "bold" if live else "$foreground")]
        if roomy:
            parts.append((f" {word}", "$primary" if live else "$quiet"))
        content = Content.assemble(*parts)
        # Contents are compared by their text; the styles here follow from it.
        if content != self.content:
            self.update(content)

    def on_click(self) -> None:
        """Tell the page."""
        self.post_message(self.Flipped(self._kind))


class SourceSwitches(Horizontal):
    """What the person at this terminal sends."""

    def __init__(self) -> None:
        super().__init__()
        self._me: Participant | None = None
        self._barred: frozenset[SourceKind] = frozenset()
        self._talk = Talk()
        self._switches = {kind: SourceSwitch(kind, *words) for kind, *words in SWITCHES}

    def compose(self) -> ComposeResult:
        """One cell per source."""
        yield from self._switches.values()

    def on_resize(self) -> None:
        """Words as there is room."""
        self.show(self._me, self._barred, self._talk)

    def show(self, me: Participant | None, barred: frozenset[SourceKind], talk: Talk) -> None:
        """Show the states, and what the room forbids us; before the engine has named us, everything is off.

        Args:
            me: the person at this terminal.
            barred: what the room forbids us.
            talk: what there is about talking and hearing.
        """
        self._me, self._barred, self._talk = me, barred, talk
        roomy = self.size.width >= _ROOMY
        for kind, switch in self._switches.items():
            state = me.sources.get(kind, "off") if me else "off"
            state = "forbidden" if kind in barred and state != "on" else state
            if kind is SourceKind.MIC and state == "off" and talk.waits_muted:
                state = BY_KEY if talk.push_to_talk else MUTED
            detail = ""
            if kind is SourceKind.MEDIA and (playing := talk.playing) is not None:
                detail = "paused" if playing.paused else clock(playing.position_s)
            if kind is SourceKind.SCREEN and me is not None and me.showing != "live":
                detail = me.showing
            switch.show(state, me.asked.get(kind) if me else None, roomy=roomy, detail=detail)
