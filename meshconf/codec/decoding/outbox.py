"""What goes to the decoder process: commands first, then frames, fair between streams and as fast as it takes them.

Without a process, frames wait within the bounds of their lanes. Event loop only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from meshconf.codec.decoding.lane import Job, Rota
from meshconf.codec.decoding.process import DecoderProcess
from meshconf.codec.decoding.wire import Close, Open, encode_command, frame_header


class Outbox:
    """The way to one process after the other."""

    def __init__(self) -> None:
        self.rota: Rota = Rota()
        """The frames that wait; whoever adds some calls `pump`."""
        self.sent = 0
        """Frames that the present process was given."""
        self._commands: deque[bytes] = deque()
        self._process: DecoderProcess | None = None

    def begin(self, process: DecoderProcess, commands: Iterable[Open]) -> None:
        """A new process is there; `commands` tell it what it has to know."""
        self.sent = 0
        self._commands = deque(map(encode_command, commands))
        self._process = process
        self.pump()

    def end(self) -> None:
        """There is no process any more."""
        self._process = None
        self._commands.clear()

    def command(self, command: Open | Close) -> None:
        """Say something as soon as possible; without a process nobody has to know."""
        if self._process is not None:
            self._commands.append(encode_command(command))
            self.pump()

    def frame(self, stream: int, job: Job, now: float) -> bool:
        """Hand a frame over, or let it wait.

        Returns:
            Whether to ask the sender for a keyframe.
        """
        ask = self.rota.push(stream, job, now)
        self.pump()
        return ask

    def pump(self) -> None:
        """Send what waits, as far as the process takes it."""
        process = self._process
        while process is not None and process.free:
            if self._commands:
                process.send(self._commands.popleft())
            elif (turn := self.rota.pop()) is not None:
                stream, job = turn
                header = frame_header(
                    stream, len(job.data), keyframe=job.keyframe, timestamp=job.timestamp, captured=job.captured
                )
                self.sent += 1
                self.rota.charge(stream, len(job.data))
                process.send(header, job.data)
            else:
                return
