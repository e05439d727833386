"""Everybody in the meeting, one row each; the rows stay the same widgets while people come and go."""

from __future__ import annotations

from textual.binding import Binding
from textual.containers import VerticalScroll

from meshconf.tui.model import MeetingModel
from meshconf.tui.widgets.participant_row import ParticipantRow


class ParticipantList(VerticalScroll, can_focus=False):
    """The people, own first, then the host, then by name."""

    BINDINGS = [
        Binding("up", "step(-1)", "Up", show=False),
        Binding("down", "step(1)", "Down", show=False),
    ]

    def show(self, model: MeetingModel) -> None:
        """Make the rows fit the model; may be called at any rate."""
        people = model.present()
        self.border_title = f"People · {len(people)}"
        rows = {row.peer: row for row in self.query(ParticipantRow)}
        wanted = [person.peer for person in people]
        for peer in rows.keys() - set(wanted):
            rows.pop(peer).remove()
        for peer in wanted:
            if peer not in rows:
                rows[peer] = ParticipantRow(peer)
                self.mount(rows[peer])
        if [peer for peer in rows if peer in wanted] != wanted:
            places = {peer: place for place, peer in enumerate(wanted)}
            self.sort_children(key=lambda row: places.get(getattr(row, "peer", ""), len(places)))
        for person in people:
            role = "host" if person.peer == model.host else "admin" if person.peer in model.admins else ""
            rows[person.peer].show(person, role)

    def show_levels(self) -> None:
        """Move the meters only."""
        for row in self.query(ParticipantRow):
            row.show_level()

    def action_step(self, direction: int) -> None:
        """Move the focus to the next row up or down."""
        rows = list(self.query(ParticipantRow))
        if rows:
            place = next((index for index, row in enumerate(rows) if row.has_focus), -1)
            rows[max(0, min(len(rows) - 1, place + direction))].focus()
