"""`python -m rendezvous` as a process: its one line, TLS, signals, exit codes."""

from __future__ import annotations

import datetime
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from rendezvous.__main__ import main
from rendezvous.messages import SUBPROTOCOL, Open, Opened, decode_server, encode


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the server on some port and yield the process and its URL."""
    command = [sys.executable, "-m", "rendezvous", "--host", "127.0.0.1", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on ws"), line
            yield process, line.removeprefix("listening on ").strip()
        finally:
            process.kill()


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_one_line_and_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    with running() as (process, url):
        with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as client:
            client.send(encode(Open(("a",), b"t" * 16)))
            assert isinstance(decode_server(client.recv()), Opened)
            process.send_signal(number)
            output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")


def test_it_serves_wss(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with running("--tls-cert", str(cert), "--tls-key", str(key)) as (_, url):
        assert url.startswith("wss://")
        with connect(url, ssl=trusting, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as client:
            client.send(encode(Open(("a",), b"t" * 16)))
            assert isinstance(decode_server(client.recv()), Opened)


def test_a_port_in_use_is_exit_code_5_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["--host", "127.0.0.1", "--port", str(taken.getsockname()[1])]) == 5
    assert "cannot listen" in capsys.readouterr().err


def test_an_unusable_certificate_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    assert main(["--tls-cert", str(empty), "--tls-key", str(empty)]) == 2
    assert "certificate" in capsys.readouterr().err


def test_a_certificate_without_a_key_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--tls-cert", "x"])
    assert stopped.value.code == 2
