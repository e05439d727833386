"""Announcing and browsing between machines of a LAN that has no internet and no DNS."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from zeroconf import DNSAddress, DNSOutgoing, DNSPointer, DNSService, DNSText  # type: ignore[attr-defined]

from meshconf.signaling.lan_advert import SERVICE_TYPE
from tests.lab.namespace import why_not
from tests.lab.network import Host, Lab, Switch

_REASON = why_not()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(_REASON is not None and os.environ.get("CI") != "true", reason=str(_REASON)),
]
_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 10.0
_ANSWER, _IN, _TTL_S = 0x8400, 1, 120
_A, _PTR, _TXT, _SRV = 1, 12, 16, 33

Listing = list[dict[str, Any]]


class Member:
    """A `lan_member` process on a host of the lab."""

    def __init__(self, host: Host, role: str) -> None:
        self.process: subprocess.Popen[str] = host.popen(
            [sys.executable, "-m", "tests.signaling.lan_member", role],
            cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, **message: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self, timeout: float = _PATIENCE_S) -> dict[str, Any]:
        return self._said.get(timeout=timeout)

    def sees(self, wanted: Callable[[Listing], bool], timeout: float = _PATIENCE_S) -> dict[str, Any]:
        """The first report of a browser whose list is as wanted."""
        deadline, last = time.monotonic() + timeout, {}
        while (left := deadline - time.monotonic()) > 0:
            try:
                last = self.hear(left)
            except queue.Empty:
                break
            if wanted(last["meetings"]):
                return last
        pytest.fail(f"not seen within {timeout} s; the last list was {last}")

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(json.loads(line))


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def lan(lab: Lab) -> Switch:
    return lab.switch("lan", "10.1.0.0/24")


def test_an_existing_meeting_is_found_in_a_fraction_of_a_second(lab: Lab, lan: Switch) -> None:
    alice, bob = lab.host("alice", lan), lab.host("bob", lan)
    instance = Member(alice, "announce").tell(port=7001, tags=["aaaa", "bbbb"], title="Tea", people=3)["instance"]

    report = Member(bob, "browse").sees(lambda meetings: len(meetings) == 1)

    assert report["meetings"] == [
        {
            "instance": instance, "addresses": [alice.address], "port": 7001,
            "tags": ["aaaa", "bbbb"], "title": "Tea", "people": 3,
        }
    ]  # fmt: skip
    assert report["after_s"] < 1.0  # about 0.02 s on a quiet machine


def test_a_new_meeting_reaches_who_already_looks(lab: Lab, lan: Switch) -> None:
    watcher = Member(lab.host("bob", lan), "browse")
    watcher.sees(lambda meetings: not meetings)

    Member(lab.host("alice", lan), "announce").tell(port=7001, tags=["aaaa"])

    watcher.sees(lambda meetings: [one["port"] for one in meetings] == [7001])


def test_an_unlisted_meeting_tells_neither_title_nor_people(lab: Lab, lan: Switch) -> None:
    Member(lab.host("alice", lan), "announce").tell(port=7001, tags=["aaaa"], people=5)

    (meeting,) = Member(lab.host("bob", lan), "browse").sees(lambda meetings: len(meetings) == 1)["meetings"]

    assert (meeting["title"], meeting["people"]) == (None, None)


def test_new_tags_and_people_are_seen_and_the_title_stays(lab: Lab, lan: Switch) -> None:
    host = Member(lab.host("alice", lan), "announce")
    host.tell(port=7001, tags=["before"], title="Tea", people=1)
    watcher = Member(lab.host("bob", lan), "browse")
    watcher.sees(lambda meetings: [one["tags"] for one in meetings] == [["before"]])

    host.tell(tags=["before", "later"], people=1)
    host.tell(tags=["later"], people=2)

    report = watcher.sees(lambda meetings: [(one["tags"], one["people"]) for one in meetings] == [(["later"], 2)])
    assert report["meetings"][0]["title"] == "Tea"


def test_a_goodbye_removes_the_meeting_at_once(lab: Lab, lan: Switch) -> None:
    host = Member(lab.host("alice", lan), "announce")
    host.tell(port=7001, tags=["aaaa"])
    watcher = Member(lab.host("bob", lan), "browse")
    watcher.sees(lambda meetings: len(meetings) == 1)

    left = time.monotonic()
    host.leave()
    watcher.sees(lambda meetings: not meetings)

    assert time.monotonic() - left < 2.0
    assert host.process.wait(5) == 0


def test_several_meetings_do_not_mix(lab: Lab, lan: Switch) -> None:
    hosts = [lab.host(name, lan) for name in ("alice", "carol", "dave")]
    for number, host in enumerate(hosts):
        Member(host, "announce").tell(port=7000 + number, tags=[f"tag{number}"])
    # A second meeting on the same machine.
    Member(hosts[0], "announce").tell(port=7009, tags=["tag9"])

    report = Member(lab.host("bob", lan), "browse").sees(lambda meetings: len(meetings) == 4)

    seen = {(one["addresses"][0], one["port"], one["tags"][0]) for one in report["meetings"]}
    wanted = {(host.address, 7000 + number, f"tag{number}") for number, host in enumerate(hosts)}
    assert seen == wanted | {(hosts[0].address, 7009, "tag9")}


def test_a_changed_address_is_announced(lab: Lab, lan: Switch) -> None:
    alice = lab.host("alice", lan)
    Member(alice, "announce").tell(port=7001, tags=["aaaa"])
    watcher = Member(lab.host("bob", lan), "browse")
    watcher.sees(lambda meetings: len(meetings) == 1)

    alice.change_address("10.1.0.77")

    watcher.sees(lambda meetings: [one["addresses"] for one in meetings] == [["10.1.0.77"]])


def test_a_browser_that_changes_its_address_goes_on_finding(lab: Lab, lan: Switch) -> None:
    bob = lab.host("bob", lan)
    watcher = Member(bob, "browse")
    watcher.sees(lambda meetings: not meetings)
    bob.change_address("10.1.0.78")

    Member(lab.host("alice", lan), "announce").tell(port=7001, tags=["aaaa"])

    watcher.sees(lambda meetings: len(meetings) == 1)


def test_packet_loss_only_delays_the_finding(lab: Lab, lan: Switch) -> None:
    alice, bob = lab.host("alice", lan), lab.host("bob", lan)
    alice.settle()
    alice.link.impair(loss=20)
    Member(alice, "announce").tell(port=7001, tags=["aaaa"])

    Member(bob, "browse").sees(lambda meetings: len(meetings) == 1)


def test_without_a_network_a_sentence_says_so(lab: Lab, lan: Switch) -> None:
    alice = lab.host("alice", lan)
    alice.run(["ip", "addr", "flush", "dev", "eth0"])

    report = Member(alice, "browse").hear()

    assert report["error"] == "lan"
    assert "connect it, or join by link" in report["sentence"]


def test_hostile_announcements_are_dropped_and_the_honest_one_stays(lab: Lab, lan: Switch) -> None:
    mallory = lab.host("mallory", lan)
    Member(lab.host("alice", lan), "announce").tell(port=7001, tags=["aaaa"])
    watcher = Member(lab.host("bob", lan), "browse")
    watcher.sees(lambda meetings: len(meetings) == 1)

    with mallory.entered():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(mallory.address))
    good = {"v": "1", "t": "evil"}
    for number, (address, properties) in enumerate(
        [
            ("127.0.0.1", good),
            (mallory.address, {"v": "2", "t": "evil"}),
            (mallory.address, {"v": "1", "t": "ev\x1b[2Jil"}),
            (mallory.address, {"v": "1", "t": ",".join("abcdefghijklmnopqrstuvwxyz")}),
            (mallory.address, good | {str(key): "x" * 200 for key in range(30)}),
        ]
    ):
        _send(sender, f"bad{number}", address, 6666, properties)
    _send(sender, "evil\x1b[2J name", mallory.address, 6666, good)
    sender.sendto(b"\xff" * 1200, ("224.0.0.251", 5353))
    for number in range(100):
        _send(sender, f"flood{number}", mallory.address, 6000, good | {"n": "\x1b]0;pwned\x07" + "W" * 200})

    meetings = watcher.sees(lambda meetings: len(meetings) == 64)["meetings"]
    sender.close()
    assert {one["port"] for one in meetings} == {7001, 6000}
    flooded = next(one for one in meetings if one["port"] == 6000)
    assert flooded["title"] == "]0;pwned" + "W" * 56


def _send(sender: socket.socket, instance: str, address: str, port: int, properties: dict[str, str]) -> None:
    name, machine = f"{instance}.{SERVICE_TYPE}", f"{instance.encode().hex()}.local."
    text = b"".join(bytes([len(key) + len(value) + 1]) + f"{key}={value}".encode() for key, value in properties.items())
    packet = DNSOutgoing(_ANSWER)
    for record in (
        DNSPointer(SERVICE_TYPE, _PTR, _IN, _TTL_S, name),
        DNSService(name, _SRV, _IN, _TTL_S, 0, 0, port, machine),
        DNSText(name, _TXT, _IN, _TTL_S, text),
        DNSAddress(machine, _A, _IN, _TTL_S, socket.inet_aton(address)),
    ):
        packet.add_answer_at_time(record, 0)
    for part in packet.packets():
        sender.sendto(part, ("224.0.0.251", 5353))
