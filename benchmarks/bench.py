"""The bench: the lab's hosts, the contenders, and the order in which cells of a table are measured.

Every cell is measured for all entrants one after the other before the next run begins, so that a machine that becomes
slower, or busier, is as slow for everybody.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Generic, TypeVar

from benchmarks.contenders.base import CannotMeet, Contender, Meeting, Seat
from benchmarks.contenders.floor import Floor
from benchmarks.program import ProgramFailed
from benchmarks.report import brief
from tests.lab.network import Host, Lab

Cell = TypeVar("Cell", bound=Hashable)
Sample = TypeVar("Sample")

_TOLD = 500
"""Characters that are told of an error: the last ones of a program that failed say why."""


@dataclass(frozen=True)
class Hosts:
    """Four machines on one switch."""

    near: Host
    """Where senders sit."""
    far: Host
    """Where viewers sit."""
    third: Host
    """Where a viewer sits that is to have a cable of its own."""
    hub: Host
    """Where the rendezvous runs."""


@contextmanager
def lab() -> Iterator[Hosts]:
    """Build the machines; they are gone when the block is left."""
    with Lab() as built:
        lan = built.switch("lan", "10.77.0.0/24", internet=True)
        hosts = Hosts(*(built.host(name, lan) for name in ("near", "far", "third", "hub")))
        for host in (hosts.near, hosts.far, hosts.third, hosts.hub):
            host.settle()
        yield hosts


@dataclass
class Samples(Generic[Cell, Sample]):
    """All measurements of a table; samples are dataclasses."""

    taken: dict[tuple[str, Cell], list[Sample]] = field(default_factory=dict)

    def of(self, name: str, cell: Cell) -> list[Sample]:
        """One of each run; fewer, or none, where measurements failed."""
        return self.taken.setdefault((name, cell), [])

    def as_json(self) -> list[dict[str, Any]]:
        """For the results' file."""
        return [
            {"who": name, "cell": str(cell), "samples": [asdict(sample) for sample in samples]}  # type: ignore[call-overload]
            for (name, cell), samples in self.taken.items()
        ]


@dataclass
class Bench:
    """What a table needs to be measured."""

    hosts: Hosts
    contenders: Sequence[Contender]
    floor: Floor
    rendezvous: str
    """Address that every host reaches."""
    results: Path
    """Folder of files that are kept: every single sample, plots, series, profiles."""
    runs: int = 3
    quick: bool = False
    """Few cells and short times: shows that everything works, not how well."""
    longest: float | None = None
    """Seconds that nothing is looked at for longer than; None for as long as each table wants."""
    chosen: Sequence[str] = ()
    """Patterns, as of a shell, for the names of the cells to measure; all if there are none."""
    failures: list[str] = field(default_factory=list)

    def seconds(self, normally: float, quickly: float = 3.0) -> float:
        """How long to look."""
        wanted = quickly if self.quick else normally
        return wanted if self.longest is None else min(wanted, self.longest)

    def cells(self, all_of_them: Sequence[Cell], few: Sequence[Cell] | None = None) -> Sequence[Cell]:
        """Which cells of a table to measure.

        Args:
            all_of_them: what there is.
            few: what is enough to see that it works; all if None.
        """
        if self.chosen:
            found = [cell for cell in all_of_them if any(fnmatch(str(cell), pattern) for pattern in self.chosen)]
            if not found:
                say(f"  none is chosen of: {' | '.join(map(str, all_of_them))}")
            return found
        return all_of_them if few is None or not self.quick else few

    def sweep(
        self, cells: Sequence[Cell], entrants: Mapping[str, Callable[[Cell], Sample | None]]
    ) -> Samples[Cell, Sample]:
        """Measure every cell for every entrant, as often as there are runs, interleaved.

        Args:
            cells: of the table.
            entrants: by name, what measures a cell; None says that the cell is not for it.
        """
        samples: Samples[Cell, Sample] = Samples()
        names = list(entrants)
        for run in range(self.runs):
            # Another one begins in each run, so that nobody always comes after the same other.
            order = names[run % len(names) :] + names[: run % len(names)]
            for cell in cells:
                for name in order:
                    sample = self.attempt(f"run {run + 1}, {cell}, {name}", entrants[name], cell)
                    if sample is not None:
                        samples.of(name, cell).append(sample)
        return samples

    def attempt(self, what: str, measure: Callable[[Cell], Sample | None], cell: Cell) -> Sample | None:
        """Measure once; None, noted among the failures, where it does not come about."""
        begun = time.monotonic()
        try:
            sample = measure(cell)
        except Exception as error:
            # Whatever it is: hours of other measurements must not be lost for it.
            self.failed(what, error)
            return None
        if sample is not None:
            say(f"  {what}: {brief(sample)} ({time.monotonic() - begun:.0f} s)")
            self._keep(what, sample)
        return sample

    def failed(self, what: str, error: Exception) -> None:
        """Note a failure, and tell it at once."""
        reason = str(error)[-_TOLD:] or type(error).__name__
        self.failures.append(f"{what}: {reason}")
        say(f"  {what}: failed: {reason}")
        if not isinstance(error, CannotMeet | ProgramFailed | OSError):
            traceback.print_exception(error)

    def _keep(self, what: str, sample: object) -> None:
        """Write it down: a long run that is cut short has not run for nothing."""
        line = {"at": time.time(), "what": what, "sample": asdict(sample)}  # type: ignore[call-overload]
        with (self.results / "samples.jsonl").open("a") as out:
            out.write(json.dumps(line) + "\n")

    @contextmanager
    def meeting(self, contender: Contender, seats: Sequence[Seat], *, stamps: bool = False) -> Iterator[Meeting]:
        """Let them meet.

        Raises:
            CannotMeet: the contender does not do this here; or see `Contender.meet`.
        """
        for seat in seats:
            if seat.sends is not None and (reason := contender.missing(seat.sends)) is not None:
                raise CannotMeet(reason)
        with contender.meet(seats, stamps=stamps) as meeting:
            yield meeting


def say(text: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
