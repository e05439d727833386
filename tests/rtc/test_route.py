"""The route of a link's media: which pair it takes, and what is left when it ends or cannot be had."""

from __future__ import annotations

import errno
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from meshconf.rtc import route as route_module
from meshconf.rtc import transport as transport_module
from meshconf.rtc.route import MediaRoute
from tests.rtc.sides import MIC, Side, Wire, close, pair, started, stream
from tests.rtc.support import until
from tests.rtc.wire import opus_frame

pytestmark = pytest.mark.usefixtures("without_connections")


async def test_the_pair_that_ice_settles_on_later_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "FOLLOW_EVERY", 0.02)
    one, other = started()
    former, wire = one.wire, Wire(deliver=other.receive)
    settled = SimpleNamespace(remote_addr=one.remote_addr, wire=wire)
    monkeypatch.setattr(route_module, "nominated_pair", lambda side: settled if side is one else side)
    await until(lambda: former.closed)
    sent = len(former.sent)
    await stream(one, MIC, (opus_frame(number) for number in count()), 3)
    await until(lambda: len(other.sink.sound) == 3)
    assert len(former.sent) == sent and wire.sent
    close(one, other)


async def test_there_is_no_route_before_ice_has_settled_on_one() -> None:
    side, _ = pair()
    side.connected = False
    route = _route(side)
    assert (route.path, route.follow(), side.take) == (None, None, None)
    side.connected = True
    assert route.path == "lan"
    assert route.follow() is side.wire
    assert route.follow() is None, "nothing has changed"
    route.close()
    assert side.take is None


async def test_the_socket_is_given_back_before_another_pair_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may share it: given back later, it would be read by asyncio again."""
    said: list[str] = []

    def read_instead(side: Any, **takers: object) -> Any:
        said.append("read")
        return lambda: said.append("given back")

    monkeypatch.setattr(route_module, "read_instead", read_instead)
    side, other = pair()
    route = _route(side)
    route.follow()
    monkeypatch.setattr(route_module, "nominated_pair", lambda _: other)
    route.follow()
    route.close()
    route.close()
    assert said == ["read", "given back", "read", "given back"]


async def test_a_way_that_cannot_be_had_is_tried_again_and_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    side, other = pair()
    route = _route(side)
    route.follow()
    with monkeypatch.context() as patch:
        patch.setattr(route_module, "nominated_pair", lambda _: other)
        patch.setattr(route_module, "read_instead", refuse)
        with pytest.raises(OSError, match="Too many"):
            route.follow()
    assert other.wire.closed and not side.wire.closed
    assert side.take is not None, "what came before still comes"
    assert route.follow() is side.wire
    route.close()


def _route(side: Side) -> MediaRoute:
    return MediaRoute(cast(Any, side), lambda data, arrived: None)
