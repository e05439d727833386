"""Every way in which control of a screen ends, or lets go for a while: what brings it about."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from benchmarks.grip import Grip
from benchmarks.program import Program, ProgramFailed
from meshconf.devices.input.panic import TIMES

End = Callable[[Grip], float | None]
"""Ends it; monotonic seconds of when it was over, where that is not the moment at which it was called."""

MINUTE = "the time of the grant is over"
"""The one that takes a minute: the shortest grant that there is."""


def _owner(do: str, **fields: object) -> End:
    return lambda grip: grip.owner.send({"do": do, **fields})


def _to_controller(do: str, **fields: object) -> End:
    return lambda grip: grip.owner.send({"do": do, "peer": grip.controller_id, **fields})


def _minute(grip: Grip) -> float:
    over = grip.granted + 60.0
    time.sleep(over - time.time() - 0.1)
    if not grip.held():
        raise ProgramFailed("it was let go of too soon")
    return time.monotonic() + over - time.time()


def _signal(program: Program, number: signal.Signals) -> None:
    os.kill(program.pid, number)


def _wake(program: Program) -> None:
    with suppress(ProcessLookupError):
        _signal(program, signal.SIGCONT)


def _hang(grip: Grip) -> None:
    grip.at_last.callback(_wake, grip.controller)
    _signal(grip.controller, signal.SIGSTOP)


def _hang_and_panic(grip: Grip) -> float:
    grip.once_open.callback(_wake, grip.owner)
    _signal(grip.owner, signal.SIGSTOP)
    pressed = time.monotonic()
    grip.own.escape(TIMES)
    return pressed


def _cut(grip: Grip) -> None:
    grip.at_last.callback(grip.far.link.up)
    grip.far.link.down()


def _injector(grip: Grip) -> psutil.Process:
    """The process with the owner's mouse and keyboard."""
    for process in psutil.Process(grip.owner.pid).children(recursive=True):
        if "meshconf.devices.input" in process.cmdline():
            return process
    raise ProgramFailed("nothing injects")


def _kill_both(grip: Grip) -> float:
    injector = _injector(grip)
    killed = time.monotonic()
    # Neither may see the other go.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        injector.send_signal(number)
        _signal(grip.owner, number)
    return killed


ENDINGS: dict[str, End] = {
    "the controller gives it back": lambda grip: grip.controller.send({"do": "control_release", "peer": grip.owner_id}),
    "the owner takes it back": _owner("control_revoke"),
    "Esc three times at the owner's": lambda grip: grip.own.escape(TIMES),
    "Esc three times, the owner's engine hangs (SIGSTOP)": _hang_and_panic,
    MINUTE: _minute,
    "the owner's own mouse moves": lambda grip: grip.own.move(),
    "the controller leaves": lambda grip: grip.controller.send({"do": "leave"}),
    "the controller's engine is killed (SIGKILL)": lambda grip: _signal(grip.controller, signal.SIGKILL),
    "the controller's engine hangs (SIGSTOP)": _hang,
    "the controller's cable is pulled": _cut,
    "the controller is removed": _to_controller("remove"),
    "control is forbidden to the controller": _to_controller("forbid", kind="control"),
    "control is forbidden in the room": _owner("forbid", kind="control"),
    "the controller becomes host": _to_controller("transfer_host"),
    "the owner shares no screen any more": _owner("source", source="screen", on=False),
    "the owner shares another part of the screen": _owner(
        "source", source="screen", on=True, **{"from": "region:640x360+0+0"}
    ),
    "the owner freezes the screen": _owner("freeze", on=True),
    "the owner blanks the screen": _owner("blank", on=True),
    "the owner ends the meeting": _owner("end"),
    "the owner leaves": _owner("leave"),
    "the owner's engine is told to end (SIGTERM)": lambda grip: _signal(grip.owner, signal.SIGTERM),
    "the owner's terminal closes (SIGHUP to all its processes)": lambda grip: os.killpg(grip.owner.pid, signal.SIGHUP),
    "the owner's engine is killed (SIGKILL)": lambda grip: _signal(grip.owner, signal.SIGKILL),
    "the process that injects is killed (SIGKILL)": lambda grip: _injector(grip).kill(),
    "both are killed at the same moment (SIGKILL)": _kill_both,
}
"""By name, as the table has them. The last is the one that nothing survives which could let go."""
