"""What we keep about identities on disk: our own key, and the people met before (trust on first use).

Nothing damaged is ever overwritten: a person can mend or remove it, we cannot know what was in it. All calls block for
a few file operations; make them at start, or in a thread.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import os
import secrets
import stat
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from meshconf import paths
from meshconf.errors import MeshconfError
from meshconf.protocol.identity import PUBLIC_SIZE, SEED_SIZE, Identity, peer_id_of
from meshconf.types import KeyVerdict

log = logging.getLogger("meshconf.conference")

_KEY_FILE = "identity.key"
_KEY_HEADER = "meshconf-identity-1"
_LOCK_FILE = "identity.lock"
_PEERS_FILE = "known_peers.json"
_MAX_NAME = 64


class KnownPeer(msgspec.Struct, frozen=True):
    """Somebody we have met."""

    name: str
    """What they called themselves the first time."""

    first_seen: float
    """Seconds since 1970."""

    public: Annotated[bytes, msgspec.Meta(min_length=PUBLIC_SIZE, max_length=PUBLIC_SIZE)]
    """Their Ed25519 public key."""


class _PeersFile(msgspec.Struct, frozen=True):
    version: Literal[1]
    peers: list[KnownPeer]


class KeyStore:
    """The files of one person.

    Args:
        folder: where they lie; `paths.data_dir()` if None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or paths.data_dir()
        self._peers: dict[bytes, KnownPeer] | None = None
        self._using_peers = threading.Lock()
        """Whoever joins a meeting meets several people in one moment, each of them in a thread."""

    @contextlib.contextmanager
    def identity(self, entropy: Callable[[int], bytes] = os.urandom) -> Iterator[Identity]:
        """Lend our identity to one engine; a second one at the same time gets a passing identity of its own.

        Two engines with one identity could not meet each other, as when somebody tries a meeting out in two terminals.

        Raises:
            MeshconfError: the key file is damaged, or cannot be read or written.
        """
        own = self.load_identity(entropy)
        with _exclusive(self._folder / _LOCK_FILE) as first:
            if not first:
                log.warning("the identity is in use by another meeting of yours; this one gets a passing one")
            yield own if first else Identity.generate(entropy)

    def load_identity(self, entropy: Callable[[int], bytes] = os.urandom) -> Identity:
        """Return our identity, made and stored on the first call ever.

        Two engines that start at the same moment get the same one.

        Raises:
            MeshconfError: the key file is damaged, or cannot be read or written.
        """
        file = self._folder / _KEY_FILE
        try:
            if not file.exists():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _create_private(file, _format_key(Identity.generate(entropy)))
            _tighten(file)
            return _parse_key(file.read_bytes(), file)
        except OSError as error:
            raise MeshconfError(f"The identity key {file} is out of reach: {error.strerror}.") from error

    def verdict(self, public: bytes, name: str) -> KeyVerdict:
        """Say what we know of somebody: `changed` if they bear the name of somebody whom we met with another key.

        A key that was met before may have a new name, but not that of another person.

        Raises:
            MeshconfError: the file of known peers is damaged or out of reach.
        """
        with self._using_peers:
            peers = self._load()
            wanted, own = _same_name(name), peers.get(public)
            if own is not None and _same_name(own.name) == wanted:
                return KeyVerdict.KNOWN
            if any(_same_name(peer.name) == wanted for peer in peers.values()):
                return KeyVerdict.CHANGED
            return KeyVerdict.NEW if own is None else KeyVerdict.KNOWN

    def remember(self, public: bytes, name: str, now: float) -> None:
        """Store somebody met for the first time at `now` (seconds since 1970); one met before stays as they are.

        Raises:
            MeshconfError: the file of known peers is damaged or out of reach.
        """
        with self._using_peers:
            self._remember(KnownPeer(_clean(name), now, public))

    def _remember(self, peer: KnownPeer) -> None:
        self._peers = None  # another engine of this person may have met somebody meanwhile
        peers = self._load()
        if peer.public in peers:
            return
        peers[peer.public] = peer
        data = msgspec.json.format(msgspec.json.encode(_PeersFile(1, list(peers.values()))), indent=1)
        file = self._folder / _PEERS_FILE
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = _write_private(file, data)
            os.replace(temporary, file)
        except OSError as error:
            raise MeshconfError(f"The known peers {file} cannot be written: {error.strerror}.") from error

    def _load(self) -> dict[bytes, KnownPeer]:
        if self._peers is None:
            file = self._folder / _PEERS_FILE
            try:
                content = msgspec.json.decode(file.read_bytes(), type=_PeersFile)
            except FileNotFoundError:
                content = _PeersFile(1, [])
            except OSError as error:
                raise MeshconfError(f"The known peers {file} are out of reach: {error.strerror}.") from error
            except (msgspec.MsgspecError, ValueError, RecursionError):
                raise MeshconfError(
                    f"The known peers {file} are damaged; mend the file, or move it away to start afresh."
                ) from None
            self._peers = {peer.public: peer for peer in content.peers}
        return self._peers


def _format_key(identity: Identity) -> bytes:
    # The peer id in the file lets a damaged seed be noticed: any 32 bytes make a valid key, but of somebody else.
    seed = base64.b64encode(identity.seed).decode("ascii")
    return f"{_KEY_HEADER} {identity.peer_id} {seed}\n".encode("ascii")


def _parse_key(data: bytes, file: Path) -> Identity:
    damaged = MeshconfError(
        f"The identity key {file} is damaged; put back a copy of it, or move it away to become somebody new."
    )
    try:
        header, peer_id, encoded = data.decode("ascii").split()
        seed = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise damaged from None
    if header != _KEY_HEADER or len(seed) != SEED_SIZE:
        raise damaged
    identity = Identity(seed)
    if peer_id != peer_id_of(identity.public):
        raise damaged
    return identity


def _create_private(file: Path, data: bytes) -> None:
    """Let `file` appear whole and readable by us only; one that is there already stays."""
    temporary = _write_private(file, data)
    try:
        with contextlib.suppress(FileExistsError):  # another engine was faster: its key is ours
            os.link(temporary, file)
    finally:
        temporary.unlink()


def _write_private(beside: Path, data: bytes) -> Path:
    temporary = beside.with_name(f".{beside.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        temporary.unlink()
        raise
    return temporary


@contextlib.contextmanager
def _exclusive(file: Path) -> Iterator[bool]:
    """Try for a lock that the system takes back when the process dies, and say whether we hold it."""
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise MeshconfError(f"The lock {file} is out of reach: {error.strerror}.") from error
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody else holds it, or the file system has no locks
        return False
    return True


def _tighten(file: Path) -> None:
    if sys.platform == "win32":
        return  # the user's profile folder is private there
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        file.chmod(0o600)
        log.warning("others could read the identity key %s (mode %o); it is private again", file, mode)


def _clean(name: str) -> str:
    return " ".join("".join(c for c in name if c.isprintable()).split())[:_MAX_NAME]


def _same_name(name: str) -> str:
    return unicodedata.normalize("NFKC", _clean(name)).casefold()
