"""Ends that are programs of ours: they take offers and answers as JSON lines. One program may be many viewers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.contenders.base import Seat
from benchmarks.contenders.peers import End
from benchmarks.program import Program
from tests.lab.json_program import Line


class ProgramEnd:
    """One seat of a program; an `End`."""

    def __init__(self, program: Program, seat: str) -> None:
        """Speak for a seat of a running program."""
        self._program = program
        self._seat = seat

    @property
    def pid(self) -> int:
        """See `End`."""
        return self._program.pid

    def offer(self, peer: str) -> str:
        """See `End`."""
        return self._ask("offer", peer)

    def answer(self, peer: str, offer: str) -> str:
        """See `End`."""
        return self._ask("answer", peer, offer)

    def accept(self, peer: str, answer: str) -> None:
        """See `End`."""
        self._ask("accept", peer, answer)

    def stats(self, since: float) -> list[tuple[float, Line]]:
        """See `End`."""
        return [(at, line) for at, line in self._program.said("stats", since) if line["seat"] == self._seat]

    def _ask(self, verb: str, peer: str, sdp: str = "") -> str:
        return str(self._program.ask({"do": verb, "seat": self._seat, "peer": peer, "sdp": sdp})["sdp"])


def light_viewers(stack: ExitStack, seats: Sequence[Seat]) -> dict[str, End]:
    """Start one process for all seats that watch lightly: they take everything, acknowledge it and decode nothing.

    Twelve whole viewers would leave the sender no share of a small machine. The viewers tell senders that the network
    carries the largest bitrate that is wanted.

    Args:
        stack: ends the process.
        seats: all of a meeting.

    Returns:
        The ends by seat; none where nobody watches lightly.
    """
    lightly = [seat for seat in seats if seat.watches == "lightly"]
    if not lightly:
        return {}
    bitrate = max(seat.sends.bitrate_bps for seat in seats if seat.sends is not None)
    module, arguments = "benchmarks.programs.light_viewers", [str(bitrate)]
    program = stack.enter_context(Program("light viewers", module, arguments, host=lightly[0].host))
    return {seat.name: ProgramEnd(program, seat.name) for seat in lightly}
