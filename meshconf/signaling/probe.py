"""Checks for `meshconf doctor`: does multicast work on each interface, does the rendezvous answer.

Each check says what it found in a sentence and, where something is wrong, what to do about it. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from meshconf.signaling.interfaces import Interface, lan_interfaces

_GROUP, _PORT = "224.0.0.251", 5353
_MULTICAST_PATIENCE_S = 0.5
_RENDEZVOUS_PATIENCE_S = 5.0
_MAX_ANSWER = 4096


@dataclass(frozen=True)
class CheckResult:
    """What a check found."""

    ok: bool
    sentence: str
    fix: str = ""
    """What to do about it; empty if all is well."""


@dataclass(frozen=True)
class InterfaceResult(CheckResult):
    """What the multicast check found on one interface."""

    interface: str = ""
    """Its name, as the system shows it."""

    address: str = ""


async def multicast_check() -> list[InterfaceResult]:
    """Join the multicast DNS group on each interface and listen for a question of our own; takes half a second at most.

    Empty if the machine is on no network. That other machines hear us is not proved by this: some access points keep
    multicast from their guests.
    """
    return list(await asyncio.gather(*(_hears_itself(interface) for interface in lan_interfaces())))


async def rendezvous_check(url: str) -> CheckResult:
    """Connect to a rendezvous as a member would and ask it for its health; takes five seconds at most.

    Args:
        url: `ws://HOST[:PORT]` or `wss://HOST[:PORT]`.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("ws", "wss"):
        return CheckResult(
            False, f"{url!r} is not the address of a rendezvous.", "Write it as wss://HOST or ws://HOST:PORT."
        )
    secure = parts.scheme == "wss"
    port = port or (443 if secure else 80)
    began = time.monotonic()
    try:
        async with asyncio.timeout(_RENDEZVOUS_PATIENCE_S):
            answer = await _get_health(host, port, secure)
    except OSError as error:
        return _unreachable(error, host, port)
    took_ms = (time.monotonic() - began) * 1000
    status = answer.split(b" ", 2)[1:2]
    if not answer.startswith(b"HTTP/1.") or status != [b"200"]:
        fix = "Check address and port; behind a proxy, let it pass on /healthz and the upgrade to WebSocket."
        return CheckResult(False, f"What answers on {host}:{port} is not a meshconf rendezvous.", fix)
    return CheckResult(True, f"The rendezvous {host}:{port} answered in {took_ms:.0f} ms.")


def _unreachable(error: OSError, host: str, port: int) -> CheckResult:
    match error:
        case TimeoutError():
            sentence = f"{host} does not answer within {_RENDEZVOUS_PATIENCE_S:.0f} s."
            fix = f"A firewall may drop TCP port {port}; try another network, or check the server."
        case ssl.SSLCertVerificationError():
            sentence = f"The certificate of {host} is not valid: {error.verify_message}."
            fix = "Use the name that its certificate is for, or give it a valid one (--tls-cert, --tls-key)."
        case ssl.SSLError():
            sentence = f"{host}:{port} does not speak TLS."
            fix = f"Try ws://{host}:{port}, or the right port."
        case socket.gaierror():
            sentence = f"The name {host} cannot be found."
            fix = "Check the spelling and the internet connection; meetings on the LAN work without a rendezvous."
        case ConnectionRefusedError():
            sentence = f"Nothing listens on {host}:{port}."
            fix = f"Start it with: meshconf rendezvous --port {port}"
        case _:
            reason = error.strerror or str(error) or "the connection broke"
            sentence = f"{host}:{port} cannot be reached: {reason}."
            fix = "Check the address and the connection."
    return CheckResult(False, sentence, fix)


async def _get_health(host: str, port: int, secure: bool) -> bytes:
    reader, writer = await asyncio.open_connection(host, port, ssl=secure or None, limit=_MAX_ANSWER)
    try:
        name = f"[{host}]" if ":" in host else host
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return await reader.read(_MAX_ANSWER)
    finally:
        writer.close()


async def _hears_itself(interface: Interface) -> InterfaceResult:
    question = _question(secrets.token_hex(8))
    try:
        with _joined(interface) as group:
            loop = asyncio.get_running_loop()
            await loop.sock_sendto(group, question, (_GROUP, _PORT))
            async with asyncio.timeout(_MULTICAST_PATIENCE_S):
                while await loop.sock_recv(group, 2048) != question:
                    pass  # somebody else's packet
    except TimeoutError:
        sentence = f"Multicast on {interface.name} is swallowed: our own packet did not come back."
        rule = f"ufw allow proto udp to {_GROUP} port {_PORT}"
        fix = f"Let the firewall pass UDP port {_PORT} to {_GROUP}; with ufw: {rule}"
        return InterfaceResult(False, sentence, fix, interface.name, interface.address)
    except OSError as error:
        sentence = f"Multicast cannot be used on {interface.name}: {error.strerror or error}."
        fix = "Meetings on the LAN need a network with multicast; by rendezvous or link they work without."
        return InterfaceResult(False, sentence, fix, interface.name, interface.address)
    return InterfaceResult(
        True, f"Multicast works on {interface.name} ({interface.address}).", "", interface.name, interface.address
    )


def _joined(interface: Interface) -> socket.socket:
    group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        group.setblocking(False)
        group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        group.bind(("", _PORT))
        own = socket.inet_aton(interface.address)
        group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(_GROUP) + own)
        group.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
        group.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    except BaseException:
        group.close()
        raise
    return group


def _question(nonce: str) -> bytes:
    """A well-formed question (RFC 1035, 4.1) for a service that nobody has, so that it disturbs nobody."""
    labels = (f"_{nonce[:14]}", "_tcp", "local")
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    return struct.pack("!6H", 0, 0, 1, 0, 0, 0) + name + struct.pack("!2H", 12, 1)
