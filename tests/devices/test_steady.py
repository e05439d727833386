"""A microphone and a speaker that stay, while made-up devices come and go."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from meshconf.devices import steady
from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.sound_devices import SoundDevice, SoundDevices
from meshconf.devices.steady import SteadyMicrophone, SteadySpeaker
from meshconf.errors import DeviceError, MeshconfError
from meshconf.media.samples import Samples
from meshconf.types import BLOCK
from tests.support.waiting import until

DESK, HEADSET = SoundDevice("Desk", "desk.1", default=True), SoundDevice("Headset", "usb.7")
BOTH = SoundDevices((DESK, HEADSET), (DESK, HEADSET))
DESK_ALONE = SoundDevices((DESK,), (DESK,))
HEADSET_IS_DEFAULT = SoundDevices((SoundDevice("Headset", "usb.7", default=True),), ())
NOTHING = SoundDevices()

MARKS = {"default": 1, "desk.1": 2, "Desk": 2, "usb.7": 3, "Headset": 3, "Bare Card": 4}
"""What each device's samples are, by the name it was opened by."""


class Device:
    """A microphone and a speaker at once, which can be taken away."""

    captured = 12.5

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.closed = False
        self.written: list[int] = []
        self.going = asyncio.Event()
        """Cleared while it hangs."""
        self.going.set()
        self._failure: MeshconfError | None = None

    def take_away(self, failure: MeshconfError | None = None) -> None:
        self._failure = failure or DeviceLost("gone")

    async def read(self) -> Samples:
        await self._turn()
        return np.full(BLOCK, self.mark, dtype=np.int16)

    async def pace(self) -> None:
        await self._turn()

    def write(self, samples: Samples) -> None:
        self.written.append(int(samples[0]))

    def close(self) -> None:
        self.closed = True

    async def _turn(self) -> None:
        await asyncio.sleep(0)
        await self.going.wait()
        if self.closed:
            raise SourceEnded("closed")
        if self._failure is not None:
            raise self._failure


class Machine:
    """Opens what is there, and remembers it."""

    def __init__(self, devices: SoundDevices) -> None:
        self.devices = devices
        self.seen = True
        self.opened: list[Device] = []
        self.said: list[str] = []
        self.busy: set[str] = set()
        self.hanging: set[str] = set()
        """Names of those that hang from the moment at which they are opened."""
        self.opening = threading.Event()
        self.may_open = threading.Event()
        self.may_open.set()

    def open(self, name: str) -> Device:
        found = self.devices.find(name, "input")
        if name != "Bare Card" and (found is None or found.key in self.busy):
            raise DeviceError(f"{name} does not open.", fix="plug it in")
        self.opening.set()
        assert self.may_open.wait(5)
        device = Device(MARKS[name])
        if name in self.hanging:
            device.going.clear()
        self.opened.append(device)
        return device

    def look(self) -> SoundDevices:
        if not self.seen:
            raise DeviceError("There is no sound server.")
        return self.devices

    def microphone(self, name: str) -> SteadyMicrophone:
        return SteadyMicrophone(name, self.open, self.look, self.said.append)

    async def change(self, one: SteadyMicrophone | SteadySpeaker, devices: SoundDevices) -> None:
        self.devices = devices
        await one.settle(devices)

    def take_away(
        self, one: SteadyMicrophone | SteadySpeaker, devices: SoundDevices, failure: MeshconfError | None = None
    ) -> None:
        """The device in use ends, long after it was opened."""
        self.devices = devices
        one._opened -= 60
        self.opened[-1].take_away(failure)


async def mark(microphone: SteadyMicrophone) -> int:
    return int((await microphone.read())[0])


async def test_what_was_chosen_is_used_and_nothing_is_said() -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    await machine.change(microphone, BOTH)
    assert await mark(microphone) == 3 and microphone.captured == 12.5
    assert microphone.used == HEADSET and machine.said == [] and len(machine.opened) == 1


async def test_what_is_missing_at_the_start_is_an_error() -> None:
    with pytest.raises(DeviceError, match="Headset does not open"):
        Machine(DESK_ALONE).microphone("Headset")


async def test_a_device_that_goes_gives_way_to_the_default_until_it_is_back() -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    await machine.change(microphone, DESK_ALONE)
    assert await mark(microphone) == 1 and machine.opened[0].closed
    await machine.change(microphone, BOTH)
    assert await mark(microphone) == 3 and microphone.used == HEADSET
    gone, back = machine.said
    assert gone == "The microphone 'Headset' is gone: you are heard through 'Desk' until it is back."
    assert back == "You are heard through the microphone 'Headset' now."


async def test_who_follows_the_default_moves_with_it_and_who_chose_does_not() -> None:
    for name, used, opened in (("default", "Headset", 2), ("Headset", "Headset", 1)):
        machine = Machine(BOTH)
        microphone = machine.microphone(name)
        await machine.change(microphone, HEADSET_IS_DEFAULT)
        assert microphone.used is not None and microphone.used.name == used
        assert len(machine.opened) == opened


async def test_without_any_device_there_is_silence_in_real_time_and_one_sentence() -> None:
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("default")
    machine.take_away(microphone, NOTHING)
    assert [await mark(microphone), await mark(microphone)] == [0, 0]
    await machine.change(microphone, NOTHING)
    assert machine.said == ["The microphone is gone: nobody hears you until there is one again."]
    assert microphone.used is None and microphone.lost
    await machine.change(microphone, DESK_ALONE)
    assert await mark(microphone) == 1
    assert not microphone.lost
    assert machine.said[1:] == ["You are heard through the microphone 'Desk' now."]


async def test_a_device_that_ends_before_there_is_news_is_replaced_at_once() -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    machine.take_away(microphone, DESK_ALONE)
    assert await mark(microphone) == 1
    assert "until it is back" in machine.said[0]


async def test_a_device_that_ends_again_and_again_is_left_alone_until_there_is_news() -> None:
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("default")
    machine.opened[-1].take_away()
    assert await mark(microphone) == 0 and len(machine.opened) == 1
    await machine.change(microphone, DESK_ALONE)
    assert await mark(microphone) == 1


async def test_a_device_that_somebody_else_took_costs_a_sentence() -> None:
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("default")
    machine.busy.add("desk.1")
    machine.take_away(microphone, DESK_ALONE)
    assert await mark(microphone) == 0
    assert machine.said == ["default does not open. The microphone is gone: nobody hears you until there is one again."]


async def test_a_change_that_fails_leaves_what_works() -> None:
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("Desk")
    machine.busy.add("usb.7")
    machine.devices = BOTH
    with pytest.raises(DeviceError):
        await microphone.choose("Headset")
    assert await mark(microphone) == 2 and microphone.name == "Desk" and machine.said == []


async def test_a_speaker_is_chosen_and_sent_nowhere_mid_call() -> None:
    machine = Machine(BOTH)
    speaker = SteadySpeaker("Desk", machine.open, machine.look, machine.said.append)
    block = np.full(BLOCK, 7, dtype=np.int16)
    await speaker.pace()
    speaker.write(block)
    await speaker.choose("Headset")
    await speaker.pace()
    speaker.write(block)
    assert [device.written for device in machine.opened] == [[7], [7]]
    assert machine.opened[0].closed and speaker.used == HEADSET


async def test_closing_ends_the_reader_and_whatever_was_opened() -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    microphone.close()
    with pytest.raises(SourceEnded):
        await microphone.read()
    await machine.change(microphone, DESK_ALONE)
    assert all(device.closed for device in machine.opened) and machine.said == []


@pytest.mark.parametrize("failure", [DeviceError("Invalid stream pointer."), SourceEnded("The stream has finished.")])
async def test_whatever_a_device_in_use_fails_with_another_takes_its_place(failure: MeshconfError) -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    machine.take_away(microphone, DESK_ALONE, failure)
    assert await mark(microphone) == 1
    speaker = SteadySpeaker("Desk", machine.open, machine.look, machine.said.append)
    machine.take_away(speaker, NOTHING, failure)
    await speaker.pace()
    assert machine.said[-1] == "The speaker is gone: you hear nobody until there is one again."
    assert all(device.closed for device in (machine.opened[0], machine.opened[-1]))


async def test_where_nobody_can_look_nothing_stays_open() -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Desk")
    machine.seen = False
    with pytest.raises(DeviceError, match="no sound server"):
        await microphone.choose("Headset")
    assert await mark(microphone) == 2 and microphone.name == "Desk" and microphone.used == DESK
    with pytest.raises(DeviceError, match="no sound server"):
        machine.microphone("Headset")
    assert [device.closed for device in machine.opened] == [False]


@pytest.mark.parametrize("by_choice", [True, False])
async def test_a_change_that_is_cancelled_leaves_nothing_open(by_choice: bool) -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    machine.opening.clear()
    machine.may_open.clear()
    change = microphone.choose("Desk") if by_choice else machine.change(microphone, DESK_ALONE)
    changing = asyncio.create_task(change)
    assert await asyncio.to_thread(machine.opening.wait, 5)
    changing.cancel()
    await asyncio.gather(changing, return_exceptions=True)
    microphone.close()
    machine.may_open.set()
    await until(lambda: len(machine.opened) == 2 and all(device.closed for device in machine.opened))


async def test_a_change_that_is_cancelled_before_a_thread_is_free_closes_the_device_all_the_same() -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    free = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        threads.submit(free.wait, 5)
        changing = asyncio.create_task(machine.change(microphone, NOTHING))
        await asyncio.sleep(0)
        changing.cancel()
        await asyncio.gather(changing, return_exceptions=True)
        free.set()
        await until(lambda: machine.opened[0].closed)


async def test_a_card_that_nobody_lists_is_used_until_it_ends() -> None:
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("Bare Card")
    await machine.change(microphone, BOTH)
    assert await mark(microphone) == 4 and machine.said == []
    machine.take_away(microphone, BOTH)
    assert await mark(microphone) == 1
    assert machine.said == ["The microphone 'Bare Card' is gone: you are heard through 'Desk' until it is back."]


STUCK = "The microphone gives no sound any more: nobody hears you until it does, or there is another."


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("_HANGS_S", 0.3), ("_WAKES_S", 0.3), ("_TRY_EVERY_S", 0.05), ("_TRY_S", 2.0)):
        monkeypatch.setattr(steady, name, seconds)


async def _read_until(microphone: SteadyMicrophone, wanted: int) -> None:
    async with asyncio.timeout(10):
        while await mark(microphone) != wanted:
            pass


@pytest.mark.usefixtures("quick")
async def test_a_microphone_that_hangs_is_said_to_and_another_takes_its_place() -> None:
    machine = Machine(BOTH)
    microphone = machine.microphone("Headset")
    assert await mark(microphone) == 3
    machine.opened[0].going.clear()
    machine.hanging.add("usb.7")
    assert await mark(microphone) == 0 and microphone.used is None
    assert machine.said == [STUCK] and machine.opened[0].closed
    await _read_until(microphone, 1)
    assert machine.said[1:] == ["The microphone 'Headset' is gone: you are heard through 'Desk' until it is back."]
    assert [device.closed for device in machine.opened] == [True, True, False]


@pytest.mark.usefixtures("quick")
async def test_all_that_hangs_is_tried_again_without_a_word_until_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "_TRY_S", 0.5)
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("default")
    machine.opened[0].going.clear()
    machine.hanging.add("default")
    async with asyncio.timeout(10):
        while len(machine.opened) < 3:
            assert await mark(microphone) == 0
    assert machine.said == [STUCK]
    machine.hanging.clear()
    await _read_until(microphone, 1)
    assert machine.said == [STUCK, "You are heard through the microphone 'Desk' now."]
    await until(lambda: all(device.closed for device in machine.opened[:-1]))


@pytest.mark.usefixtures("quick")
async def test_a_speaker_that_hangs_gives_way_to_nowhere_and_is_back_once_it_takes_blocks() -> None:
    machine = Machine(DESK_ALONE)
    speaker = SteadySpeaker("Desk", machine.open, machine.look, machine.said.append)
    speaker.write(np.full(BLOCK, 7, dtype=np.int16))
    machine.opened[0].going.clear()
    await speaker.pace()
    assert machine.said == ["The speaker takes no sound any more: you hear nobody until it does, or there is another."]
    async with asyncio.timeout(10):
        while speaker.used is None:
            await speaker.pace()
    assert machine.said[1:] == ["You hear the others through the speaker 'Desk' now."]
    assert set(machine.opened[1].written) == {0}


@pytest.mark.may_block("stands still on purpose")
@pytest.mark.usefixtures("quick")
async def test_where_we_were_stopped_and_not_the_device_nothing_is_lost() -> None:
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("default")
    machine.opened[0].going.clear()
    reading = asyncio.create_task(mark(microphone))
    await asyncio.sleep(0.001)
    time.sleep(0.2)  # noqa: ASYNC251, it is the loop that stands still
    asyncio.get_running_loop().call_soon(machine.opened[0].going.set)
    assert await reading == 1 and machine.said == []


@pytest.mark.usefixtures("quick")
async def test_who_is_closed_while_another_is_tried_out_leaves_nothing_open() -> None:
    machine = Machine(DESK_ALONE)
    microphone = machine.microphone("default")
    machine.opened[0].going.clear()
    machine.opening.clear()
    machine.may_open.clear()
    assert await mark(microphone) == 0
    assert await asyncio.to_thread(machine.opening.wait, 5)
    microphone.close()
    machine.may_open.set()
    await until(lambda: len(machine.opened) == 2 and all(device.closed for device in machine.opened))
    assert machine.said == [STUCK]
