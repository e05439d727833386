"""Whatever one fails at, the others are closed."""

from __future__ import annotations

import asyncio

import pytest

from meshconf.conference.closing import close_all


async def test_all_are_closed_in_order_and_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[int] = []

    async def first() -> None:
        closed.append(1)
        raise ValueError("stuck")

    async def second() -> None:
        closed.append(2)

    await close_all(first, second)
    assert closed == [1, 2]
    assert "stuck" in caplog.text and "first" in caplog.text


async def test_who_is_cancelled_while_closing_closes_the_rest_and_ends() -> None:
    waiting, closed = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        waiting.set()
        await asyncio.Event().wait()

    async def camera() -> None:
        closed.set()

    closing = asyncio.create_task(close_all(slow, camera))
    await waiting.wait()
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert closed.is_set()
