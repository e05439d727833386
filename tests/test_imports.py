"""The direction of imports, proved: by import-linter's contracts, and by what a fresh interpreter really loads."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
import time
from pathlib import Path

import meshconf.media
import meshconf.protocol

ROOT = Path(__file__).parent.parent

HEAVY = {
    "aioice",
    "aiortc",
    "av",
    "cv2",
    "livekit",
    "mss",
    "pynput",
    "sounddevice",
    "textual",
    "websockets",
    "zeroconf",
}
"""Libraries that take tenths of a second to load or touch the machine: only what uses them may pay for them."""

WORLDLY = HEAVY | {"asyncio", "multiprocessing", "random", "secrets", "select", "socket", "ssl", "subprocess"}
"""What the pure core must not load. Not `time`: the interpreter itself has it; the contracts look after that one."""


def loaded_by(program: str) -> set[str]:
    """Top-level names of all modules that a fresh interpreter holds after running the program."""
    probe = f"{program}\nimport json, sys\nprint('\\n' + json.dumps(sorted(m.partition('.')[0] for m in sys.modules)))"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


def core_modules() -> list[str]:
    """Every module of the pure core, so that new ones are covered from their first day."""
    return [
        module.name
        for package in (meshconf.protocol, meshconf.media)
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    ]


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import meshconf") & HEAVY


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import contextlib, sys\n"
        "sys.argv = ['meshconf', '--help']\n"
        "from meshconf.cli.main import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    assert not loaded_by(program) & HEAVY


def test_the_core_loads_no_input_or_output() -> None:
    innocent = loaded_by(
        # importlib.resources, which reads the word list, loads tempfile and with that random.
        "import importlib.resources, cryptography.hazmat.primitives.ciphers.aead, msgspec, numpy, spake2"
    )
    loaded = loaded_by("import " + ", ".join(core_modules()))
    assert not (loaded - innocent) & WORLDLY


def test_the_rendezvous_loads_nothing_of_a_meeting() -> None:
    loaded = loaded_by("import rendezvous.server")
    assert not loaded & (HEAVY - {"websockets"})


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert result.returncode == 0, result.stdout


def test_help_is_there_in_a_blink() -> None:
    # The aim is 0.2 s; the best of three tries, and room for a slow machine, so that only a real regression fails.
    assert min(_seconds_of_help() for _ in range(3)) < 0.6


def _seconds_of_help() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "meshconf", "--help"], check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - started
