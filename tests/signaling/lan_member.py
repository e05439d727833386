"""A process that announces or browses, driven by JSON lines: the far end of the LAN tests.

`announce` takes `{"port", "tags", "title", "people"}`, then updates of `{"tags", "people"}`; end of input says goodbye.
`browse` prints the list of meetings at each change, with the seconds since it began.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
import threading
import time
from typing import Any

from meshconf.signaling.lan_announcer import LanAnnouncer
from meshconf.signaling.lan_browser import LanBrowser
from meshconf.signaling.multicast import LanUnavailable


async def announce() -> None:
    lines = _lines()
    announcer = LanAnnouncer(**json.loads(await anext(lines)))
    await announcer.start()
    _say({"instance": announcer.instance})
    async for line in lines:
        await announcer.update(**json.loads(line))
        _say({"updated": True})
    await announcer.close()


async def browse() -> None:
    began = time.monotonic()
    browser = LanBrowser()
    await browser.start()
    async for meetings in browser.changes():
        listed: list[dict[str, Any]] = [dataclasses.asdict(one) | {"tags": sorted(one.tags)} for one in meetings]
        _say({"after_s": time.monotonic() - began, "meetings": listed})


async def _lines() -> Any:
    queue: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await queue.get():
        yield line


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run({"announce": announce, "browse": browse}[sys.argv[1]]())
    except LanUnavailable as error:
        _say({"error": error.code, "sentence": str(error)})
