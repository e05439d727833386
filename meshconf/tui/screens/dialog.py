"""What all dialogs share: one answer, given once, and only by the dialog that lies on top."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.screen import ModalScreen, ScreenResultType
from textual.types import CSSPathType


class Dialog(ModalScreen[ScreenResultType]):
    """A question over the page.

    Keys, clicks and news from the engine may all close a dialog, and more than one of them may be under way at once;
    `answer` takes the first and overlooks the rest.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = "dialog.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.opened_at = time.monotonic()
        """Letters that come just after this are not meant for the dialog."""

    def answer(self, result: ScreenResultType | None = None) -> None:
        """Close with `result`; nothing happens where the dialog is closed already or covered by another."""
        if self.is_attached and self.is_current:
            self.dismiss(result)
