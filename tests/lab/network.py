"""A network on one machine: switches, hosts and NAT routers, each in a network namespace of its own.

The machine's own network is never touched: every interface is made inside a namespace, in pairs between two of them::

    with Lab() as lab:
        inet = lab.switch("inet", "203.0.113.0/24", internet=True)
        home = lab.switch("home", "10.1.0.0/24")
        nat = lab.nat("router", inet, home, kind="restricted")
        alice, bob = lab.host("alice", home), lab.host("bob", inet)
        alice.run(["ping", "-c1", bob.address])
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Literal, Self

from tests.lab.namespace import Namespace

NatKind = Literal["restricted", "symmetric"]

_SETTLE_S = 5.0
"""The kernel reports one change of a link a second, so several new links may take seconds to come up."""


class Lab:
    """Everything made through a lab is gone when its block is left."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def switch(self, name: str, subnet: str, *, internet: bool = False) -> Switch:
        """A LAN with the given IPv4 subnet; `internet` gives its hosts a default route into nothing."""
        return Switch(name, subnet, self._namespace(), internet=internet)

    def host(self, name: str, switch: Switch) -> Host:
        """A machine on that LAN; its interface is `eth0`."""
        return Host(name, self._namespace(), switch)

    def nat(self, name: str, outside: Switch, inside: Switch, *, kind: NatKind = "restricted") -> Nat:
        """A router that hides the inside LAN behind one address; hosts of the inside made later route through it."""
        return Nat(name, self._namespace(), outside, inside, kind)

    def _namespace(self) -> Namespace:
        namespace = Namespace()
        self._stack.callback(namespace.close)
        return namespace


class Switch:
    """A bridge that floods multicast as a cheap home switch does."""

    def __init__(self, name: str, subnet: str, namespace: Namespace, *, internet: bool) -> None:
        self.name = name
        self.subnet = ipaddress.IPv4Network(subnet)
        self.internet = internet
        self.gateway: str | None = None
        self._namespace = namespace
        self._free = iter(self.subnet.hosts())
        self._router_address = str(next(self._free))
        self._ports = 0
        self._loss: dict[str, float] = {}
        self.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        self.ip("link", "set", "br0", "up")

    def ip(self, *arguments: str) -> None:
        """Run `ip` on the switch itself."""
        self._namespace.run(["ip", *arguments])

    def plug(self, namespace: Namespace, interface: str, *, router: bool = False) -> tuple[str, Link]:
        """Lay a cable to a namespace; returns the address that its new interface got, and the cable."""
        self._ports += 1
        port = f"port{self._ports}"
        address = self._router_address if router else str(next(self._free))
        self.ip("link", "add", port, "type", "veth", "peer", "name", interface, "netns", str(namespace.pid))
        self.ip("link", "set", port, "master", "br0", "up")
        namespace.run(["ip", "addr", "add", f"{address}/{self.subnet.prefixlen}", "broadcast", "+", "dev", interface])
        namespace.run(["ip", "link", "set", interface, "up"])
        return address, Link(self, port)

    def part(self, *hosts: Host) -> None:
        """Cut these hosts off from the rest of the LAN, not from each other; nobody's cable shows it."""
        self.ip("link", "add", "br1", "type", "bridge", "mcast_snooping", "0")
        self.ip("link", "set", "br1", "up")
        for host in hosts:
            host.link.move("br1")

    def heal(self, *hosts: Host) -> None:
        """Undo `part` of the same hosts."""
        for host in hosts:
            host.link.move("br0")
        self.ip("link", "del", "br1")

    def lose(self, port: str, percent: float) -> None:
        """Drop that share of the packets of a port, each way, by chance; 0 ends it."""
        self._loss[port] = percent
        rules = [
            f'{side}ifname "{name}" numgen random mod 100000 < {int(share * 1000)} drop'
            for name, share in self._loss.items()
            for side in "io"
            if share > 0
        ]
        table = "table bridge loss"
        script = [table, f"delete {table}", f"{table} {{", "chain passing {", "type filter hook forward priority 0;"]
        self._namespace.run(["nft", "-f", "-"], input="\n".join([*script, *rules, "}", "}", ""]))


class Link:
    """The cable between a host and its switch."""

    def __init__(self, switch: Switch, port: str) -> None:
        self._switch = switch
        self._port = port

    def impair(self, *, loss: float = 0.0) -> None:
        """Lose that percentage of packets in each direction."""
        self._switch.lose(self._port, loss)

    def move(self, bridge: str) -> None:
        """Plug the far end into another bridge of the switch."""
        self._switch.ip("link", "set", self._port, "master", bridge)

    def down(self) -> None:
        """Pull the cable: no carrier, the address stays."""
        self._switch.ip("link", "set", self._port, "down")

    def up(self) -> None:
        """Put the cable back; the first packets may take most of a second."""
        self._switch.ip("link", "set", self._port, "up")


class Host:
    """A machine with one interface, `eth0`, on a switch."""

    def __init__(self, name: str, namespace: Namespace, switch: Switch, *, routed: bool = True) -> None:
        self.name = name
        self._namespace = namespace
        self._settled = False
        self.address, self.link = switch.plug(namespace, "eth0")
        if routed and switch.gateway is not None:
            namespace.run(["ip", "route", "add", "default", "via", switch.gateway])
        elif routed and switch.internet:
            # A pair without ARP swallows whatever is sent to addresses that do not exist, as the internet does.
            namespace.run(["ip", "link", "add", "void", "type", "veth", "peer", "name", "drain"])
            for interface in ("void", "drain"):
                namespace.run(["ip", "link", "set", interface, "arp", "off", "multicast", "off", "up"])
            namespace.run(["ip", "route", "add", "default", "dev", "void"])

    def run(self, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
        """Run to the end on this host; options as of `subprocess.run`, checked and captured unless told otherwise."""
        self.settle()
        return self._namespace.run(command, **options)

    def popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        """Start on this host; ended with the lab at the latest."""
        self.settle()
        return self._namespace.popen(command, **options)

    def entered(self) -> AbstractContextManager[None]:
        """The calling thread is on this host inside the block; sockets opened there stay on the host."""
        self.settle()
        return self._namespace.entered()

    def change_address(self, address: str) -> None:
        """Give `eth0` another address of the same subnet, as a new DHCP lease would."""
        old = json.loads(self.run(["ip", "-j", "-4", "addr", "show", "eth0"]).stdout)[0]["addr_info"][0]
        self.run(["ip", "addr", "flush", "dev", "eth0"])
        self.run(["ip", "addr", "add", f"{address}/{old['prefixlen']}", "broadcast", "+", "dev", "eth0"])
        self.address = address

    def settle(self) -> None:
        """Wait until the kernel has seen the cable; done before the first use of the host.

        Raises:
            TimeoutError: it did not within five seconds.
        """
        deadline = time.monotonic() + _SETTLE_S
        while not self._settled:
            state = json.loads(self._namespace.run(["ip", "-j", "link", "show", "eth0"]).stdout)[0]["operstate"]
            self._settled = state == "UP"
            if not self._settled and time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}: eth0 is {state} after {_SETTLE_S} s")


class Nat(Host):
    """A router: `eth0` outside with one address, `eth1` inside; lets in only what answers something from inside."""

    def __init__(self, name: str, namespace: Namespace, outside: Switch, inside: Switch, kind: NatKind) -> None:
        super().__init__(name, namespace, outside, routed=outside.gateway is not None)
        inside.gateway, self.inner_link = inside.plug(namespace, "eth1", router=True)
        namespace.sysctl({"net.ipv4.ip_forward": 1})
        self.set_kind(kind)

    def set_kind(self, kind: NatKind) -> None:
        """Change how ports are mapped: `restricted` keeps one per socket, `symmetric` takes one per destination."""
        rule = "masquerade" if kind == "restricted" else "meta l4proto { tcp, udp } masquerade fully-random"
        # Unasked packets are dropped without a word. Were they answered, conntrack would remember the peer's first
        # packet, masquerade would pick another port, and hole punching would fail behind a restricted NAT too.
        self._namespace.run(
            ["nft", "-f", "-"],
            input=f"""
            flush ruleset
            table ip nat {{
                chain out {{ type nat hook postrouting priority 100; oifname "eth0" {rule}; }}
                chain in {{ type filter hook input priority 0; iifname "eth0" ct state new drop; }}
                chain through {{ type filter hook forward priority 0; iifname "eth0" ct state new drop; }}
            }}
            """,
        )
