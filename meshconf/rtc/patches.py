"""Installs our hooks into aiortc and aioice, once in a process, and refuses versions whose insides have moved."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aioice import Connection, ice
from aiortc import RTCSctpTransport, rtcsctptransport

from meshconf.errors import MeshconfError
from meshconf.rtc import ice_hooks, sctp_hooks


class HookMoved(MeshconfError):
    """The installed aiortc or aioice is not the version that meshconf was made for; install the locked versions."""


@dataclass(frozen=True)
class Hook:
    """One function of a library and what stands in for it."""

    owner: Any
    """The class or module that holds it."""
    name: str
    replacement: Callable[..., Any]
    parameters: tuple[str, ...]
    """What the original takes; another signature means that it has moved."""
    original: Any = field(init=False)
    """The function as the library wrote it, None where there is no such thing any more."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "original", vars(self.owner).get(self.name))

    def check(self) -> None:
        """Make sure that the original is still what the replacement was written for.

        Raises:
            HookMoved: It is gone, or takes other parameters.
        """
        found = tuple(inspect.signature(self.original).parameters) if callable(self.original) else None
        if found != self.parameters:
            raise HookMoved(f"{self.owner.__name__}.{self.name} has moved; install the locked versions of meshconf.")


HOOKS = (
    Hook(Connection, "query_consent", ice_hooks.query_consent, ("self",)),
    Hook(ice.StunProtocol, "datagram_received", ice_hooks.datagram_received, ("self", "data", "addr")),
    Hook(ice, "get_host_addresses", ice_hooks.get_host_addresses, ("use_ipv4", "use_ipv6")),
    Hook(
        Connection,
        "get_component_candidates",
        ice_hooks.get_component_candidates,
        ("self", "component", "addresses", "timeout"),
    ),
    Hook(rtcsctptransport, "decode_params", sctp_hooks.decode_params, ("body",)),
    Hook(RTCSctpTransport, "_receive_chunk", sctp_hooks.receive_chunk, ("self", "chunk")),
)


def apply() -> None:
    """Install all hooks; further calls change nothing.

    Raises:
        HookMoved: A library is not the version that we know; nothing was changed then.
    """
    for hook in HOOKS:
        hook.check()
    for hook in HOOKS:
        setattr(hook.owner, hook.name, hook.replacement)
