"""The page of sound: how one talks, how loud one hears all, what rings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.content import Content

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.actions import for_sound
from meshconf.tui.model import MeetingModel
from meshconf.tui.screens.sheet import Sheet


class SoundScreen(Sheet):
    """Mute, talking by a key, volume of all, small sounds, the own hand."""

    def __init__(self, model: MeetingModel, do: Callable[[CommandFields], Awaitable[None]]) -> None:
        super().__init__(do)
        self._model = model

    def show(self) -> None:
        """Show what is the case now."""
        talk = self._model.talk
        line = "You are heard." if talk.on_air else "Nothing of your microphone leaves this machine."
        if talk.waits_muted:
            line += " Hold space to talk."
        self.fill("Sound", Content.styled(line, "$foreground"), for_sound(self._model))
