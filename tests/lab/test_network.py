"""The lab itself: what it builds behaves as the networks that it stands for."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.namespace import why_not
from tests.lab.network import Host, Lab

_REASON = why_not()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(_REASON is not None and os.environ.get("CI") != "true", reason=str(_REASON)),
]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_hosts_of_a_switch_reach_each_other_and_nobody_else(lab: Lab) -> None:
    lan = lab.switch("lan", "10.1.0.0/24")
    alice, bob = lab.host("alice", lan), lab.host("bob", lan)
    stranger = lab.host("stranger", lab.switch("other", "10.2.0.0/24"))

    assert _echoes(alice, bob)
    assert alice.run(["ping", "-c1", "-W1", stranger.address], check=False).returncode != 0


def test_a_socket_opened_inside_lives_there_after_the_thread_has_left(lab: Lab) -> None:
    alice = lab.host("alice", lab.switch("lan", "10.1.0.0/24"))
    before = Path("/proc/thread-self/ns/net").readlink()

    with alice.entered(), socket.socket() as listener:
        listener.bind((alice.address, 0))
        assert Path("/proc/thread-self/ns/net").readlink() != before
    assert Path("/proc/thread-self/ns/net").readlink() == before


def test_a_pulled_cable_cuts_off_and_comes_back(lab: Lab) -> None:
    lan = lab.switch("lan", "10.1.0.0/24")
    alice, bob = lab.host("alice", lan), lab.host("bob", lan)
    assert _echoes(alice, bob)

    alice.link.down()
    assert not _echoes(alice, bob, patience=0.5)
    alice.link.up()
    assert _echoes(alice, bob, patience=5.0)


def test_loss_takes_about_the_share_asked_for(lab: Lab) -> None:
    lan = lab.switch("lan", "10.1.0.0/24")
    alice, bob = lab.host("alice", lan), lab.host("bob", lan)
    assert _echoes(alice, bob)

    bob.link.impair(loss=20)
    assert 0.70 < _share_arriving(alice, bob) < 0.90
    bob.link.impair(loss=0)
    assert _share_arriving(alice, bob) == 1.0


@pytest.mark.parametrize(("kind", "mappings"), [("restricted", 1), ("symmetric", 2)])
def test_a_nat_hides_the_inside_and_maps_ports_as_its_kind_does(lab: Lab, kind: str, mappings: int) -> None:
    inet = lab.switch("inet", "203.0.113.0/24", internet=True)
    home = lab.switch("home", "10.1.0.0/24")
    router = lab.nat("router", inet, home, kind="symmetric" if kind == "symmetric" else "restricted")
    alice = lab.host("alice", home)
    servers = [lab.host("one", inet), lab.host("two", inet)]

    with alice.entered():
        inside = _datagram(alice.address)
    seen = set()
    for server in servers:
        with server.entered():
            outside = _datagram(server.address)
        _send_until_heard(inside, outside, server.address)
        source = outside.recvfrom(64)[1]
        seen.add(source)
        outside.sendto(b"answer", source)
        assert inside.recv(64) == b"answer"
        outside.close()
    inside.close()

    assert {address for address, _ in seen} == {router.address}
    assert len(seen) == mappings


def test_a_nat_lets_nothing_in_that_was_not_asked_for(lab: Lab) -> None:
    inet = lab.switch("inet", "203.0.113.0/24", internet=True)
    home = lab.switch("home", "10.1.0.0/24")
    router = lab.nat("router", inet, home)
    outsider = lab.host("outsider", inet)
    assert outsider.run(["ping", "-c1", "-W1", router.address], check=False).returncode != 0


def test_everything_is_gone_after_the_lab() -> None:
    with Lab() as lab:
        host = lab.host("alice", lab.switch("lan", "10.1.0.0/24"))
        sleeper = host.popen(["sleep", "600"])
        namespace = host.run(["readlink", "/proc/self/ns/net"]).stdout.strip()
    assert sleeper.poll() is not None
    assert namespace not in _living_namespaces()


def test_the_machine_has_the_same_interfaces_during_and_after(lab: Lab) -> None:
    before = socket.if_nameindex()
    host = lab.host("alice", lab.switch("lan", "10.1.0.0/24"))
    host.settle()
    assert socket.if_nameindex() == before


def _datagram(address: str) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((address, 4000))
    opened.settimeout(2)
    return opened


def _send_until_heard(sender: socket.socket, receiver: socket.socket, address: str) -> None:
    deadline = time.monotonic() + 5
    receiver.settimeout(0.2)
    while time.monotonic() < deadline:
        sender.sendto(b"knock", (address, 4000))
        try:
            receiver.recv(64, socket.MSG_PEEK)
            return
        except TimeoutError:
            continue
    pytest.fail("nothing came through")


def _echoes(sender: Host, receiver: Host, *, patience: float = 3.0) -> bool:
    with sender.entered():
        near = _datagram(sender.address)
    with receiver.entered():
        far = _datagram(receiver.address)
    near.settimeout(0.1)
    far.settimeout(0.1)
    deadline = time.monotonic() + patience
    with near, far:
        while time.monotonic() < deadline:
            try:
                near.sendto(b"ping", (receiver.address, 4000))
                far.sendto(far.recv(64), (sender.address, 4000))
                return near.recv(64) == b"ping"
            except OSError:  # nothing came yet, or the cable is out
                continue
    return False


def _share_arriving(sender: Host, receiver: Host, *, count: int = 1000) -> float:
    with sender.entered():
        near = _datagram(sender.address)
    with receiver.entered():
        far = _datagram(receiver.address)
    arrived = 0
    with near, far:
        for _ in range(count // 50):
            for _ in range(50):
                near.sendto(b"x", (receiver.address, 4000))
            far.settimeout(0.05)
            try:
                for _ in range(50):
                    far.recv(8)
                    arrived += 1
            except TimeoutError:
                continue
    return arrived / count


def _living_namespaces() -> str:
    return subprocess.run(["lsns", "-n", "-t", "net", "-o", "NS"], capture_output=True, text=True, check=True).stdout
