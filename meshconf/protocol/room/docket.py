"""Acts of ours that are not in the log yet: sent again until they are, or until nobody is to be expected."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.protocol.room.acts import Proposal

RESEND = 1.0
"""Seconds until a proposal is sent again; the host may have changed meanwhile."""
GIVE_UP = 10.0
"""Seconds until the person is told that it could not be done."""


@dataclass(slots=True)
class _Case:
    proposal: Proposal
    since: float
    sent: float = float("-inf")


class Docket:
    """Our proposals under way, by number."""

    def __init__(self) -> None:
        self._cases: dict[int, _Case] = {}

    def file(self, proposal: Proposal, now: float) -> None:
        """A new one; `due` has it at once."""
        self._cases[proposal.number] = _Case(proposal, now)

    def close(self, number: int) -> bool:
        """Done or refused; whether it was ours to close."""
        return self._cases.pop(number, None) is not None

    def due(self, now: float) -> list[Proposal]:
        """Those that are to be sent now."""
        found = [case for case in self._cases.values() if now >= case.sent + RESEND]
        for case in found:
            case.sent = now
        return [case.proposal for case in found]

    def expired(self, now: float) -> list[int]:
        """Those that will not be done any more; they are closed."""
        found = [number for number, case in self._cases.items() if now >= case.since + GIVE_UP]
        for number in found:
            del self._cases[number]
        return found

    def hurry(self) -> None:
        """There is a new host: send everything anew."""
        for case in self._cases.values():
            case.sent = float("-inf")
