"""The modified member of `rogue`, as scenarios see it: an engine that can also be told to lie."""

from __future__ import annotations

import time
from typing import Any

from tests.support.engine import Engine


class Rogue(Engine):
    """The process of the modified member."""

    PROGRAM = "tests.support.rogue"

    def lie(self, lie: str, **how: Any) -> float:
        """Do one mischief; returns the moment before."""
        before = time.monotonic()
        answer = self.ask({"do": "lie", "lie": lie, **how}, id=int(before * 1000))
        assert answer["event"] == "ok", answer
        return before
