"""What other programs of this machine play, as a source: all of them, or one.

Each program's stream is heard by itself, on its way to the speaker. So our own meeting is left out by not listening to
it, and nothing of anybody's sound settings is changed. A thread follows programs that begin and end; libpulse's thread
hands their blocks to the mix.
"""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from functools import partial

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.handover import Handover
from meshconf.devices.pulse.connection import NAME, RESTART, Connection, NoServer
from meshconf.devices.pulse.recording import Recording
from meshconf.devices.pulse.server import Program, Server, server
from meshconf.devices.worker import Worker
from meshconf.errors import DeviceError
from meshconf.media.gather import Gatherer
from meshconf.media.samples import Samples

_LOOK_S = 0.2
"""Seconds that the thread waits for news; also how long closing may take."""

_WAITING = 5
"""Blocks (100 ms) that wait for a late reader."""


class ProgramSound:
    """The sound of other programs; an `AudioSource` that gives nothing while none of them plays."""

    def __init__(self, name: str = "", channels: int = 1) -> None:
        """Begin to listen; takes some milliseconds, so call it in a thread.

        Args:
            name: of the program, or a part of it; all programs if empty.
            channels: 1, or 2 for stereo.

        Raises:
            DeviceError: there is no sound server, or no such program plays.
        """
        self._blocks: Handover[Samples] = Handover(_WAITING)
        self._worker = Worker("the sound of other programs", _Listener(name, channels, self._blocks), self._blocks.fail)

    async def read(self) -> Samples:
        """The next 20 ms in which something plays; see `AudioSource.read`."""
        return await self._blocks.get()

    def close(self) -> None:
        """Listen no more; see `AudioSource.close`."""
        self._blocks.fail(SourceEnded("The sound of other programs was switched off."))
        self._worker.close()


class _Listener:
    """Keeps one recording for each program that plays."""

    def __init__(self, name: str, channels: int, blocks: Handover[Samples]) -> None:
        self._name = name
        self._channels = channels
        self._gatherer = Gatherer()
        self._blocks = blocks
        self._resources = ExitStack()
        self._connection: Connection
        self._server: Server
        self._recordings: dict[int, Recording] = {}
        self._over: set[int] = set()
        self._lock = threading.Lock()

    def open(self) -> None:
        try:
            self._server = self._resources.enter_context(server())
            self._connection = Connection(self._lost)
        except NoServer as error:
            raise DeviceError(
                "The sound of other programs can be shared only where PulseAudio or PipeWire runs.",
                fix="share a file instead, or install pipewire-pulse",
            ) from error
        self._resources.callback(self._connection.close)
        self._server.listen("sink_input")
        playing = [program for program in self._server.programs() if _is_foreign(program)]
        if self._name and not any(self._is_wanted(program) for program in playing):
            names = ", ".join(sorted({program.name for program in playing})) or "none"
            raise DeviceError(
                f"No program named {self._name!r} plays anything now.", fix=f"let it play first; playing are: {names}"
            )
        self._follow(playing)

    def step(self, stopping: threading.Event) -> None:
        with self._lock:
            over, self._over = self._over, set()
        for index in over:
            self._forget(index)
        if self._server.changed(_LOOK_S) or over:
            self._follow([program for program in self._server.programs() if _is_foreign(program)])

    def release(self) -> None:
        for index in list(self._recordings):
            self._forget(index)
        self._resources.close()

    def _follow(self, playing: list[Program]) -> None:
        wanted = {program.index for program in playing if self._is_wanted(program)}
        for index in self._recordings.keys() - wanted:
            self._forget(index)
        for index in wanted - self._recordings.keys():
            with self._lock:
                self._gatherer.add(index)
            try:
                self._recordings[index] = Recording(
                    self._connection,
                    "sound of a program",
                    device=None,
                    channels=self._channels,
                    on_block=partial(self._take, index),
                    on_end=partial(self._ended, index),
                    program=index,
                )
            except DeviceError:  # it has stopped meanwhile
                with self._lock:
                    self._gatherer.remove(index)

    def _is_wanted(self, program: Program) -> bool:
        return self._name.casefold() in program.name.casefold()

    def _forget(self, index: int) -> None:
        recording = self._recordings.pop(index, None)
        if recording is not None:
            recording.close()
            with self._lock:
                self._gatherer.remove(index)

    def _take(self, index: int, began: float, block: Samples) -> None:
        with self._lock:
            sums = self._gatherer.take(index, block)
        for block in sums:
            self._blocks.put(block)

    def _ended(self, index: int, error: Exception) -> None:
        with self._lock:  # a program that is moved to another speaker is to be listened to anew
            self._over.add(index)

    def _lost(self) -> None:
        self._blocks.fail(DeviceLost("The sound server is gone.", fix=RESTART))


def _is_foreign(program: Program) -> bool:
    return program.process != str(os.getpid()) and program.name != NAME.decode()
