"""`python -m rendezvous`: serve until SIGINT or SIGTERM. Says on stdout where it listens, once it does."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import ssl
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from types import FrameType

from rendezvous.metrics_server import MetricsServer
from rendezvous.server import RendezvousServer

DEFAULT_PORT = 8765
_USAGE_ERROR = 2
_NETWORK_ERROR = 5


class _CannotListen(Exception):
    """An address or port is not to be had."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rendezvous in this process.

    Args:
        argv: Arguments without the program's name; None for those of the process.

    Returns:
        The exit code: 0 after a signal, 2 for wrong usage, 5 when the port cannot be had.
    """
    options = _options(argv)
    tls: ssl.SSLContext | None = None
    if options.tls_cert:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            tls.load_cert_chain(options.tls_cert, options.tls_key)
        except OSError as error:  # ssl.SSLError included
            sys.stderr.write(f"rendezvous: the certificate or its key cannot be used: {error}\n")
            return _USAGE_ERROR
    elif not _is_private(options.host):
        sys.stderr.write("rendezvous: without --tls-cert everyone on the way sees who meets; fine on a LAN only\n")
    server = RendezvousServer(options.host, options.port, tls=tls)
    try:
        asyncio.run(_serve(server, f"{options.host} port {options.port}", options.metrics))
    except _CannotListen as error:
        sys.stderr.write(f"rendezvous: {error}\n")
        return _NETWORK_ERROR
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="rendezvous", description="Relay sealed first contacts between peers; it can read none of them."
    )
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all of IPv4)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="TCP port (default: %(default)s; 0: any)")
    parser.add_argument("--tls-cert", metavar="FILE", help="certificate chain (PEM), to serve wss")
    parser.add_argument("--tls-key", metavar="FILE", help="private key of the certificate (PEM)")
    parser.add_argument(
        "--metrics", metavar="[HOST:]PORT", type=_address, help="serve /metrics there (HOST: 127.0.0.1); off by default"
    )
    options = parser.parse_args(argv)
    if not 0 <= options.port <= 65535:
        parser.error(f"--port {options.port} is no port: they go from 0 to 65535")
    if bool(options.tls_cert) != bool(options.tls_key):
        parser.error("--tls-cert and --tls-key go together")
    return options


async def _serve(server: RendezvousServer, where: str, metrics: tuple[str, int] | None) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopped.set)

    # Not loop.add_signal_handler: Windows has none.
    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        async with contextlib.AsyncExitStack() as stack:
            await _listen(stack, server, where)
            _say(f"listening on {server.url}")
            if metrics is not None:
                watched = MetricsServer(*metrics, server.metrics)
                await _listen(stack, watched, f"{metrics[0]} port {metrics[1]}")
                _say(f"metrics on http://{metrics[0]}:{watched.port}/metrics")
            await stopped.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


async def _listen(
    stack: contextlib.AsyncExitStack, server: contextlib.AbstractAsyncContextManager[object], where: str
) -> None:
    try:
        await stack.enter_async_context(server)
    except OSError as error:
        raise _CannotListen(f"cannot listen on {where}: {error.strerror or error}") from error


def _say(line: str) -> None:
    """One line on stdout, if anybody takes it: a rendezvous serves also when nobody looks."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535 or bool(colon) != bool(host):
        raise argparse.ArgumentTypeError(f"{text!r} is not [HOST:]PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _is_private(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_private and not address.is_unspecified


if __name__ == "__main__":
    raise SystemExit(main())
