"""A list of things to do: each has a key of its own; arrows and enter, or a click, do as well."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from meshconf.tui.actions import Action
from meshconf.tui.plain import fit

_WIDTH = 43
"""Cells for a label and its state on a sheet."""


class ActionList(OptionList):
    """Actions to choose from."""

    DEFAULT_CSS = """
    ActionList {
        height: auto;
        max-height: 14;
        min-width: 8;
        border: none;
        padding: 0;
        background: $background;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background-tint: $foreground 0%; }
    }
    """

    class Chosen(Message):
        """The person wants this done."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._offered: list[Action] = []

    def offer(self, actions: Sequence[Action]) -> None:
        """Show these; the cursor stays with the action of the same key."""
        if list(actions) == self._offered:
            return
        place = self.highlighted
        key = self._offered[place].key if place is not None and place < len(self._offered) else None
        self._offered = list(actions)
        self.clear_options()
        width = max((cell_len(action.label) for action in actions if action.key), default=0)
        self.add_options([Option(_line(action, width), disabled=not action.key) for action in actions])
        places = [index for index, action in enumerate(actions) if action.key and action.key == key]
        self.highlighted = next(iter(places), next((index for index, one in enumerate(actions) if one.key), None))

    def keyed(self, event: Key) -> Action | None:
        """The action of a key."""
        return next((one for one in self._offered if one.key == event.character), None)

    def press(self, event: Key) -> bool:
        """Choose the action of a key that the page got; says whether there is one."""
        if (action := self.keyed(event)) is None:
            return False
        self.post_message(self.Chosen(action))
        return True

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        event.stop()
        if event.option_index < len(self._offered):
            self.post_message(self.Chosen(self._offered[event.option_index]))


def _line(action: Action, width: int) -> Content:
    if not action.key:
        return Content.styled(action.label, "$quiet")
    state = fit(action.state, max(4, _WIDTH - width))
    label = action.label + " " * (width - cell_len(action.label))
    return Content.assemble(
        (f" {action.key}  ", "bold $accent"),
        (label if action.state else action.label, "$error" if action.severe else "$foreground"),
        (f"   {state}" if state else "", "$quiet"),
    )
