import asyncio
import threading

import pytest

from meshconf.devices.base import SourceEnded
from meshconf.devices.handover import Doorbell, Handover


async def test_a_waiting_reader_is_woken_by_a_thread() -> None:
    passage: Handover[int] = Handover(2)
    reader = asyncio.create_task(passage.get())
    await asyncio.sleep(0)
    thread = threading.Thread(target=passage.put, args=(7,))
    thread.start()
    assert await asyncio.wait_for(reader, 2) == 7
    thread.join()


async def test_a_late_reader_gets_the_newest() -> None:
    passage: Handover[int] = Handover(2)
    for n in range(5):
        passage.put(n)
    assert [await passage.get(), await passage.get()] == [3, 4]


async def test_the_error_comes_after_what_waits_and_again_at_each_read() -> None:
    passage: Handover[int] = Handover(2)
    passage.put(1)
    passage.fail(SourceEnded())
    passage.fail(ValueError("too late"))
    assert await passage.get() == 1
    for _ in range(2):
        with pytest.raises(SourceEnded):
            await passage.get()


async def test_no_item_is_lost_between_threads_that_keep_step() -> None:
    passage: Handover[int] = Handover(1000)

    def put_all() -> None:
        for n in range(1000):
            passage.put(n)

    thread = threading.Thread(target=put_all)
    thread.start()
    assert [await asyncio.wait_for(passage.get(), 2) for _ in range(1000)] == list(range(1000))
    thread.join()


def test_ringing_for_a_loop_that_is_gone_is_harmless() -> None:
    bell = Doorbell()
    asyncio.run(bell.wait_until(lambda: True))
    bell.ring()
