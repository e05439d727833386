"""The only module that knows where meshconf keeps files: keys, logs, local sockets."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from hashlib import blake2s
from pathlib import Path

import platformdirs

from meshconf.errors import MeshconfError

if sys.platform != "win32":
    import pwd

_APP = "meshconf"

_MAX_RUNTIME = 90
"""Bytes of the folder of sockets: the path of a socket holds 107 on Linux and 103 on macOS, its name takes 13."""

LARGEST_LOG = 1_000_000
"""Bytes after which a log is put aside, in place of the one that was put aside before."""

_LAST_RESORT = "/tmp" if sys.platform != "win32" else tempfile.gettempdir()


def data_dir() -> Path:
    """Folder of the identity key and of the people we know.

    `MESHCONF_HOME` overrides this and the others, so that tests and second selves stay apart.
    """
    home = os.environ.get("MESHCONF_HOME")
    return Path(home) if home else _absolute(platformdirs.user_data_dir(_APP))


def log_dir() -> Path:
    """Folder of the logs."""
    home = os.environ.get("MESHCONF_HOME")
    return Path(home) / "log" if home else _absolute(platformdirs.user_log_dir(_APP))


def open_log(name: str) -> int:
    """Open a file in the folder of logs to append to; nobody else can read either, also where they could before.

    Returns:
        Its descriptor, which the caller closes.

    Raises:
        MeshconfError: the home is unknown.
        OSError: it cannot be written.
    """
    folder = log_dir()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _close_to_others(folder, 0o700)
    path = folder / name
    with contextlib.suppress(FileNotFoundError):  # it is new, or another engine has put it aside just now
        _close_to_others(path, 0o600)
        if path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def runtime_dir() -> Path:
    """Folder of the local control sockets, readable by this user only; created on demand.

    Its path is short enough for a socket in it. The first that can be had of: `run` in `MESHCONF_HOME`, the system's
    folder for such files, the temporary folder.

    Raises:
        MeshconfError: there is none, or somebody else has made the one in the temporary folder.
    """
    problem = ""
    for folder in _runtime_candidates():
        if len(os.fsencode(folder)) > _MAX_RUNTIME:
            continue
        try:
            return _private(folder)
        except OSError as error:
            problem = f": {folder}: {error.strerror}"
    raise MeshconfError(f"There is no folder for the local control socket{problem}. Set MESHCONF_HOME to one of yours.")


def _runtime_candidates() -> Iterator[Path]:
    home = os.environ.get("MESHCONF_HOME")
    # Second selves stay apart also where their homes have long names, or share a session.
    mark = _mark(home or _unusual_data_home())
    name = f"{_APP}-{_user()}{mark}"
    if home:
        yield Path(home) / "run"
    else:
        for system in (os.environ.get("XDG_RUNTIME_DIR"), f"/run/user/{_user()}"):
            # Under sudo the variable may still name the folder of the person who called it.
            if system and os.path.isabs(system) and _is_ours(Path(system)):
                yield Path(system) / f"{_APP}{mark}"
    for temporary in (os.environ.get("TMPDIR"), _LAST_RESORT):
        if temporary and os.path.isabs(temporary):
            yield Path(temporary) / name


def _mark(home: str) -> str:
    return f"-{blake2s(os.fsencode(home), digest_size=4).hexdigest()}" if home else ""


def _unusual_data_home() -> str:
    """Our data folder if it is another than this user gets by logging in, by HOME or XDG_DATA_HOME; else empty."""
    if sys.platform == "win32":
        return ""
    try:
        login = Path(pwd.getpwuid(os.getuid()).pw_dir)
        ours = data_dir()
    except (KeyError, MeshconfError):
        return ""
    usual = (login / ".local/share" / _APP, login / "Library/Application Support" / _APP)
    return "" if ours in usual else str(ours)


def _private(folder: Path) -> Path:
    """Make the folder, or make sure that it is ours alone.

    Raises:
        OSError: it cannot be made, or it is somebody else's.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(folder):
        raise PermissionError(errno.EPERM, "it belongs to somebody else")
    if sys.platform != "win32":
        folder.chmod(0o700)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return folder


def _close_to_others(path: Path, mode: int) -> None:
    """Leave only these rights of a file or folder of ours; what a link points to keeps its own.

    Raises:
        OSError: there is no such file.
    """
    found = path.lstat()
    if not stat.S_ISLNK(found.st_mode) and _owned(found):
        path.chmod(mode)


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder of this user; a link that points to one is not, since whoever made it can move it."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and _owned(found)


def _owned(found: os.stat_result) -> bool:
    return sys.platform == "win32" or found.st_uid == os.getuid()


def _user() -> str:
    return "user" if sys.platform == "win32" else str(os.getuid())


def _absolute(folder: str) -> Path:
    """A folder in this person's home.

    Raises:
        MeshconfError: the home is unknown, and the path would begin in whatever folder we run in.
    """
    if not os.path.isabs(folder):
        raise MeshconfError("Your home folder is unknown: set HOME, or MESHCONF_HOME to a folder for meshconf.")
    return Path(folder)
