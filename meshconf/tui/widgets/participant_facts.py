"""The words about one participant: who they are, and how the connection to them does."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from meshconf.tui.participant import Participant
from meshconf.tui.plain import fit
from meshconf.types import KeyVerdict, PeerState, Role, SourceKind

_STATES = {
    PeerState.CONNECTING: ("connecting…", "$accent"),
    PeerState.CONNECTED: ("connected", "$success"),
    PeerState.RECONNECTING: ("reconnecting…", "$error"),
    PeerState.LEFT: ("left", "$quiet"),
}
ROLE_SIGNS = {Role.HOST: "★", Role.ADMIN: "☆"}
"""A shape for each special role; the word stands beside it or below."""
_HERE = "this computer"
_LOSS_WORTH_TELLING = 0.01
_TAIL = 4
"""Characters of the id that tell people of one name apart."""
_ROOMY = 24
"""Cells from which on the words are written out."""


class ParticipantFacts(Widget):
    """Two lines; what does not fit is left out from the right, never cut through."""

    DEFAULT_CSS = "ParticipantFacts { height: 2; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._person = Participant("")
        self._role = Role.MEMBER
        self._twin = False
        self._chosen = False

    def show(self, person: Participant, role: Role, *, twin: bool) -> None:
        """Show `person`; a `twin` is called as somebody else is, and has the end of the id behind the name."""
        self._person, self._role, self._twin = person, role, twin
        self.refresh()

    def choose(self, chosen: bool) -> None:
        """Whether the keys mean this person: told without a colour, as few terminals have one so faint."""
        self._chosen = chosen
        self.refresh()

    def render(self) -> Content:
        """Name with marks, then state, path, round trip and what else there is room for."""
        width = self.size.width
        return Content("\n").join([self._title_line(width), self._connection(width)])

    def _title_line(self, width: int) -> Content:
        person = self._person
        roomy = width >= _ROOMY
        marks = [(" (you)" if roomy else " you", "$quiet")] if person.own else []
        if self._twin and not person.own:
            marks.append((f" ·{person.peer[-_TAIL:]}", "$quiet"))
        if (sign := ROLE_SIGNS.get(self._role)) is not None:
            marks.append((f" {sign} {self._role}" if roomy else f" {sign}", "$accent"))
        if person.in_line:
            marks.append((f" ⇧ hand {person.in_line}" if roomy else f" ⇧{person.in_line}", "bold $accent"))
        if person.identity is KeyVerdict.CHANGED:
            marks.append((" ‼ other key" if roomy else " ‼", "bold $error"))
        elif person.identity is KeyVerdict.NEW:
            marks.append((" new", "$secondary"))
        taken = sum(cell_len(text) for text, _ in marks)
        name = fit(person.name or "Somebody", max(4, width - taken))
        style = "bold $primary" if person.speaking else "bold"
        if self._chosen:
            style += " reverse"
        return Content.assemble((name, style), *marks)

    def _connection(self, width: int) -> Content:
        person = self._person
        # Where there are few cells the sign above stands alone, and its word comes down here.
        role = f"{self._role} · " if width < _ROOMY and self._role in ROLE_SIGNS else ""
        if person.own:
            if role and cell_len(role) + len(_HERE) > width:
                return Content.styled(str(self._role), "$accent")
            return Content.assemble((role, "$accent"), (_HERE, "$quiet"))
        word, colour = _STATES[person.state]
        details = self._details()
        if width < _ROOMY and person.path is not None and details:
            # The colour alone says "connected": where cells are few, path and round trip say more than the word.
            word = details.pop(0)[0]
        content = Content.assemble((role, "$accent"), (word, colour))
        for text, style in details:
            if content.cell_length + 3 + cell_len(text) > width:
                break
            content = Content.assemble(content, (" · ", "$faint"), (text, style))
        return content

    def _details(self) -> list[tuple[str, str]]:
        person = self._person
        details: list[tuple[str, str]] = []
        if person.state is not PeerState.CONNECTED:
            return details
        if person.path is not None:
            details.append((str(person.path), "$quiet"))
        if person.deaf:
            details.append(("not heard here", "$accent"))
        if person.hears_nobody:
            details.append(("hears nobody", "$accent"))
        if person.rtt_ms is not None:
            details.append((f"{person.rtt_ms:.0f} ms", "$quiet"))
        if person.loss is not None and person.loss >= _LOSS_WORTH_TELLING:
            details.append((f"{min(person.loss, 1.0):.0%} lost", "$accent"))
        if person.is_on(SourceKind.MEDIA):
            details.append(("plays a file", "$secondary"))
        if person.gain_db:
            details.append((f"{person.gain_db:+.0f} dB", "$secondary"))
        if person.picture:
            details.append((person.picture, "$quiet"))
        if person.down_bps:
            details.append((f"↓ {_rate(person.down_bps)}", "$quiet"))
        return details


def _rate(bits_per_second: float) -> str:
    if bits_per_second >= 999_500:
        return f"{min(bits_per_second / 1e6, 9999):.1f} Mb/s"
    return f"{bits_per_second / 1e3:.0f} kb/s"
