"""The page as an operator's collector fetches it."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request

import pytest

from rendezvous.metrics_server import MetricsServer


def _get(url: str) -> tuple[int, str, str]:
    # No proxy of the environment: the page is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "", ""


async def test_the_page_is_made_anew_at_each_request() -> None:
    pages = iter(["one 1\n", "one 2\n"])
    async with MetricsServer("127.0.0.1", 0, lambda: next(pages)) as server:
        url = f"http://127.0.0.1:{server.port}/metrics"
        first, second = [await asyncio.to_thread(_get, url) for _ in range(2)]
    assert first == (200, "text/plain; version=0.0.4; charset=utf-8", "one 1\n")
    assert second[2] == "one 2\n"


async def test_there_is_nothing_else() -> None:
    async with MetricsServer("127.0.0.1", 0, lambda: "") as server:
        assert (await asyncio.to_thread(_get, f"http://127.0.0.1:{server.port}/"))[0] == 404


async def test_a_port_in_use_is_an_os_error() -> None:
    async with MetricsServer("127.0.0.1", 0, lambda: "") as server:
        with pytest.raises(OSError):
            async with MetricsServer("127.0.0.1", server.port, lambda: ""):
                pass
