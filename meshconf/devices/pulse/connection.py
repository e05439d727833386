"""One connection to the sound server, with the thread in which libpulse runs and calls back.

Every call of a stream that runs needs the connection's lock, which callbacks hold already.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from meshconf.devices.pulse import binding
from meshconf.devices.pulse.binding import Library
from meshconf.errors import DeviceError

ANSWER_S = 3.0
"""A server that has not answered by then hangs."""

RESTART = "systemctl --user restart pipewire-pulse, or pulseaudio"

NAME = b"meshconf"
"""What mixers of the desktop show."""


class NoServer(DeviceError):
    """There is no sound server; start one, or use what PortAudio finds."""


class Connection:
    """A connected `pa_context` in a threaded main loop of its own."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        """Connect; takes a few milliseconds, or `ANSWER_S` where the server hangs.

        Args:
            on_lost: called in libpulse's thread when the server has gone.

        Raises:
            NoServer: there is none, or no libpulse.
        """
        library = binding.load()
        if library is None:
            raise NoServer("There is no sound server.")
        self.library: Library = library
        self._on_lost = on_lost
        self._settled = threading.Event()
        self._open = False
        self._closing = threading.Lock()
        self._loop: int | None = library.threaded_mainloop_new()
        self.context = library.context_new(library.threaded_mainloop_get_api(self._loop), NAME)
        self._callback = binding.CONTEXT_NOTIFY(self._changed)  # ctypes keeps no reference
        library.context_set_state_callback(self.context, self._callback, None)
        started = (
            library.context_connect(self.context, None, binding.CONTEXT_NOAUTOSPAWN, None) >= 0
            and library.threaded_mainloop_start(self._loop) >= 0
        )
        if not started or not self._settled.wait(ANSWER_S) or not self._open:
            self.close()
            raise NoServer("The sound server does not answer.", fix=RESTART)

    @contextmanager
    def lock(self) -> Iterator[Library]:
        """Keep libpulse's thread still. Not from a callback."""
        self.library.threaded_mainloop_lock(self._loop)
        try:
            yield self.library
        finally:
            self.library.threaded_mainloop_unlock(self._loop)

    def problem(self) -> str:
        """Why the last call failed, in libpulse's words."""
        text: bytes = self.library.strerror(self.library.context_errno(self.context))
        return text.decode(errors="replace")

    def close(self) -> None:
        """Disconnect and end the thread, with all streams. May be called again; not from a callback."""
        with self._closing:
            if self._loop is None:
                return
            with self.lock() as library:
                library.context_set_state_callback(self.context, binding.CONTEXT_NOTIFY(), None)
                library.context_disconnect(self.context)
            library.threaded_mainloop_stop(self._loop)
            library.context_unref(self.context)
            library.threaded_mainloop_free(self._loop)
            self._loop = None

    def _changed(self, context: Any, data: Any) -> None:
        state = self.library.context_get_state(context)
        if state in (binding.CONTEXT_FAILED, binding.CONTEXT_TERMINATED):
            was_open, self._open = self._open, False
            self._settled.set()
            if was_open:
                self._on_lost()
        elif state == binding.CONTEXT_READY:
            self._open = True
            self._settled.set()
