"""What is done in turns is done at the same moments."""

from __future__ import annotations

import asyncio
import time

import pytest

from meshconf.conference.beat import beat


async def test_all_wake_on_multiples_of_their_interval_however_they_began() -> None:
    async def wake(after: float) -> float:
        await asyncio.sleep(after)
        late = await beat(0.02)
        return time.monotonic() - late

    for due in await asyncio.gather(wake(0.001), wake(0.006), wake(0.013)):
        assert due / 0.02 == pytest.approx(round(due / 0.02), abs=0.01)


async def test_it_tells_how_late_the_loop_was() -> None:
    waiting = asyncio.create_task(beat(0.02))
    await asyncio.sleep(0)
    began = time.monotonic()
    while time.monotonic() < began + 0.06:
        pass  # busy
    assert 0.035 < await waiting < 1.0
