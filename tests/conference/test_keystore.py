from __future__ import annotations

import base64
import json
import logging
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from meshconf.conference.keystore import KeyStore
from meshconf.errors import MeshconfError
from meshconf.protocol.identity import Identity

ALICE = Identity(b"\x01" * 32)
MALLORY = Identity(b"\x03" * 32)

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")


def kept(folder: Path) -> list[dict[str, Any]]:
    """The people in the file, in the order of meeting."""
    people: list[dict[str, Any]] = json.loads((folder / "known_peers.json").read_bytes())["peers"]
    return people


def test_the_same_identity_comes_back(tmp_path: Path) -> None:
    first = KeyStore(tmp_path / "new" / "folder").load_identity()
    assert KeyStore(tmp_path / "new" / "folder").load_identity().public == first.public


def test_the_default_folder_is_the_one_of_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESHCONF_HOME", str(tmp_path))
    KeyStore().load_identity()
    assert (tmp_path / "identity.key").exists()


@posix
def test_the_key_file_is_private_from_the_start_and_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        KeyStore(tmp_path).load_identity()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "identity.key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["identity.key"]


@posix
def test_wide_permissions_are_tightened_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = KeyStore(tmp_path)
    store.load_identity()
    (tmp_path / "identity.key").chmod(0o644)
    with caplog.at_level(logging.WARNING, logger="meshconf.conference"):
        store.load_identity()
    assert stat.S_IMODE((tmp_path / "identity.key").stat().st_mode) == 0o600
    assert "private again" in caplog.text


def test_of_two_that_create_at_once_both_get_the_first_ones_key(tmp_path: Path) -> None:
    def slow_entropy(count: int) -> bytes:
        other.append(KeyStore(tmp_path).load_identity())
        return bytes(count)

    other: list[Identity] = []
    assert KeyStore(tmp_path).load_identity(slow_entropy).public == other[0].public
    assert [file.name for file in tmp_path.iterdir()] == ["identity.key"]


@pytest.mark.parametrize("damage", ["empty", "half", "letter", "binary", "other-header"])
def test_a_damaged_key_is_reported_and_left_alone(tmp_path: Path, damage: str) -> None:
    KeyStore(tmp_path).load_identity()
    file = tmp_path / "identity.key"
    data = file.read_bytes()
    at = len(data) - 10
    file.write_bytes(
        {
            "empty": b"",
            "half": data[: len(data) // 2],
            "letter": data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :],
            "binary": bytes(range(256)),
            "other-header": data.replace(b"identity-1", b"identity-2"),
        }[damage]
    )
    damaged = file.read_bytes()
    with pytest.raises(MeshconfError, match="damaged"):
        KeyStore(tmp_path).load_identity()
    assert file.read_bytes() == damaged


def test_a_folder_that_cannot_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MeshconfError, match="out of reach"):
        KeyStore(tmp_path / "file" / "below").load_identity()


def test_a_second_engine_gets_a_passing_identity(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    with store.identity() as first:
        with KeyStore(tmp_path).identity() as second, KeyStore(tmp_path).identity() as third:
            assert len({first.public, second.public, third.public}) == 3
        assert store.load_identity().public == first.public
    with KeyStore(tmp_path).identity() as again:
        assert again.public == first.public


def test_people_are_new_then_known_and_a_new_key_for_an_old_name_is_noticed(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    assert store.verdict(ALICE.public, "Alice") == "new"
    store.remember(ALICE.public, "Alice", now=1000.0)
    assert store.verdict(ALICE.public, "Alice") == "known"
    assert store.verdict(ALICE.public, "Alice at home") == "known"
    assert store.verdict(MALLORY.public, " \uff21LICE\u200b ") == "changed"
    assert store.verdict(MALLORY.public, "Mallory") == "new"
    store.remember(MALLORY.public, "Mallory", now=2000.0)
    assert store.verdict(MALLORY.public, "Mal") == "known"
    assert store.verdict(MALLORY.public, "Alice") == "changed", "a key that we know, under the name of somebody else"


def test_people_are_remembered_across_starts_as_first_seen(tmp_path: Path) -> None:
    KeyStore(tmp_path).remember(ALICE.public, "Alice\x1b[2J", now=1000.0)
    KeyStore(tmp_path).remember(ALICE.public, "Somebody else", now=2000.0)
    (peer,) = kept(tmp_path)
    assert peer == {"name": "Alice[2J", "first_seen": 1000.0, "public": base64.b64encode(ALICE.public).decode()}


def test_two_stores_do_not_forget_each_others_people(tmp_path: Path) -> None:
    one, two = KeyStore(tmp_path), KeyStore(tmp_path)
    assert one.verdict(ALICE.public, "Alice") == two.verdict(ALICE.public, "Alice") == "new"
    one.remember(ALICE.public, "Alice", now=1.0)
    two.remember(MALLORY.public, "Mallory", now=2.0)
    assert [peer["name"] for peer in kept(tmp_path)] == ["Alice", "Mallory"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"version":2,"peers":[]}', b'{"version":1,"peers":[{}]}', b"\xff"])
def test_damaged_known_peers_are_reported_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "known_peers.json"
    file.write_bytes(content)
    with pytest.raises(MeshconfError, match="damaged"):
        KeyStore(tmp_path).verdict(ALICE.public, "Alice")
    with pytest.raises(MeshconfError, match="damaged"):
        KeyStore(tmp_path).remember(ALICE.public, "Alice", now=1.0)
    assert file.read_bytes() == content


def test_people_who_are_met_in_one_moment_are_all_remembered(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: store.remember(bytes([n]) * 32, f"person {n}", 1.0), range(8)))
    assert {one["name"] for one in kept(tmp_path)} == {f"person {n}" for n in range(8)}
