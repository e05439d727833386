"""Background work ends with its owner, and one part that fails takes no other with it."""

from __future__ import annotations

import asyncio

import pytest

from meshconf.conference.tasks import Tasks


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def test_closing_ends_everything_and_nothing_begins_after_it() -> None:
    tasks = Tasks()
    running = [tasks.spawn(_for_ever(), name) for name in ("one", "two")]
    await tasks.close()
    assert all(task is not None and task.cancelled() for task in running)
    assert tasks.spawn(_for_ever(), "late") is None


async def test_a_failure_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    tasks = Tasks()
    other = tasks.spawn(_for_ever(), "other")
    failing = tasks.spawn(fail(), "failing")
    assert failing is not None and other is not None
    await asyncio.wait([failing])
    await asyncio.sleep(0)
    assert "task failing failed" in caplog.text and not other.done()
    await tasks.close()


async def test_the_owner_hears_of_a_failure_but_not_once_it_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async def fail_late() -> None:
        try:
            await _for_ever()
        finally:
            raise ValueError("late")

    tasks, heard = Tasks(), list[str]()
    failing = tasks.spawn(fail(), "failing", on_failure=lambda error: heard.append(str(error)))
    tasks.spawn(fail_late(), "late", on_failure=lambda error: heard.append(str(error)))
    assert failing is not None
    await asyncio.wait([failing])
    await asyncio.sleep(0)
    await tasks.close()
    await asyncio.sleep(0)
    assert heard == ["broken"] and "task late failed" in caplog.text


async def test_a_task_may_close_its_owner() -> None:
    tasks = Tasks()
    other = tasks.spawn(_for_ever(), "other")
    closing = tasks.spawn(tasks.close(), "closing")
    assert closing is not None and other is not None
    await closing
    assert other.cancelled() and not closing.cancelled()
