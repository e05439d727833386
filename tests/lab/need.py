"""What a lab test does where a part of the system is missing: skip with the reason, but fail in CI."""

from __future__ import annotations

import os

import pytest


def need(missing: str | None) -> None:
    """Go on when nothing is missing; otherwise skip, or fail where CI promises that everything is there."""
    if missing is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
