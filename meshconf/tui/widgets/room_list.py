"""The meetings on this network; entries come, change and go while one looks."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from meshconf.tui import fields
from meshconf.tui.fields import Event

_LIMIT = 50
_PATIENCE_S = 3.0
"""Meetings that are there answer sooner."""


class RoomList(OptionList):
    """Meetings to pick from."""

    class Picked(Message):
        """The person wants to join this one."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._looked = False
        """Whether we have looked long enough to say that there is nothing."""
        self._rooms: dict[str, tuple[str, int]] = {}

    def on_mount(self) -> None:
        """Say that we are looking."""
        self._draw()
        self.set_timer(_PATIENCE_S, self._found_none)

    def take(self, room: Event) -> None:
        """One meeting was found, has changed, or (with no people) is gone."""
        key = room.get("key")
        if not isinstance(key, str) or not key or len(key) > 600:
            return
        people = fields.number(room, "people")
        if people is None or people < 1:
            self._rooms.pop(key, None)
        elif key in self._rooms or len(self._rooms) < _LIMIT:
            self._rooms[key] = (fields.text(room, "title", 80) or "Untitled meeting", int(min(people, 999)))
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell which one was picked."""
        event.stop()
        titles = [title for title, _ in self._rooms.values()]
        if event.option_index < len(titles):
            self.post_message(self.Picked(titles[event.option_index]))

    def _found_none(self) -> None:
        """Say so; what comes later is shown all the same."""
        self._looked = True
        if not self._rooms:
            self._draw()

    def _draw(self) -> None:
        place = self.highlighted
        self.clear_options()
        if not self._rooms:
            empty = (
                "No listed meetings here; join with a code."
                if self._looked
                else "Looking for meetings…\nWith a code or link you need no list."
            )
            self.add_option(Option(Content.styled(empty, "$quiet"), disabled=True))
            return
        for title, people in self._rooms.values():
            count = "1 person" if people == 1 else f"{people} people"
            self.add_option(Option(Content.assemble(("◆ ", "$primary"), title, (f"  {count}", "$quiet"))))
        if place is not None:
            self.highlighted = min(place, len(self._rooms) - 1)
