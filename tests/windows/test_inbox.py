"""Commands on their way to the thread that has the windows, which may hang."""

from __future__ import annotations

import io
import os
import threading
import time
from types import SimpleNamespace

import pytest

from meshconf.windows import inbox as inbox_module
from meshconf.windows.inbox import LOOKS, WAITING, Inbox
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


@pytest.mark.parametrize("holds", [True, False])
def test_who_hangs_with_all_keys_of_the_display_is_given_up_though_nothing_is_said(
    holds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "HANGS_AFTER", 0.02)
    asked, given_up = threading.Semaphore(0), threading.Event()

    def held() -> bool:
        asked.release()
        return holds

    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb"):
        inbox = Inbox(pipe, give_up=given_up.set, holds=held)
        inbox.open()
        for _ in range(2 * LOOKS if not holds else LOOKS):
            assert asked.acquire(timeout=10)
        assert given_up.wait(10) if holds else not given_up.is_set()
        inbox.ended = True


def test_who_takes_what_there_is_hangs_not_whatever_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up, looks = threading.Event(), 0
    inbox: Inbox

    def look(_: float) -> None:
        nonlocal looks
        looks += 1
        inbox.ended = looks > 3 * LOOKS
        list(inbox.take())

    monkeypatch.setattr(inbox_module, "time", SimpleNamespace(sleep=look))
    inbox = Inbox(io.BytesIO(), give_up=given_up.set, holds=lambda: True)
    inbox._watch()
    assert looks > 3 * LOOKS and not given_up.is_set()
