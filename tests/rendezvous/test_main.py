"""`python -m rendezvous` as a process: its one line, TLS, signals, exit codes."""

from __future__ import annotations

import datetime
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
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


def test_metrics_are_served_on_their_own_port_and_only_when_asked_for() -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with running("--metrics", "0") as (process, url):
        assert process.stdout is not None
        page = process.stdout.readline().removeprefix("metrics on ").strip()
        with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as client:
            client.send(encode(Open(("a",), b"t" * 16)))
            assert isinstance(decode_server(client.recv()), Opened)
            with opener.open(page, timeout=5) as answer:
                figures = answer.read().decode()
        with pytest.raises(urllib.error.HTTPError) as refused:
            opener.open(url.replace("ws://", "http://") + "/metrics", timeout=5)
        refused.value.close()
    assert {"rendezvous_rooms 1", "rendezvous_sockets 1", "rendezvous_frames_total 1"} <= set(figures.splitlines())


@pytest.mark.parametrize("option", [("--port", "70000"), ("--port", "-1"), ("--metrics", "here"), ("--metrics", ":9")])
def test_what_is_no_port_is_wrong_usage(option: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(list(option))
    assert stopped.value.code == 2
    assert option[1] in capsys.readouterr().err


def test_it_serves_also_when_nobody_reads_what_it_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "rendezvous", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE, text=True) as process:
        os.close(writing)
        _wait_until_it_answers(port)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[1] == ""
    assert process.returncode == 0


def _wait_until_it_answers(port: int, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline


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
