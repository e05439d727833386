"""Gives the page one key after the other: the next one when all that the last one begins has happened.

Textual hands out keys as they come, each to whoever has the focus at that moment. Of a burst, as a slow line gives,
the letters behind the key that opens a line to write in would be keys of the page. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump

from meshconf.tui.messages import KeyPassed

_ROUNDS = 2
"""The key itself, then what it was told as: a button that is pressed, an action that is chosen."""
_PATIENCE_S = 1.0
"""How long a key is waited for whose receiver is gone."""


class KeyQueue:
    """The keys that wait, and the one that is under way.

    Args:
        app: Whose keys they are.
        give: Gives a key to whoever has the focus.
    """

    def __init__(self, app: App[int], give: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app = app
        self._give = give
        self._waiting: deque[Key | Paste] = deque()
        self._number = 0
        """Of the key that is under way."""
        self._patience: asyncio.TimerHandle | None = None

    async def take(self, event: Key | Paste) -> None:
        """A key that was pressed."""
        self._waiting.append(event)
        if self._patience is None:
            await self._next()

    def passed(self, message: KeyPassed) -> None:
        """What followed a key has come through."""
        if message.number != self._number or self._patience is None:
            return
        # Later: the focus that the key gave waits in the same queue.
        if message.rounds > 1:
            self._app.call_later(self._follow, message.number, message.rounds - 1)
        else:
            self._app.call_later(self._wait_for_page, message.number)

    async def _next(self) -> None:
        self._end()
        if not self._waiting or not self._app.screen_stack:
            return
        self._number += 1
        number, event = self._number, self._waiting.popleft()
        self._patience = asyncio.get_running_loop().call_later(_PATIENCE_S, self._lost, number)
        receiver = self._receiver()
        await self._give(event)
        receiver.post_message(KeyPassed(number, _ROUNDS))

    def _receiver(self) -> MessagePump:
        return self._app.focused or self._app.screen

    def _follow(self, number: int, rounds: int) -> None:
        if self._app.screen_stack:
            self._receiver().post_message(KeyPassed(number, rounds))

    def _wait_for_page(self, number: int) -> None:
        """A dialog that the key opened has to be built, and to give the focus to its line."""
        if self._app.screen_stack:
            self._app.screen.call_later(self._app.call_later, self._done, number)

    async def _done(self, number: int) -> None:
        if number == self._number and self._patience is not None:
            await self._next()

    def _lost(self, number: int) -> None:
        self._app.call_later(self._done, number)

    def _end(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
