"""`meshconf doctor`: what works here, what does not, and the command that mends it.

The checks run side by side in processes of their own, so that one that hangs or crashes is a finding and no more.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import IO

import msgspec

from meshconf.cli.checks import CHECKS, REINSTALL, Finding
from meshconf.protocol.text import clean

PATIENCE_S = 20.0
"""After so long without an end, a check is ended."""

_MARKS = {True: "✓", False: "✗", None: "–"}
_PLAIN_MARKS = {True: "+", False: "x", None: "-"}
"""For terminals whose encoding has no better ones."""
_SECTIONS = {
    "Libraries": ("libraries",),
    "Sound": ("microphone", "speaker"),
    "Camera": ("camera",),
    "Screen": ("screen",),
    "Remote control": ("control",),
    "Display": ("display",),
    "Local network": ("multicast",),
    "Rendezvous": ("rendezvous",),
}


def doctor(rendezvous: str | None, *, as_json: bool) -> int:
    """Print all findings.

    Args:
        rendezvous: address of one to check as well; None for that of MESHCONF_RENDEZVOUS, if any.
        as_json: print a list of objects instead.

    Returns:
        0 when all that a meeting cannot do without works, else 1.
    """
    found = examine(rendezvous or os.environ.get("MESHCONF_RENDEZVOUS"))
    if as_json:
        every = [finding for findings in found.values() for finding in findings]
        sys.stdout.write(msgspec.json.encode(every).decode() + "\n")
    else:
        _print(found)
    return 1 if any(finding.ok is False for findings in found.values() for finding in findings) else 0


def examine(rendezvous: str | None, *, patience_s: float = PATIENCE_S) -> dict[str, list[Finding]]:
    """Make every check; takes `patience_s` at most.

    Args:
        rendezvous: address of the one to check; None leaves that check out.
        patience_s: seconds until a check that does not end is ended.

    Returns:
        The findings of each check, under its name.
    """
    names = [name for name in CHECKS if name != "rendezvous" or rendezvous]
    deadline = time.monotonic() + patience_s
    with contextlib.ExitStack() as stack:
        running = {name: stack.enter_context(_Check(name, rendezvous or "")) for name in names}
        return {name: check.findings(deadline) for name, check in running.items()}


class _Check:
    """One check in its process. Its output goes to files: a pipe that a grandchild keeps open would never end."""

    def __init__(self, name: str, rendezvous: str) -> None:
        self._name = name
        self._output: IO[bytes] = tempfile.TemporaryFile()
        self._complaints: IO[bytes] = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "meshconf.cli.checks", name, rendezvous],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._complaints,
        )

    def __enter__(self) -> _Check:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()
        self._complaints.close()

    def findings(self, deadline: float) -> list[Finding]:
        """What it found, or that it hung or crashed."""
        try:
            code = self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            sentence = f"The check of the {self._name} hangs; its driver or service does not answer."
            return [Finding(self._name, False, sentence, "unplug and plug in the device, or log out and in again")]
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(_last_line(self._output), type=list[Finding])
        reason = clean(_last_line(self._complaints).decode(errors="replace"), 200) or f"exit code {code}"
        return [Finding(self._name, False, f"The check of the {self._name} failed: {reason}.", REINSTALL)]


def _last_line(file: IO[bytes]) -> bytes:
    file.seek(0)
    return next((line for line in reversed(file.read().splitlines()) if line.strip()), b"")


def _print(found: dict[str, list[Finding]]) -> None:
    for line in _lines(found):
        sys.stdout.write(line + "\n")


def _lines(found: dict[str, list[Finding]]) -> Iterator[str]:
    marks = _marks()
    for title, names in _SECTIONS.items():
        findings = [finding for name in names for finding in found.get(name, [])]
        if findings:
            yield title
        for finding in findings:
            yield f"  {marks[finding.ok]} {clean(finding.sentence, 300)}"
            if finding.fix:
                yield f"      {clean(finding.fix, 300)}"


def _marks() -> dict[bool | None, str]:
    try:
        "".join(_MARKS.values()).encode(_encoding())
    except UnicodeEncodeError:
        return _PLAIN_MARKS
    return _MARKS


def _encoding() -> str:
    return sys.stdout.encoding or "ascii"
