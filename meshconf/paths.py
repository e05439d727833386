"""The only module that knows where meshconf keeps files: configuration, keys, logs, local sockets."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import platformdirs

_APP = "meshconf"


def config_dir() -> Path:
    """Folder of `config.toml`; `MESHCONF_HOME` overrides it, so that tests and second selves stay apart."""
    home = os.environ.get("MESHCONF_HOME")
    return Path(home) if home else Path(platformdirs.user_config_dir(_APP))


def data_dir() -> Path:
    """Folder of the identity key and of the people we know."""
    home = os.environ.get("MESHCONF_HOME")
    return Path(home) if home else Path(platformdirs.user_data_dir(_APP))


def log_dir() -> Path:
    """Folder of the engine's logs."""
    home = os.environ.get("MESHCONF_HOME")
    return Path(home) / "log" if home else Path(platformdirs.user_log_dir(_APP))


def runtime_dir() -> Path:
    """Folder of the local control sockets, readable by this user only; created on demand.

    A Unix socket's path holds about 100 characters, so a long runtime folder gives way to the temporary one.
    """
    home = os.environ.get("MESHCONF_HOME")
    folder = Path(home) / "run" if home else Path(platformdirs.user_runtime_dir(_APP))
    if len(str(folder)) > 70 or not os.access(_nearest_existing(folder), os.W_OK):
        folder = Path(tempfile.gettempdir()) / f"{_APP}-{os.getuid() if sys.platform != 'win32' else 'user'}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        stat = folder.stat()
        if stat.st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to somebody else; remove it or set MESHCONF_HOME")
        folder.chmod(0o700)
    return folder


def _nearest_existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
