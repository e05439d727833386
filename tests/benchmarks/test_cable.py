"""A real cable between two hosts, made a bad one."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator

import pytest

from benchmarks.network.cable import Cable, missing
from benchmarks.network.impairment import Impairment
from tests.lab.namespace import why_not
from tests.lab.network import Lab

_REASON = why_not()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(_REASON is not None and os.environ.get("CI") != "true", reason=str(_REASON)),
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]

Ends = tuple[Cable, socket.socket, socket.socket]
_SEGMENT = 103
"""UDP_SEGMENT, which the socket module does not know."""


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The cable, a socket of the host whose it is, and one at the far end, connected."""
    with Lab() as lab:
        lan = lab.switch("lan", "10.1.0.0/24")
        near, far = lab.host("near", lan), lab.host("far", lan)
        with near.entered():
            here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            here.bind((near.address, 4000))
        with far.entered():
            there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            there.bind((far.address, 4000))
        here.connect((far.address, 4000))
        there.connect((near.address, 4000))
        for each in (here, there):
            each.settimeout(2)
        with here, there, Cable(near) as cable:
            _send_until_heard(here, there)
            yield cable, here, there


def test_each_direction_has_its_own_delay(ends: Ends) -> None:
    cable, here, there = ends
    cable.impair(up=Impairment(delay_ms=40), down=Impairment(delay_ms=90))
    assert _took_ms(here, there) == pytest.approx(40, abs=15)
    assert _took_ms(there, here) == pytest.approx(90, abs=15)
    cable.clear()
    assert _took_ms(here, there) < 20


def test_losses_are_counted_and_real(ends: Ends) -> None:
    cable, here, there = ends
    before = cable.impair(up=Impairment(loss=1.0))["up"]
    for _ in range(5):
        here.send(b"gone")
    assert _eventually_lost(cable, before.lost + 5)
    cable.clear()
    here.send(b"kept")
    assert there.recv(64) == b"kept"


def test_what_was_to_be_segmented_by_the_card_arrives_at_the_rate_in_pieces(ends: Ends) -> None:
    cable, here, there = ends
    cable.impair(up=Impairment(rate_bps=400_000, queue_ms=1000))
    here.setsockopt(socket.SOL_UDP if hasattr(socket, "SOL_UDP") else 17, _SEGMENT, 972)
    started = time.monotonic()
    here.send(bytes(972 * 5))
    assert [len(there.recv(2000)) for _ in range(5)] == [972] * 5
    assert time.monotonic() - started == pytest.approx(5 * 1000 * 8 / 400_000, abs=0.03)


def _took_ms(sender: socket.socket, receiver: socket.socket) -> float:
    """The quickest of five: a busy computer is late now and then."""
    took = []
    for _ in range(5):
        started = time.monotonic()
        sender.send(b"x")
        receiver.recv(64)
        took.append((time.monotonic() - started) * 1000)
    return min(took)


def _send_until_heard(sender: socket.socket, receiver: socket.socket) -> None:
    receiver.settimeout(0.2)
    for _ in range(20):
        try:
            sender.send(b"knock")
            receiver.recv(64)
            break
        except OSError:
            continue
    receiver.settimeout(2)


def _eventually_lost(cable: Cable, packets: int) -> bool:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        if cable.impair()["up"].lost >= packets:
            return True
    return False
