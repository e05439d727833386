"""What an installation brings along: the libraries that are used, all of them locked, none that needs a compiler."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = {"opencv-python": "cv2", "python-xlib": "Xlib"}
"""Libraries that are imported under another name."""
NEEDS_A_COMPILER = {"evdev"}


def test_every_library_that_is_installed_is_used() -> None:
    imported = _imported()
    assert {name for name in _wanted() if MODULES.get(name, name) not in imported} == set()


def test_every_library_that_is_installed_is_locked() -> None:
    assert _wanted() - _locked() == set()


def test_nothing_that_is_installed_needs_a_compiler() -> None:
    assert _locked() & NEEDS_A_COMPILER == set()


def _wanted() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {re.split(r"[<>=!~ ]", line)[0] for line in project["dependencies"]}


def _locked() -> set[str]:
    return set(re.findall(r"^([a-z0-9_-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))


def _imported() -> set[str]:
    modules: set[str] = set()
    for package in ("meshconf", "rendezvous"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    modules.add(node.module.partition(".")[0])
    return modules
