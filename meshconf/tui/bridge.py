"""Carries the engine's events into the model and tells the page, at most ten times a second.

Owns no task: whoever runs `Bridge.run` ends it by cancelling. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from textual.message import Message

from meshconf.errors import MeshconfError
from meshconf.tui.change import Change
from meshconf.tui.engine import Engine
from meshconf.tui.messages import EngineGone, ModelChanged
from meshconf.tui.model import MeetingModel

INTERVAL_S = 0.1
"""Between two redraws: levels arrive at 5 Hz per sender, people read no faster than this."""
_GONE = "The engine of this meeting is gone."


class Bridge:
    """Reads one engine for one meeting page."""

    def __init__(
        self,
        engine: Engine,
        model: MeetingModel,
        post: Callable[[Message], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._model = model
        self._post = post
        self._clock = clock
        self._pending = Change.NONE
        self._timer: asyncio.TimerHandle | None = None
        self._start: float | None = None

    @property
    def elapsed(self) -> float:
        """Seconds that the meeting has lasted; the engine's own count wherever it gave one."""
        return 0.0 if self._start is None else max(0.0, self._clock() - self._start)

    async def run(self) -> None:
        """Read until the engine has nothing more to say, then tell the page so."""
        sentence = ""
        failure: MeshconfError | None = None
        try:
            async for event in self._engine.events():
                self.tell(self._model.apply(event))
                self._keep_time()
        except (MeshconfError, OSError) as error:
            if isinstance(error, MeshconfError):
                sentence = str(error) or _GONE
                failure = None if self._model.own else error
        except ValueError:
            # Not a line of JSON, or one without end.
            sentence = "The engine cannot be understood; it may be of another version. The meeting goes on without us."
        finally:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        self._flush()
        if not sentence and self._model.left is None:
            sentence = self._gone()
        self._post(EngineGone(sentence, failure))

    def _gone(self) -> str:
        """What it means that the engine ended without a word: for the others, if there are any, the meeting goes on."""
        model = self._model
        if all(person.own for person in model.present()):
            return _GONE
        code = model.invite or "and its code"
        # On a line of its own, to be taken from the screen as it is.
        return f"{_GONE} Only this side has stopped; the others go on. To come back:\nmeshconf join {code}"

    def tell(self, change: Change) -> None:
        """Let the page know, at once or together with what follows within the interval."""
        self._pending |= change
        if self._pending and self._timer is None:
            self._flush()
            self._timer = asyncio.get_running_loop().call_later(INTERVAL_S, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._pending:
            self.tell(Change.NONE)

    def _flush(self) -> None:
        if self._pending:
            change, self._pending = self._pending, Change.NONE
            self._post(ModelChanged(change))

    def _keep_time(self) -> None:
        """Old events that are replayed carry old times, so the earliest start that fits them all is the true one."""
        start = self._clock() - (self._model.seconds or 0.0)
        self._start = start if self._start is None else min(self._start, start)
