"""`python -m benchmarks`: measures, prints the tables, writes them with every single figure to a file.

Everything runs in namespaces of users, processes and networks of its own: nothing reaches the machine's network,
nothing is left when it ends, however it ends.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks import machine, plot
from benchmarks.bench import Bench, lab, say
from benchmarks.contenders.aiortc import PlainAiortc
from benchmarks.contenders.base import Contender
from benchmarks.contenders.chromium import Chromium
from benchmarks.contenders.engine import MeshconfEngine
from benchmarks.contenders.floor import Floor
from benchmarks.network import cable
from benchmarks.rendezvous import rendezvous
from benchmarks.report import Table, heading, others, put_into
from benchmarks.tables import TABLES
from tests.lab.namespace import why_not
from tests.support.engine import ROOT

_INSIDE = "MESHCONF_BENCHMARK_INSIDE"
CONTENDERS = ("meshconf", "aiortc", "chromium")


def main(argv: Sequence[str] | None = None) -> int:
    """Run; the exit code is 1 when any measurement failed."""
    arguments = _parser().parse_args(argv)
    if os.environ.get(_INSIDE) is None:
        _go_inside(sys.argv[1:] if argv is None else argv)
    for reason in filter(None, (why_not(), cable.missing(), plot.missing())):
        say(reason)
    facts = machine.describe()
    say(heading(facts))
    arguments.results.mkdir(parents=True, exist_ok=True)
    with _bench(arguments) as bench:
        measured: dict[str, list[Table]] = {}
        for name in arguments.only or TABLES:
            say(f"{name}:")
            try:
                measured[name] = [table for table in TABLES[name].measure(bench) if table.rows]
            except Exception as error:
                # The others are measured all the same.
                bench.failed(name, error)
                continue
            text = _text(measured[name])
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            # After each: a long run that is cut short has not run for nothing.
            if arguments.out is None:
                _keep(arguments.results / f"{name}.json", facts, {name: measured[name]}, bench)
            else:
                _keep(arguments.out, facts, measured, bench)
            if arguments.into is not None and measured[name]:
                document = put_into(arguments.into.read_text(), name, f"{heading(facts)}\n{text}")
                arguments.into.write_text(document)
    for failure in bench.failures:
        say(f"failed: {failure}")
    return 1 if bench.failures else 0


@contextmanager
def _bench(arguments: argparse.Namespace) -> Iterator[Bench]:
    """What is measured with; hosts and rendezvous are gone when the block is left."""
    with tempfile.TemporaryDirectory(prefix="scenes-") as scenes, lab() as hosts, rendezvous(hosts.hub) as address:
        folder = Path(scenes)
        everybody: dict[str, Contender] = {
            "meshconf": MeshconfEngine(folder, address),
            "aiortc": PlainAiortc(folder),
            "chromium": Chromium(folder),
        }
        yield Bench(
            hosts,
            [everybody[name] for name in arguments.contenders],
            Floor(folder, hosts.near),
            address,
            arguments.results,
            runs=arguments.runs or (1 if arguments.quick else 3),
            quick=arguments.quick,
            longest=arguments.seconds,
            chosen=arguments.cells or (),
        )


def _text(tables: Sequence[Table]) -> str:
    busy = others([table.samples for table in tables])
    return "\n".join([*(table.markdown() for table in tables), *([f"{busy}\n"] if busy else [])])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__.partition("\n")[0],
        epilog="tables:\n" + "\n".join(f"  {name:12} {_asks(table)}" for name, table in TABLES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", metavar="TABLE", action="append", choices=TABLES, help="one table; again for more")
    parser.add_argument(
        "--contenders", metavar="NAMES", type=_contenders, default=list(CONTENDERS), help="joined by commas"
    )
    parser.add_argument(
        "--cells",
        metavar="PATTERN",
        action="append",
        help="only cells whose names match, such as '640x480@30 VP8*'; again for more",
    )
    parser.add_argument("--seconds", metavar="N", type=float, help="look at nothing for longer than that")
    parser.add_argument(
        "--quick", action="store_true", help="few cells, short times: shows that it works, not how well"
    )
    parser.add_argument("--runs", metavar="N", type=int, help="interleaved runs (3; with --quick 1)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="all tables as JSON (RESULTS/TABLE.json for each)")
    parser.add_argument("--into", metavar="FILE", type=Path, help="put the tables into this document as well")
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        type=Path,
        default=ROOT / "build" / "benchmarks",
        help="where plots, series, profiles go",
    )
    return parser


def _contenders(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(CONTENDERS):
        raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}; there are {', '.join(CONTENDERS)}")
    return names


def _asks(table: ModuleType) -> str:
    return (table.__doc__ or "").partition("\n")[0]


def _go_inside(argv: Sequence[str]) -> None:
    """Become the same program within namespaces of our own; does not return."""
    if shutil.which("unshare") is None:
        sys.exit("the benchmarks need Linux and unshare (util-linux)")
    isolation = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]
    # iptables wants to write its lock there.
    prepare = ["sh", "-c", 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"', "sh"]
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", [*isolation, *prepare, sys.executable, "-m", "benchmarks", *argv])


def _keep(file: Path, facts: dict[str, Any], measured: dict[str, list[Table]], bench: Bench) -> None:
    tables = {name: [table.as_json() for table in tables] for name, tables in measured.items()}
    results = {"machine": facts, "finished": time.time(), "runs": bench.runs, "quick": bench.quick, "tables": tables}
    file.write_text(json.dumps({**results, "failures": bench.failures}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
