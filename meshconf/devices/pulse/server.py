"""What the sound server has, and news of it, through pulsectl.

Names are the descriptions that the desktop shows; where two devices share one, the server's own. Monitors are no
microphones: they give back what a speaker plays, our own meeting's sound among it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from meshconf.devices.pulse import binding
from meshconf.devices.pulse.connection import RESTART, NoServer
from meshconf.devices.sound_devices import SoundDevice, SoundDevices

Topic = str
"""What news are about, as pulsectl says it: `sink`, `source`, `server`, `sink_input`."""


@dataclass(frozen=True, slots=True)
class Program:
    """Something that plays at this moment."""

    index: int
    """Of the sink input: a program may have several."""
    name: str
    """Of the program, as it calls itself."""
    process: str
    """Its process id, as far as it tells."""


class Server:
    """A connection that asks and listens. Belongs to one thread; `interrupt` alone may be called by others."""

    def __init__(self, pulse: Any) -> None:
        self._pulse = pulse
        self._ending = threading.Lock()
        self._ended = False

    def devices(self) -> SoundDevices:
        """What can hear and play now."""
        told = self._pulse.server_info()
        sources = [source for source in self._pulse.source_list() if source.monitor_of_sink == binding.INVALID_INDEX]
        return SoundDevices(
            _named(sources, told.default_source_name), _named(self._pulse.sink_list(), told.default_sink_name)
        )

    def programs(self) -> list[Program]:
        """What plays now. Streams of the server's own filters are left out: they play what others gave them."""
        return [
            Program(
                one.index,
                one.proplist.get("application.name") or one.proplist.get("media.name", ""),
                one.proplist.get("application.process.id", ""),
            )
            for one in self._pulse.sink_input_list()
            if one.client != binding.INVALID_INDEX and "node.link-group" not in one.proplist
        ]

    def listen(self, *topics: Topic) -> None:
        """Ask to be told of changes, from now on."""
        self._pulse.event_mask_set(*topics)

    def changed(self, timeout: float) -> bool:
        """Wait for a change, `timeout` seconds at most; whether there was one.

        Raises:
            NoServer: the server has gone.
        """
        pulsectl = _pulsectl()
        told: list[Any] = []

        def take(event: Any) -> None:
            told.append(event)
            raise pulsectl.PulseLoopStop

        self._pulse.event_callback_set(take)
        with _gone_is_no_server():
            self._pulse.event_listen(timeout=timeout)
        return bool(told)

    def interrupt(self) -> None:
        """Let a `changed` that waits return at once; one that is about to wait may miss it."""
        with self._ending:
            if not self._ended:
                self._pulse.event_listen_stop()

    def close(self) -> None:
        """Disconnect."""
        with self._ending:
            self._ended = True
            self._pulse.close()


@contextmanager
def server() -> Iterator[Server]:
    """Connect to the sound server.

    Raises:
        NoServer: there is none, or it went away.
    """
    if binding.load() is None:
        raise NoServer("There is no sound server.")
    with _gone_is_no_server():
        pulse = _pulsectl().Pulse("meshconf", connect=False)
        one = Server(pulse)
        try:
            pulse.connect(autospawn=False)
            yield one
        finally:
            one.close()


def list_devices() -> SoundDevices:
    """What the server has now.

    Raises:
        NoServer: there is none.
    """
    with server() as one:
        return one.devices()


def _named(devices: list[Any], default: str) -> tuple[SoundDevice, ...]:
    counts = Counter(device.description for device in devices)
    return tuple(
        SoundDevice(
            name=device.description if device.description and counts[device.description] == 1 else device.name,
            key=device.name,
            default=device.name == default,
        )
        for device in devices
    )


@contextmanager
def _gone_is_no_server() -> Iterator[None]:
    pulsectl = _pulsectl()
    try:
        yield
    # The second is what the calls of libpulse raise that pulsectl passes on, once the connection is broken.
    except (pulsectl.PulseError, pulsectl._pulsectl.LibPulse.CallError) as error:
        raise NoServer("The sound server is gone.", fix=RESTART) from error


def _pulsectl() -> Any:
    # In here, since it loads libpulse.
    import pulsectl  # type: ignore[import-untyped]

    return pulsectl
