"""The only writer to stderr: one sentence for the person, and the command that mends it where there is one."""

from __future__ import annotations

import sys

from meshconf.errors import DeviceError, MeshconfError


def complain(error: MeshconfError) -> None:
    """Say what happened and what to do."""
    sys.stderr.write(f"meshconf: {error}\n")
    if isinstance(error, DeviceError) and error.fix:
        sys.stderr.write(f"          {error.fix}\n")


def say(sentence: str) -> None:
    """Progress or advice, beside the output proper."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
