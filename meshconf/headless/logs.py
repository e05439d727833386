"""Where the log goes: `--log FILE`, for an engine and for the command that started it alike."""

from __future__ import annotations

import logging

from meshconf.errors import UsageError


def log_to(file: str | None) -> None:
    """Append what meshconf logs to a file; nothing for None.

    Raises:
        UsageError: the file cannot be written.
    """
    if file is None:
        return
    try:
        handler = logging.FileHandler(file)
    except OSError as error:
        raise UsageError(f"The log {file} cannot be written: {error.strerror}.") from error
    logging.basicConfig(
        handlers=[handler], level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
