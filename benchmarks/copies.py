"""How many bytes a process copies, by the C library's memcpy and memmove, which all of ours goes through.

What a library does in loops of its own, such as a codec that converts while it copies, is not counted, nor is what the
kernel copies. Linux with a C compiler.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import processes

_SOURCE = Path(__file__).with_name("copies.c")


class CopyCounter:
    """Counts in every process that is started while it is open, and in those that these start.

    Args:
        folder: where the processes count.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def bytes_copied(self, pid: int) -> int:
        """What a process and its descendants have copied so far.

        Raises:
            psutil.Error: the process is gone.
        """
        return sum(self._counted(one.pid) for one in processes.family(pid))

    def _counted(self, pid: int) -> int:
        file = self._folder / str(pid)
        return int.from_bytes(file.read_bytes(), "little") if file.exists() else 0


def missing() -> str | None:
    """Why nothing can be counted here, or None."""
    if sys.platform != "linux":
        return "not on Linux"
    return None if shutil.which("cc") else "no C compiler (sudo apt install gcc libc6-dev)"


@contextmanager
def counting() -> Iterator[CopyCounter]:
    """Count from now on.

    Raises:
        OSError: the counter cannot be built.
    """
    with tempfile.TemporaryDirectory(prefix="copies-") as kept:
        folder = Path(kept)
        library = folder / "copies.so"
        # Without -fno-builtin the compiler may see a memcpy in our own loop.
        command = ["cc", "-O2", "-fPIC", "-shared", "-fno-builtin", "-o", str(library), str(_SOURCE), "-ldl"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode:
            raise OSError(built.stderr.strip())
        former = {name: os.environ.get(name) for name in ("LD_PRELOAD", "COPIES")}
        os.environ |= {"LD_PRELOAD": str(library), "COPIES": str(folder)}
        try:
            yield CopyCounter(folder)
        finally:
            for name, value in former.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
