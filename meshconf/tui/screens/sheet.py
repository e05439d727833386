"""What the pages of a person, of the room and of a choice share: facts above, actions below, each with its key.

Dismissed with an action that a question precedes or that leaves nothing to show, or None; others are done at once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.types import CSSPathType
from textual.widgets import Static

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.actions import Action
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.widgets.action_list import ActionList


class Sheet(Dialog[Action]):
    """A dialog with facts and actions; it stays true while the meeting goes on."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss", "sheet.tcss"]
    AUTO_FOCUS = "#actions"
    BINDINGS = [Binding("escape,q", "close", "Close")]

    def __init__(self, do: Callable[[CommandFields], Awaitable[None]]) -> None:
        super().__init__()
        self._do = do
        self._facts = Static(id="facts")
        self._actions = ActionList(id="actions")
        self._complaint = Static(id="complaint")
        self._frame = VerticalScroll(self._facts, self._actions, self._complaint, classes="dialog", can_focus=False)
        self._frame.border_subtitle = "esc closes"

    def compose(self) -> ComposeResult:
        """Facts over actions."""
        yield self._frame

    def on_mount(self) -> None:
        """Fill in what is known."""
        self.show()

    @abstractmethod
    def show(self) -> None:
        """Show what is the case now; called again at any time."""

    def fill(self, title: str, facts: Content, actions: Sequence[Action]) -> None:
        """Put these on the sheet."""
        # As Content: a name may look like markup.
        self._frame.border_title = Content(title)
        self._facts.update(facts)
        self._facts.display = bool(facts.plain)
        self._actions.offer(actions)
        self._actions.display = bool(actions)

    def complain(self, sentence: str) -> None:
        """Say what went wrong; the chat, where it is said too, lies under this sheet."""
        self._complaint.update(Content.styled(sentence, "$error"))
        self._complaint.display = True

    def offers(self, event: Key) -> bool:
        """Whether a key is the key of an action."""
        return self._actions.keyed(event) is not None

    def press(self, event: Key) -> bool:
        """The keys of the actions, which change with what is offered; says whether this is one."""
        return self._actions.press(event)

    async def on_action_list_chosen(self, event: ActionList.Chosen) -> None:
        """Do it, or leave it to the page that opened this sheet."""
        if event.action.severe or event.action.closes:
            self.answer(event.action)
        else:
            self._complaint.display = False
            await self._do(event.action.command)

    def action_close(self) -> None:
        """Back to the meeting."""
        self.answer()
