"""The program that holds packets back: `python -m benchmarks.network.wire`, inside the host whose cable it is.

One JSON object a line on stdin changes a direction: {"up": {...}, "down": {...}}, fields as of `Impairment`; {} or
nothing leaves it. Each is answered by a line with the counters up to then. It ends with its stdin, and what it held
back passes.
"""

from __future__ import annotations

import heapq
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.network.impairment import Direction, Impairment
from benchmarks.network.netfilter import Queue

_WAYS = {"up": ("OUTPUT", "-o"), "down": ("INPUT", "-i")}
"""Chain and interface option of each direction, seen from the host."""


@dataclass
class Way:
    """One direction: its queue, what is wrong with it, and what it holds back."""

    queue: Queue
    direction: Direction
    held: list[tuple[float, int, int]] = field(default_factory=list)
    """When a packet may pass, its place in the order, its number."""
    taken: int = 0

    def take(self, now: float) -> None:
        """Look at the packets that have come."""
        for packet, size in self.queue.packets():
            arrival = self.direction.arrival(size, now)
            if arrival is None:
                self.queue.drop(packet)
            elif arrival <= now:
                self.queue.accept(packet)
            else:
                self.taken += 1
                heapq.heappush(self.held, (arrival, self.taken, packet))

    def release(self, now: float) -> None:
        """Let pass what is due."""
        while self.held and self.held[0][0] <= now:
            self.queue.accept(heapq.heappop(self.held)[2])


def main() -> int:
    """Run until stdin ends."""
    ways = {}
    for number, (name, (chain, option)) in enumerate(_WAYS.items()):
        ways[name] = Way(Queue(number), Direction(seed=number))
        rule = [chain, option, "eth0", "-p", "udp", "-j", "NFQUEUE", "--queue-num", str(number), "--queue-bypass"]
        subprocess.run(["iptables", "-w", "-A", *rule], check=True)
    _say({"ready": True})
    text = b""
    try:
        while True:
            due = min((way.held[0][0] for way in ways.values() if way.held), default=None)
            patience = None if due is None else max(0.0, due - time.monotonic())
            readable, _, _ = select.select([0, *(way.queue.fileno() for way in ways.values())], [], [], patience)
            now = time.monotonic()
            for way in ways.values():
                way.release(now)
                way.take(now)
            if 0 in readable:
                read = os.read(0, 65_536)
                if not read:
                    return 0
                *lines, text = (text + read).split(b"\n")
                for line in lines:
                    _obey(ways, json.loads(line))
    finally:
        subprocess.run(["iptables", "-w", "-F"], check=False)
        for way in ways.values():
            way.release(float("inf"))


def _obey(ways: dict[str, Way], command: dict[str, dict[str, float]]) -> None:
    counters = {}
    for name, way in ways.items():
        if name in command:
            way.direction.impairment = Impairment(**command[name])
        counters[name] = [way.direction.passed, way.direction.lost, way.direction.overflowed]
    _say(counters)


def _say(line: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
