"""The clipboard of an X display: text in, and what the owner copies out (ICCCM, 2; XFIXES, 7).

What was put in stays for as long as this process does, as X has it.
"""

from __future__ import annotations

from typing import Any

from Xlib import X, Xatom  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.ext import xfixes  # type: ignore[import-untyped]
from Xlib.protocol import event as x_event  # type: ignore[import-untyped]

from meshconf.protocol.control.messages import LONGEST_CLIP

_LONGEST = 4 * LONGEST_CLIP
"""Bytes of what is read; longer text is not sent, since half of it would be pasted for all of it."""


class X11Clipboard:
    """The selection CLIPBOARD.

    Raises:
        Exception: whatever python-xlib raises where there is no display, or no XFIXES.
    """

    def __init__(self) -> None:
        self._display = Display()
        self._display.xfixes_query_version()
        self._window = self._display.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        names = ("CLIPBOARD", "UTF8_STRING", "TARGETS", "MESHCONF")
        self._clipboard, self._utf8, self._targets, self._property = map(self._display.intern_atom, names)
        mask = xfixes.XFixesSetSelectionOwnerNotifyMask
        self._display.xfixes_select_selection_input(self._window, self._clipboard, mask)
        self._display.sync()
        self._text = ""

    def fileno(self) -> int:
        """What to wait for."""
        number: int = self._display.fileno()
        return number

    def put(self, text: str) -> None:
        """This is in the clipboard now."""
        self._text = text
        self._window.set_selection_owner(self._clipboard, X.CurrentTime)
        self._display.flush()

    def copied(self) -> list[str]:
        """What the owner copied since the last call; also answers programs that paste."""
        found = []
        while self._display.pending_events():
            event = self._display.next_event()
            if isinstance(event, xfixes.SelectionNotify):
                # Our own text is no news.
                if event.owner != X.NONE and event.owner != self._window:
                    self._window.convert_selection(self._clipboard, self._utf8, self._property, X.CurrentTime)
                    self._display.flush()
            elif isinstance(event, x_event.SelectionRequest):
                self._answer(event)
            elif isinstance(event, x_event.SelectionNotify) and event.property and (text := self._read()):
                found.append(text)
        return found

    def close(self) -> None:
        """Give the clipboard up."""
        self._display.close()

    def _read(self) -> str:
        held = self._window.get_property(self._property, X.AnyPropertyType, 0, _LONGEST // 4 + 1)
        self._window.delete_property(self._property)
        if held is None or held.property_type != self._utf8 or held.bytes_after:
            return ""
        text = bytes(held.value).decode("utf-8", errors="replace")
        return text if len(text) <= LONGEST_CLIP else ""

    def _answer(self, request: Any) -> None:
        """A program pastes what we put in."""
        kept = request.property or request.target
        if request.target == self._targets:
            request.requestor.change_property(kept, Xatom.ATOM, 32, [self._targets, self._utf8])
        elif request.target == self._utf8:
            request.requestor.change_property(kept, self._utf8, 8, self._text.encode())
        else:
            kept = X.NONE
        request.requestor.send_event(
            x_event.SelectionNotify(
                time=request.time,
                requestor=request.requestor,
                selection=request.selection,
                target=request.target,
                property=kept,
            )
        )
        self._display.flush()
