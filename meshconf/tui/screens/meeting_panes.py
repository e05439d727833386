"""What stands on the meeting page, drawn from the model: header, bars that ask, pictures, people, chat, switches."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Container

from meshconf.tui.change import Change
from meshconf.tui.conversation import LineKind
from meshconf.tui.model import MeetingModel
from meshconf.tui.slash import Names
from meshconf.tui.widgets.ask_bar import AskBar
from meshconf.tui.widgets.chat_pane import ChatPane
from meshconf.tui.widgets.control_bar import ControlBar
from meshconf.tui.widgets.key_footer import KeyFooter
from meshconf.tui.widgets.meeting_header import MeetingHeader
from meshconf.tui.widgets.participant_list import ParticipantList
from meshconf.tui.widgets.source_switches import SourceSwitches
from meshconf.tui.widgets.tile_board import TileBoard


class MeetingPanes:
    """The widgets of one meeting page.

    Args:
        model: What they show.
        names: Whom a line of the chat may name.
        clock: Monotonic seconds, for pictures.
        wall: Seconds since 1970, for the times beside what was said.
        behind: Whether the terminal does not keep up with what is drawn.
    """

    def __init__(
        self,
        model: MeetingModel,
        names: Callable[[], Names],
        clock: Callable[[], float],
        wall: Callable[[], float],
        behind: Callable[[], bool],
    ) -> None:
        self._model = model
        self._wall = wall
        self._header = MeetingHeader()
        self._control = ControlBar()
        self._switches = SourceSwitches()
        self.asks = AskBar()
        self.board = TileBoard(clock, behind)
        self.people = ParticipantList()
        self.chat = ChatPane(names)

    def compose(self) -> ComposeResult:
        """Header, what waits for an answer, pictures, people beside (or over) chat, switches, keys."""
        yield self._header
        yield self._control
        yield self.asks
        with Container(id="body"):
            yield self.board
            yield self.people
            yield self.chat
        yield self._switches
        yield KeyFooter()

    def show(self, change: Change, elapsed: float) -> list[str]:
        """Draw what changed, `elapsed` seconds after the meeting began; returns what went wrong, as the chat tells it.

        Pictures are not drawn here: whether there are any depends on the page's size.
        """
        model = self._model
        if Change.ROOM in change:
            self._header.show(model, elapsed)
            self.asks.show(model)
            self._control.show(model, elapsed)
        if Change.PEOPLE in change:
            self.people.show(model)
            self._switches.show(model.me, model.rules.barred(model.own), model.talk)
        elif Change.LEVELS in change:
            self.people.show_levels()
            self.board.show_levels()
        if Change.CHAT not in change:
            return []
        self.chat.keep_time(self._wall() - elapsed)
        return [line.text for line in self.chat.show(model.chat) if line.kind is LineKind.ERROR]

    def keep_time(self, elapsed: float) -> None:
        """Time passes."""
        self._header.show_time(elapsed)
        self._control.show(self._model, elapsed)
        self.chat.keep_time(self._wall() - elapsed)
