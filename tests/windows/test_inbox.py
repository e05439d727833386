"""Commands on their way to the thread that has the windows, which may hang."""

from __future__ import annotations

import io
import threading
import time

import pytest

from meshconf.windows import inbox as inbox_module
from meshconf.windows.inbox import WAITING, Inbox
from meshconf.windows.wire import COMMANDS, Command, Hide, Retitle


def everything(inbox: Inbox) -> list[Command]:
    """What can be taken until the end."""
    taken: list[Command] = []
    deadline = time.monotonic() + 10
    while not inbox.ended:
        assert time.monotonic() < deadline, "it never ended"
        taken += inbox.take()
    return taken


def test_commands_come_in_order_and_what_is_none_is_left_out() -> None:
    commands = [Retitle("a", str(number)) for number in range(3 * WAITING)]
    lines = [COMMANDS.encode(command) for command in commands]
    inbox = Inbox(io.BytesIO(b"".join([*lines[:5], b"nonsense\n", *lines[5:]])), give_up=lambda: None)
    assert list(inbox.take()) == [] and not inbox.ended
    inbox.open()
    assert everything(inbox) == commands


@pytest.mark.parametrize("count", [10 * WAITING, WAITING, 1])
def test_a_window_system_that_hangs_is_given_up_and_what_it_does_not_take_stays_in_the_pipe(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "HANGS_AFTER", 0.02)
    monkeypatch.setattr(inbox_module, "GRACE", 0.02)
    line = COMMANDS.encode(Hide("a"))
    pipe, given_up = io.BytesIO(line * count), threading.Event()
    Inbox(pipe, give_up=given_up.set).open()
    assert given_up.wait(10)
    assert pipe.tell() // len(line) == min(count, WAITING + 1)
