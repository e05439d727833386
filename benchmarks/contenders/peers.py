"""Meetings of ends that only know peer connections: who sends, offers; we carry the descriptions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from benchmarks.contenders.base import CannotMeet, Seat
from benchmarks.reading import Second, second_of
from tests.lab.json_program import Line

FLOWS_WITHIN = 30.0
"""Seconds until every watched picture must have arrived."""


class End(Protocol):
    """One participant of such a meeting."""

    @property
    def pid(self) -> int:
        """Its process; those that it started belong to it."""
        ...

    def offer(self, peer: str) -> str:
        """An SDP offer to a peer, complete with candidates."""

    def answer(self, peer: str, offer: str) -> str:
        """The SDP answer to a peer's offer."""

    def accept(self, peer: str, answer: str) -> None:
        """Take a peer's answer."""

    def stats(self, since: float) -> list[tuple[float, Line]]:
        """`stats` events since a Unix time, with the time at which each came."""


class PeerMeeting:
    """Connects the ends of all seats of which one sees the other."""

    def __init__(self, seats: Sequence[Seat], ends: Mapping[str, End]) -> None:
        """Connect them, one pair after the other."""
        self._seats = seats
        self._ends = ends
        for number, one in enumerate(seats):
            for other in seats[number + 1 :]:
                if _sees(other, one):
                    self._connect(one.name, other.name)
                elif _sees(one, other):
                    self._connect(other.name, one.name)
        wait_until_it_flows(self, seats)

    def pid(self, seat: str) -> int:
        """See `Meeting`."""
        return self._ends[seat].pid

    def readings(self, since: float) -> dict[tuple[str, str], list[Second]]:
        """See `Meeting`."""
        found: dict[tuple[str, str], list[Second]] = {pair: [] for pair in watched(self._seats)}
        for viewer, end in self._ends.items():
            for at, line in end.stats(since):
                for link in line["links"]:
                    if (viewer, link["peer"]) in found:
                        found[viewer, link["peer"]].append(second_of(link, at))
        return found

    def loop_lags_ms(self, seat: str, since: float) -> list[float]:
        """See `Meeting`."""
        return [line["loop_lag_ms"] for _, line in self._ends[seat].stats(since) if "loop_lag_ms" in line]

    def heights_sent(self, seat: str, since: float) -> set[int]:
        """See `Meeting`."""
        links = [link for _, line in self._ends[seat].stats(since) for link in line["links"]]
        return {link["sent_height"] for link in links if link.get("sent_height")}

    def _connect(self, offerer: str, answerer: str) -> None:
        offer = self._ends[offerer].offer(answerer)
        answer = self._ends[answerer].answer(offerer, offer)
        self._ends[offerer].accept(answerer, answer)


class Flow(Protocol):
    """Something whose viewers speak once a second."""

    def readings(self, since: float) -> dict[tuple[str, str], list[Second]]:
        """See `Meeting`."""


def wait_until_it_flows(meeting: Flow, seats: Sequence[Seat]) -> None:
    """Wait until every picture that is watched moves.

    Raises:
        CannotMeet: one does not.
    """
    deadline = time.monotonic() + FLOWS_WITHIN
    while True:
        readings = meeting.readings(0.0)
        still = [pair for pair in watched(seats) if not any(second.fps > 0 for second in readings.get(pair, ()))]
        if not still:
            return
        if time.monotonic() > deadline:
            raise CannotMeet(f"no picture within {FLOWS_WITHIN:.0f} s: " + ", ".join(f"{b} to {a}" for a, b in still))
        time.sleep(0.1)


def watched(seats: Sequence[Seat]) -> Iterator[tuple[str, str]]:
    """Every pair of viewer and sender."""
    for viewer in seats:
        for sender in seats:
            if _sees(viewer, sender):
                yield viewer.name, sender.name


def _sees(viewer: Seat, sender: Seat) -> bool:
    return viewer is not sender and viewer.watches != "nothing" and sender.sends is not None
