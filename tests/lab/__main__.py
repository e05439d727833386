"""Run the lab's tests without being root: `python -m tests.lab [PYTEST ARGUMENTS]`, in a throw-away user namespace."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    pytest = [sys.executable, "-m", "pytest", *(sys.argv[1:] or ["-m", "lab"])]
    isolation = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]
    os.execvp("unshare", [*isolation, *pytest])
