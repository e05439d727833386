"""What lies over the meeting page, and that page's end: one dialog at a time, and none over a page that is closing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen, ScreenResultType

from meshconf.errors import MeshconfError
from meshconf.tui.screens.control import ControlScreen
from meshconf.tui.screens.dialog import Dialog
from meshconf.tui.screens.invite import InviteScreen
from meshconf.tui.screens.play import PlayScreen
from meshconf.tui.screens.sheet import Sheet


class DialogStack:
    """The dialogs over one page."""

    def __init__(self, page: Screen[str | MeshconfError]) -> None:
        self._page = page
        self._over = False

    def ask(
        self, dialog: Dialog[ScreenResultType], answered: Callable[[ScreenResultType | None], Any] | None = None
    ) -> None:
        """Open a dialog, unless there is one."""
        if not self._over and self._page.app.screen is self._page:
            self._page.app.push_screen(dialog, answered)

    def refresh(self) -> None:
        """Show in open dialogs what is the case now."""
        for screen in self._page.app.screen_stack:
            if isinstance(screen, InviteScreen | Sheet | PlayScreen | ControlScreen):
                screen.show()

    def complain(self, sentence: str) -> None:
        """Say what went wrong where it is seen: the chat lies under an open sheet."""
        if isinstance(sheet := self._page.app.screen, Sheet):
            sheet.complain(sentence)

    def close_all(self) -> None:
        """Close what lies over the page, unanswered."""
        app = self._page.app
        while self._page in app.screen_stack and app.screen is not self._page:
            app.pop_screen()

    def close_page(self, how: str | MeshconfError) -> None:
        """Dismiss the page once, and what still lies over it first."""
        if not self._over:
            self._over = True
            self.close_all()
            if self._page.app.screen is self._page:
                self._page.dismiss(how)
