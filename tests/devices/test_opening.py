"""Devices that are opened in a thread: handed over or closed, never left open."""

from __future__ import annotations

import asyncio
import threading

import pytest

from meshconf.devices.opening import open_or_release
from meshconf.errors import DeviceError


class Device:
    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


class Slow:
    """Opens a device once it may."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may = threading.Event()
        self.opened = threading.Event()
        self.device: Device

    def open(self, name: str) -> Device:
        self.begun.set()
        assert self.may.wait(5)
        self.device = Device(name)
        self.opened.set()
        return self.device

    def is_closed_again(self) -> bool:
        return self.opened.wait(5) and self.device.closed.wait(5)


async def test_what_is_opened_is_the_callers() -> None:
    device = await open_or_release(Device, "Desk")
    assert device.name == "Desk" and not device.closed.is_set()


async def test_what_does_not_open_says_why() -> None:
    def refuse(name: str) -> Device:
        raise DeviceError(f"{name} does not open.")

    with pytest.raises(DeviceError, match="Desk does not open"):
        await open_or_release(refuse, "Desk")


async def test_who_is_cancelled_while_it_opens_goes_at_once_and_it_is_closed_when_it_is_open() -> None:
    slow = Slow()
    opening = asyncio.create_task(open_or_release(slow.open, "Desk"))
    await asyncio.to_thread(slow.begun.wait, 5)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(opening, 1)
    slow.may.set()
    assert await asyncio.to_thread(slow.is_closed_again)


async def test_who_is_cancelled_just_after_it_opened_leaves_nothing_open() -> None:
    slow = Slow()
    slow.may.set()
    opening = asyncio.create_task(open_or_release(slow.open, "Desk"))
    await asyncio.sleep(0)  # the thread is under way
    assert slow.opened.wait(5)  # the loop stands still, so the device cannot be handed over
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert await asyncio.to_thread(slow.is_closed_again)


def test_a_device_that_opens_after_the_loop_has_ended_is_closed() -> None:
    slow = Slow()

    async def leave() -> None:
        opening = asyncio.create_task(open_or_release(slow.open, "Desk"))
        await asyncio.to_thread(slow.begun.wait, 5)
        opening.cancel()
        # The loop waits for its threads only after all its tasks have ended.
        threading.Timer(0.05, slow.may.set).start()

    asyncio.run(leave())
    assert slow.is_closed_again()
