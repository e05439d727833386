"""The machine's own IPv4 addresses on networks that others can be on."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import ifaddr


@dataclass(frozen=True, order=True)
class Interface:
    """One IPv4 address of one network interface."""

    name: str
    index: int
    """The system's number of the interface; a new one when it was taken away and came back."""

    address: str
    prefix: int
    """Length of the network's part of the address, in bits."""

    @property
    def network(self) -> ipaddress.IPv4Network:
        """The addresses that are reached without a router."""
        return ipaddress.IPv4Interface(f"{self.address}/{self.prefix}").network


def lan_interfaces() -> tuple[Interface, ...]:
    """All addresses but those of the loopback, in a stable order; a short system call."""
    found = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            if not isinstance(ip.ip, str):
                continue  # IPv6 comes as a tuple
            address = ipaddress.IPv4Address(ip.ip)
            if not address.is_loopback and not address.is_unspecified:
                found.append(Interface(ip.nice_name, adapter.index or 0, ip.ip, ip.network_prefix))
    return tuple(sorted(found))
