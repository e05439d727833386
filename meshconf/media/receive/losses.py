"""Which packets are missing, when to ask for them, and when to give up: the receiver's half of generic NACK (RFC 4585).

Every sequence number between the first and the highest is either taken in, missing or given up, so no list of received
packets is needed: what is not missing has been here before.
"""

from __future__ import annotations

from math import ceil, inf, log

from meshconf.media.receive.counters import Counters

LEAP = 3000
"""Numbers farther away than this in either direction are a new start of the sender."""

REPAIRABLE = (64, 400)
"""Packets missing at once. Beyond, a keyframe costs less than the repair: the limit is the length of the last keyframe
within these bounds, half a second of a small picture and of a large one."""

ROUNDS = 8
PATIENCE_S = 1.0
"""A packet is given up after so many rounds of requests or so many seconds, whichever comes first."""

_GRACE_S = (0.002, 0.010)
"""Shortest and longest wait for a packet that was only overtaken."""

_RETRY_RTTS, _RETRY_MARGIN_S = 1.2, 0.020

_RESIDUE = 0.01
"""Share of what is asked for that a round of requests may leave missing; the next round has to wait for a round trip.
Simulated with 20 % lost each way at random, 150 ms, and a sender that answers all: 100 % of the pictures shown and 9
freezes over 200 ms a minute instead of 84 % and 90 with two requests at first, for 13 % more bytes; at 5 % 2 and not 5.
"""

_MOST_AT_ONCE = 5
_APART_S, _APART_RTTS = 0.025, 0.5
"""Between two requests of a round: long enough that one burst of losses does not take both, or their answers."""

_LONG_RTT_S = 0.04
"""On longer links a round has two requests at least; on shorter ones it has one less than the losses ask for."""

_MEMORY = 1 / 256
"""What one packet weighs in the share of packets lost."""

_RETRY_AGE = 1 / 3
"""Rounds grow rarer with the age of the hole, or short round trips would use them all up in one short outage."""

_FORGET = 0.9

_LOOK_BACK = 16


class _Missing:
    __slots__ = ("ask_at", "asked", "noticed", "rounds")

    def __init__(self, noticed: float, ask_at: float) -> None:
        self.noticed = noticed
        self.ask_at = ask_at
        self.asked = 0
        """Requests of the present round."""
        self.rounds = 0
        """Those that were made whole."""


class Losses:
    """The sequence numbers of one stream, unwrapped.

    Args:
        counters: where lost packets are counted.
    """

    def __init__(self, counters: Counters) -> None:
        self.highest = -1
        """The highest number seen; -1 before the first packet."""
        self.floor = 0
        """Nothing below is waited for any more."""
        self.rtt = 0.1
        """Round-trip time in seconds: what to wait for before asking again."""
        self.repairable = REPAIRABLE[0]
        """Packets that may be missing at once."""
        self.wake = inf
        """`due` has nothing to do before; may be too early, never too late."""
        self._counters = counters
        self._missing: dict[int, _Missing] = {}  # in ascending order, since gaps only open above the highest number
        self._loss = 0.0
        self._overtaken = 0.0  # how late overtaken packets were, at most; forgotten slowly
        self._counted = 0  # below, nothing counts as lost
        self._unseen = 0  # nothing from here to below the highest number has been seen

    def take(self, number: int, now: float, *, repaired: bool) -> int | None:
        """Take in a packet's number.

        Args:
            number: 16 bits.
            now: monotonic seconds.
            repaired: whether it is a retransmission, which can fill holes but never leads.

        Returns:
            The number unwrapped, or None for a packet that is not needed.
        """
        step = (number - self.highest) & 0xFFFF
        if step == 1 and not repaired and self.highest >= 0:
            self.highest += 1
            self._loss -= self._loss * _MEMORY
            return self.highest
        if self.highest < 0:
            if repaired:
                return None
            # One turn above zero, so that numbers from before the first packet are positive too.
            self.highest = self.floor = self._counted = number + 0x10000
            return self.highest
        if step == 0 or step >= 0x10000 - LEAP:
            return self._fill(self.highest - (-step & 0xFFFF), now, repaired)
        if repaired:
            return None
        return self._lead(step, now)

    def keyframe_takes(self, packets: int) -> None:
        """How many packets a keyframe has: more than this may not be missing."""
        fewest, most = REPAIRABLE
        self.repairable = min(max(packets, fewest), most)

    def look_back(self, now: float) -> None:
        """The stream starts at the highest number, in the middle of a picture: what came before may be on its way.

        Up to 16 packets are waited for and asked for; they may not exist, so they do not count as lost.
        """
        self.floor = max(self.highest - _LOOK_BACK, self._unseen)
        for sequence in range(self.floor, self.highest):
            self._missing[sequence] = _Missing(now, now + _GRACE_S[1])
        self.wake = min(self.wake, now + _GRACE_S[1])

    def expect(self, now: float) -> None:
        """Hold the number after the highest for sent, although nothing above it has come; ask for it at once."""
        self.highest += 1
        self._miss(self.highest, now, now)

    def due(self, now: float) -> list[int]:
        """The numbers to ask for now, ascending; gives up those that were asked for in vain and raises the floor."""
        if now < self.wake:
            return []
        wanted: list[int] = []
        given_up: list[int] = []
        self.wake = inf
        for sequence, missing in self._missing.items():
            end = missing.noticed + PATIENCE_S
            if missing.ask_at <= now < end and missing.rounds < ROUNDS:
                wanted.append(sequence)
                missing.ask_at = now + self._until_next(missing, now)
            elif now >= end or missing.ask_at <= now:
                given_up.append(sequence)
                continue
            self.wake = min(self.wake, missing.ask_at, end)
        if given_up:
            self._raise_floor(given_up[-1] + 1)
        return [sequence for sequence in wanted if sequence >= self.floor]

    def forget(self, before: int) -> None:
        """Wait for nothing below this number: it has been jumped over."""
        if before > self.floor:
            self._raise_floor(before)

    def since(self, sequence: int) -> float | None:
        """When this number was found missing; None if it is not."""
        missing = self._missing.get(sequence)
        return missing.noticed if missing else None

    def __len__(self) -> int:
        return len(self._missing)

    def _lead(self, step: int, now: float) -> int:
        first = self._unseen = self.highest + 1
        self.highest += step
        self._loss -= self._loss * _MEMORY
        if step - 1 + len(self._missing) > self.repairable:
            if step <= LEAP:
                self._counters.lost += step - 1
            self._raise_floor(self.highest)
            self._counted = self.highest
        elif step > 1:
            shortest, longest = _GRACE_S
            ask_at = now + min(max(1.5 * self._overtaken, shortest), longest)
            for sequence in range(first, self.highest):
                self._miss(sequence, now, ask_at)
        return self.highest

    def _miss(self, sequence: int, now: float, ask_at: float) -> None:
        self._missing[sequence] = _Missing(now, ask_at)
        self._loss += (1 - self._loss) * _MEMORY
        self.wake = min(self.wake, ask_at)

    def _fill(self, sequence: int, now: float, repaired: bool) -> int | None:
        missing = self._missing.pop(sequence, None)
        if missing is None:
            return None
        if repaired:
            self._overtaken *= _FORGET
        else:
            self._overtaken = max(self._overtaken, now - missing.noticed)
            self._loss = max(0.0, self._loss - _MEMORY)
        return sequence

    def _raise_floor(self, floor: int) -> None:
        passed = [sequence for sequence in self._missing if sequence < floor]
        for sequence in passed:
            del self._missing[sequence]
        self._counters.lost += sum(sequence >= self._counted for sequence in passed)
        self.floor = floor

    def _until_next(self, missing: _Missing, now: float) -> float:
        """Seconds from this request to the next, which is of the same round or of another."""
        missing.asked += 1
        if missing.asked < self._requests_a_round():
            return min(_APART_S, _APART_RTTS * self.rtt)
        missing.asked, missing.rounds = 0, missing.rounds + 1
        return max(_RETRY_RTTS * self.rtt + _RETRY_MARGIN_S, _RETRY_AGE * (now - missing.noticed))

    def _requests_a_round(self) -> int:
        """How often to ask for a packet before its answer can be there.

        Request and answer may both be lost, as often as what they are for.
        """
        unanswered = 1 - (1 - min(self._loss, 0.5)) ** 2
        needed = ceil(log(_RESIDUE) / log(unanswered)) if unanswered > _RESIDUE else 1
        return min(max(needed, 2) if self.rtt > _LONG_RTT_S else max(needed - 1, 1), _MOST_AT_ONCE)
