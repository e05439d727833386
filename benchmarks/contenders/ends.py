"""Ends that are programs of ours: they take offers and answers as JSON lines. One program may be many viewers."""

from __future__ import annotations

from benchmarks.program import Line, Program
from tests.lab.network import Host


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


def light_viewers(host: Host, bitrate_bps: int) -> Program:
    """Start the process of all light viewers: they take everything, acknowledge it and decode nothing.

    Twelve whole viewers would leave the sender no share of a small machine.

    Args:
        host: where they sit.
        bitrate_bps: what they tell the sender that the network carries.
    """
    return Program("light viewers", "benchmarks.programs.light_viewers", [str(bitrate_bps)], host=host)
