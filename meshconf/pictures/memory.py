"""Named shared memory: made, attached to, adopted from another process, removed. Any thread, any process.

A name outlives every process unless somebody takes it away. Python's resource tracker does that for a process that was
killed, provided that it was told: so one process, the owner, has each name tracked, whoever made the memory.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from typing import Any

_KIND = "shared_memory"  # what the tracker calls it


def prepare() -> None:
    """Start Python's tracker, as the first shared memory would: a process, for which no event loop has the time."""
    resource_tracker.ensure_running()


def new_name() -> str:
    """A name that nobody else has, with room for a number behind it: macOS allows 31 characters."""
    return f"meshconf-{os.getpid()}-{secrets.token_hex(4)}"


def create(name: str, size: int, *, owner: bool = True) -> SharedMemory:
    """Make shared memory that is really there.

    Args:
        name: as `new_name` gives it.
        size: bytes.
        owner: whether this process takes the name away in the end; if not, another has to `adopt` it.

    Raises:
        OSError: no shared memory is left, or the name is taken.
    """
    memory = SharedMemory(name, create=True, size=size) if owner else _untracked(name, create=True, size=size)
    if sys.platform == "linux":
        # Linux promises memory that it may not have, and kills whoever touches it; /dev/shm is small in containers.
        try:
            with open(f"/dev/shm/{name}", "r+b") as file:  # noqa: S108 - where Linux keeps it
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            memory.close()
            unlink(memory, owner=owner)
            raise
    return memory


def attach(name: str) -> SharedMemory:
    """Map the memory of that name, which stays its owner's.

    Raises:
        FileNotFoundError: there is none (any more).
    """
    return _untracked(name)


def adopt(name: str) -> None:
    """Become the owner of a name that another process made: when we are killed, it goes as well."""
    if os.name == "posix":
        resource_tracker.register(_tracked_as(name), _KIND)


def remove(name: str) -> None:
    """Take a name away that we made or adopted, or that a process left which died; harmless if it is gone.

    Who has the memory mapped keeps it.
    """
    try:
        memory = SharedMemory(name)  # known to the tracker from here on, if it was not before, until it is unlinked
    except FileNotFoundError:
        if os.name == "posix":
            adopt(name)  # the tracker complains of being told to forget what it does not know
            resource_tracker.unregister(_tracked_as(name), _KIND)
        return
    memory.close()
    unlink(memory)


def unlink(memory: SharedMemory, *, owner: bool = True) -> None:
    """Take the name of mapped or closed memory away; harmless if it is gone."""
    with contextlib.suppress(FileNotFoundError):
        if owner:
            memory.unlink()
            return
        with _tracker_not_told():
            memory.unlink()


def _tracked_as(name: str) -> str:
    return name if name.startswith("/") else f"/{name}"


def _untracked(name: str, **options: Any) -> SharedMemory:
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False, **options)
    # Before 3.13 whoever attaches is registered as an owner too, and its end would take the memory from the others.
    with _tracker_not_told():
        return SharedMemory(name, **options)


def _end_tracker() -> None:
    """Wait for the tracker before we end: Python leaves it to whoever inherits it, as a process that outlives us."""
    stop = getattr(getattr(resource_tracker, "_resource_tracker", None), "_stop", None)
    if stop is not None:
        stop()


atexit.register(_end_tracker)


@contextlib.contextmanager
def _tracker_not_told() -> Iterator[None]:
    register, unregister = resource_tracker.register, resource_tracker.unregister
    resource_tracker.register = resource_tracker.unregister = lambda name, rtype: None
    try:
        yield
    finally:
        resource_tracker.register, resource_tracker.unregister = register, unregister
