"""The decoder process by itself: what it loads, and when it ends."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from meshconf.codec.decoding.board import Board
from meshconf.codec.decoding.wire import Open, encode_command, frame_header
from meshconf.pictures import memory
from tests.codec.decoding.clips import clip
from tests.codec.decoding.viewing import names

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[3]


def test_it_loads_pyav_and_numpy_and_nothing_else_that_is_large() -> None:
    probe = (
        "import json, sys; import meshconf.codec.decoding.worker;"
        "print(json.dumps(sorted(m for m in sys.modules if m.startswith('meshconf'))));"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=30, cwd=ROOT, check=True
    )
    ours, all_modules = map(json.loads, result.stdout.splitlines())
    rooms = {".".join(name.split(".")[:2]) for name in ours}
    assert rooms == {"meshconf", "meshconf.codec", "meshconf.media", "meshconf.pictures"}
    assert not [name for name in ours if name.startswith("meshconf.codec.") and "decoding" not in name]
    assert {"av", "numpy"} <= set(all_modules)
    assert not {"asyncio", "cv2", "msgspec", "cryptography", "aiortc", "ssl"} & set(all_modules)


def test_it_takes_its_buses_away_when_the_engine_is_gone_and_says_nothing() -> None:
    ours, theirs = socket.socketpair()
    board, prefix = Board(), f"{memory.new_name()}-"
    process = subprocess.Popen(
        [sys.executable, "-m", "meshconf.codec.decoding.worker", board.name, prefix],
        stdin=theirs.fileno(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        theirs.close()
        ours.settimeout(20)
        board.clear_row(0)
        frame = clip("VP8", 320, 240, 2)[0]
        ours.sendall(encode_command(Open(1, 0, "VP8")))
        ours.sendall(frame_header(1, len(frame.data), keyframe=True, timestamp=0, captured=0.0) + frame.data)
        heard = b""
        while len(heard) < 2 * 20:  # it is ready, and has a picture
            heard += ours.recv(100)
        assert f"{prefix}1" in names()
        ours.close()
        assert process.communicate(timeout=20) == (b"", b"")
        assert process.returncode == 0
        assert not any(name.startswith(prefix) for name in names())
    finally:
        process.kill()
        process.wait()
        board.close()
