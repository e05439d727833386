"""The three standard streams, whatever state the caller left them in: closed, full, narrow, or read by nobody.

Imports nothing heavy: every command begins with it.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys


def make_whole() -> None:
    """Let descriptors 0, 1 and 2 be something, and let text that an encoding lacks cost a mark, not the program.

    A closed descriptor would be given to the next file or socket, and what is printed would go into that.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
    sys.stdin = sys.stdin or open(0, closefd=False)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def stdout_is_deserted() -> bool:
    """Whether stdout is a pipe whose reader has gone, as far as this system can tell without writing."""
    if not hasattr(select, "poll"):
        return False
    watch = select.poll()
    watch.register(1, 0)  # errors are told unasked
    return any(news & (select.POLLERR | select.POLLHUP) for _, news in watch.poll(0))


def give_up_stdout() -> None:
    """Nobody takes our output: the rest goes nowhere, so that the interpreter has nothing to complain of at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def complain(sentence: str) -> None:
    """One sentence for the person, on stderr; nothing if that is full or gone."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"meshconf: {sentence}\n")
        sys.stderr.flush()
