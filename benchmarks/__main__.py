"""`python -m benchmarks`: measures, prints the tables, writes them with every single figure to a file.

Everything runs in namespaces of users, processes and networks of its own: nothing reaches the machine's network,
nothing is left when it ends, however it ends.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import machine, plot
from benchmarks.bench import Bench, Hosts, lab, say
from benchmarks.contenders.aiortc import PlainAiortc
from benchmarks.contenders.base import Contender
from benchmarks.contenders.chromium import Chromium
from benchmarks.contenders.engine import MeshconfEngine
from benchmarks.contenders.floor import Floor
from benchmarks.network import cable
from benchmarks.report import Table, heading, others, put_into
from benchmarks.tables import (
    audio,
    cut,
    echo,
    inside,
    latency,
    loss,
    mesh,
    screen,
    sender,
    sharing,
    slow_viewer,
    viewer,
    voice,
)
from tests.lab.namespace import why_not
from tests.support.engine import ROOT

_INSIDE = "MESHCONF_BENCHMARK_INSIDE"
_PORT = 8765
CONTENDERS = ("meshconf", "aiortc", "chromium")
TABLES = (
    "sender",
    "viewer",
    "mesh",
    "latency",
    "loss",
    "cut",
    "sharing",
    "slow_viewer",
    "inside",
    "echo",
    "screen",
    "voice",
    "audio",
)


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
    with tempfile.TemporaryDirectory(prefix="scenes-") as scenes, lab() as hosts, _rendezvous(hosts) as address:
        folder = Path(scenes)
        everybody: dict[str, Contender] = {
            "meshconf": MeshconfEngine(folder, address),
            "aiortc": PlainAiortc(folder),
            "chromium": Chromium(folder),
        }
        runs = arguments.runs or (1 if arguments.quick else 3)
        contenders = [everybody[name] for name in arguments.contenders]
        bench = Bench(hosts, contenders, arguments.results, runs=runs, quick=arguments.quick)
        floor = Floor(folder, hosts.near)
        kinds: dict[str, Callable[[], list[Table]]] = {
            "sender": lambda: sender.measure(bench, floor),
            "viewer": lambda: viewer.measure(bench, floor),
            "mesh": lambda: mesh.measure(bench),
            "latency": lambda: latency.measure(bench),
            "loss": lambda: loss.measure(bench),
            "cut": lambda: cut.measure(bench),
            "sharing": lambda: sharing.measure(bench),
            "slow_viewer": lambda: slow_viewer.measure(bench),
            "inside": lambda: inside.measure(bench),
            "echo": lambda: echo.measure(bench),
            "screen": lambda: screen.measure(bench, address),
            "voice": lambda: voice.measure(bench),
            "audio": lambda: audio.measure(bench),
        }
        measured: dict[str, list[Table]] = {}
        for name in arguments.only or TABLES:
            say(f"{name}:")
            measured[name] = kinds[name]()
            busy = others([table.samples for table in measured[name]])
            text = "\n".join([*(table.markdown() for table in measured[name]), busy]) + "\n"
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            # After each: a long run that is cut short has not run for nothing.
            _keep(arguments.out or arguments.results / "results.json", facts, measured, bench)
            if arguments.into is not None:
                document = put_into(arguments.into.read_text(), name, f"{heading(facts)}\n{text}")
                arguments.into.write_text(document)
    for failure in bench.failures:
        say(f"failed: {failure}")
    return 1 if bench.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only", metavar="TABLE", action="append", choices=TABLES, help=f"one of {', '.join(TABLES)}; again for more"
    )
    parser.add_argument(
        "--contenders",
        metavar="NAMES",
        type=lambda text: text.split(","),
        default=list(CONTENDERS),
        help="joined by commas",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few cells, short times: shows that it works, not how well"
    )
    parser.add_argument("--runs", metavar="N", type=int, help="interleaved runs (3; with --quick 1)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="every figure as JSON (RESULTS/results.json)")
    parser.add_argument("--into", metavar="FILE", type=Path, help="put the tables into this document as well")
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        type=Path,
        default=ROOT / "build" / "benchmarks",
        help="where plots, series, profiles go",
    )
    return parser


def _go_inside(argv: Sequence[str]) -> None:
    """Become the same program within namespaces of our own; does not return."""
    if shutil.which("unshare") is None:
        sys.exit("the benchmarks need Linux and unshare (util-linux)")
    isolation = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]
    # iptables wants to write its lock there.
    prepare = ["sh", "-c", 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"', "sh"]
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", [*isolation, *prepare, sys.executable, "-m", "benchmarks", *argv])


@contextmanager
def _rendezvous(hosts: Hosts) -> Iterator[str]:
    command = [sys.executable, "-m", "rendezvous", "--port", str(_PORT)]
    process = hosts.hub.popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.readline()  # it says where it listens
    try:
        yield f"ws://{hosts.hub.address}:{_PORT}"
    finally:
        process.terminate()
        process.wait(5)
        process.stdout.close()


def _keep(file: Path, facts: dict[str, object], measured: dict[str, list[Table]], bench: Bench) -> None:
    tables = {name: [table.as_json() for table in tables] for name, tables in measured.items()}
    results = {"machine": facts, "finished": time.time(), "runs": bench.runs, "quick": bench.quick, "tables": tables}
    file.write_text(json.dumps({**results, "failures": bench.failures}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
