"""Watches which microphones and speakers there are, in a thread of its own, from the first who asks for it.

A sound server tells of changes. Without one, Linux's list of cards is looked at each second, and PortAudio looks for
devices anew when it is another than before; elsewhere PortAudio has what there was at the start.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from meshconf.devices import portaudio
from meshconf.devices.pulse.connection import NoServer
from meshconf.devices.pulse.server import Server, server
from meshconf.devices.sound_devices import SoundDevices
from meshconf.errors import DeviceError

_LOOK_S = 1.0
"""Seconds between two looks at what nobody tells of."""

_BURST_S = 0.1
"""Seconds of rest that end a burst of news: a headset is a card, two devices and two new defaults."""

_CARDS = Path("/proc/asound/cards")

log = logging.getLogger("meshconf.devices")


class SoundWatch:
    """Tells of devices that come, go, or become the default."""

    def __init__(self, on_devices: Callable[[SoundDevices], None]) -> None:
        """Begin.

        Args:
            on_devices: called in the watch's thread with what there is, first at once, then after each change.
        """
        self._on_devices = on_devices
        self._told: SoundDevices | None = None
        self._stopping = threading.Event()
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._run, name="meshconf-sound-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End; waits for the thread."""
        self._stopping.set()
        deadline = time.monotonic() + _LOOK_S
        while self._thread.is_alive() and time.monotonic() < deadline:
            if (one := self._server) is not None:
                one.interrupt()
            self._thread.join(0.02)

    def _run(self) -> None:
        cards = _cards()
        while not self._stopping.is_set():
            try:
                with server() as self._server:
                    self._listen(self._server)
                    continue
            except NoServer as error:
                log.debug("%s", error)
            before, cards = cards, _cards()
            self._tell(_portaudio(anew=cards != before))
            self._stopping.wait(_LOOK_S)

    def _listen(self, one: Server) -> None:
        one.listen("sink", "source", "server")
        self._tell(one.devices())
        while not self._stopping.is_set():
            if one.changed(_LOOK_S):
                while one.changed(_BURST_S):
                    pass
                self._tell(one.devices())

    def _tell(self, devices: SoundDevices) -> None:
        if devices != self._told and not self._stopping.is_set():
            self._told = devices
            self._on_devices(devices)


def _portaudio(*, anew: bool) -> SoundDevices:
    try:
        if anew:
            portaudio.look_again()
        return portaudio.devices()
    except DeviceError:
        return SoundDevices()


def _cards() -> str:
    try:
        return _CARDS.read_text()
    except OSError:
        return ""
