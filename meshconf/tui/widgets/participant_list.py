"""Everybody in the meeting, one row each; the rows stay the same widgets while people come and go."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from meshconf.tui.model import MeetingModel
from meshconf.tui.participant import Participant
from meshconf.tui.plain import fit
from meshconf.tui.widgets.alone import Alone
from meshconf.tui.widgets.participant_row import ParticipantRow

_SPEAKER_WIDTH = 24


class ParticipantList(VerticalScroll, can_focus=False):
    """The people, own first, then the host, then by name."""

    BINDINGS = [
        Binding("up", "step(-1)", "Up", show=False),
        Binding("down", "step(1)", "Down", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, ParticipantRow] = {}
        """Of those who are here, in the order on the screen; a row that is being removed is not among them."""
        self._people: list[Participant] = []
        self._alone = Alone()
        self._model: MeetingModel | None = None

    def compose(self) -> ComposeResult:
        """Rows come with the people."""
        yield self._alone

    def show(self, model: MeetingModel) -> None:
        """Make the rows fit the model; may be called at any rate."""
        if not self.is_attached:
            return
        self._people = model.present()
        self._model = model
        self._show_alone()
        wanted = [person.peer for person in self._people]
        for peer in self._rows.keys() - set(wanted):
            self._rows.pop(peer).remove()
        fresh = {peer: ParticipantRow(peer) for peer in wanted if peer not in self._rows}
        before = [*self._rows, *fresh]
        rows = self._rows | fresh
        self._rows = {peer: rows[peer] for peer in wanted}
        self.mount_all(fresh.values(), before=self._alone)
        if before != wanted:
            places = {row: place for place, row in enumerate(self._rows.values())}
            self.sort_children(key=lambda child: places.get(child, len(places)))  # type: ignore[call-overload]
        for person in self._people:
            rules = model.rules
            role, barred = rules.role(person.peer), rules.barred(person.peer)
            self._rows[person.peer].show(person, role, barred, twin=model.has_twin(person))
        self._show_speakers()
        # With the rows, not before them: a number over an empty list looks like a fault.
        self.call_after_refresh(self._count)

    def on_resize(self) -> None:
        """A QR code is whole or not there."""
        self._show_alone()

    def show_levels(self) -> None:
        """Move the meters only."""
        for row in self._rows.values():
            row.show_level()
        self._show_speakers()

    def action_step(self, direction: int) -> None:
        """Move the focus to the next row up or down."""
        rows = list(self._rows.values())
        if rows:
            place = next((index for index, row in enumerate(rows) if row.has_focus), -1)
            rows[max(0, min(len(rows) - 1, place + direction))].focus()

    def _count(self) -> None:
        self.border_title = f"People · {len(self._people)}"

    def _show_speakers(self) -> None:
        """Also those who are scrolled out of sight."""
        names = [fit(one.name or "Somebody", _SPEAKER_WIDTH) for one in self._people if one.speaking and not one.own]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        subtitle = f"{names[0]}{more} speaking" if names else ""
        # As Content: a name may look like markup.
        if Content(subtitle).markup != (self.border_subtitle or ""):
            self.border_subtitle = Content(subtitle)

    def _show_alone(self) -> None:
        model = self._model
        self._alone.display = model is not None and bool(model.own) and len(self._people) == 1
        if model is not None and self._alone.display and self._alone.is_mounted:
            self._alone.show(model, self.size.width, self.size.height)
