"""Progress and advice for the person, on stderr beside the output proper; why a command failed is `fail`'s to say."""

from __future__ import annotations

import sys


def say(sentence: str) -> None:
    """One line."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
