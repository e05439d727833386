"""Names in shared memory go with their owner, however it ends, and with nobody else."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from multiprocessing.shared_memory import SharedMemory

import pytest

from meshconf.pictures import memory

MAKER = """
    import sys
    from meshconf.pictures import memory
    shared = memory.create(sys.argv[1], 4096, owner=sys.argv[2] == "owner")
    shared.buf[0] = 7
    print("made", flush=True)
    sys.stdin.read()
"""

ADOPTER = """
    import sys
    from meshconf.pictures import memory
    memory.adopt(sys.argv[1])
    print("adopted", flush=True)
    sys.stdin.read()
"""


def start(script: str, *words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline()
    return process


def kill(process: subprocess.Popen[str]) -> str:
    process.kill()
    return process.communicate(timeout=20)[1]


def end(process: subprocess.Popen[str]) -> str:
    return process.communicate("", timeout=20)[1]


def exists(name: str) -> bool:
    try:
        memory.attach(name).close()
    except FileNotFoundError:
        return False
    return True


def wait_gone(name: str) -> None:
    deadline = time.monotonic() + 15
    while exists(name):
        assert time.monotonic() < deadline, "the name stays"
        time.sleep(0.01)


def test_two_names_are_never_the_same_and_fit_macos_with_a_number_behind() -> None:
    names = {memory.new_name() for _ in range(100)}
    assert len(names) == 100
    assert max(map(len, names)) <= 31 - len("/-9999")


def test_the_name_of_a_killed_owner_goes() -> None:
    name = memory.new_name()
    maker = start(MAKER, name, "owner")
    assert exists(name)
    kill(maker)
    wait_gone(name)


def test_memory_outlives_the_process_that_made_it_for_somebody_else_and_its_owner_removes_it() -> None:
    name = memory.new_name()
    maker = start(MAKER, name, "not the owner")
    memory.adopt(name)
    kill(maker)
    shared = memory.attach(name)
    assert bytes(shared.buf or b"")[0] == 7
    memory.remove(name)
    assert not exists(name)
    assert bytes(shared.buf or b"")[0] == 7, "who has it mapped keeps it"
    shared.close()


def test_an_adopted_name_goes_with_a_killed_owner() -> None:
    name = memory.new_name()
    maker = start(MAKER, name, "not the owner")
    adopter = start(ADOPTER, name)
    assert kill(maker) == ""
    assert exists(name)
    kill(adopter)
    wait_gone(name)


def test_neither_making_for_others_nor_removing_makes_the_tracker_complain() -> None:
    script = """
        from meshconf.pictures import memory
        name = memory.new_name()
        shared = memory.create(name, 4096, owner=False)
        memory.adopt(name)
        memory.attach(name).close()
        memory.remove(name)
        memory.remove(name)
        memory.remove("meshconf-never-was")
        other = memory.create(memory.new_name(), 4096, owner=False)
        memory.unlink(other, owner=False)
        memory.unlink(other, owner=False)
        other.close()
        shared.close()
        print("done", flush=True)
    """
    assert end(start(script)) == ""


def test_a_name_that_is_taken_is_refused_and_stays() -> None:
    shared = memory.create(memory.new_name(), 4096)
    with pytest.raises(FileExistsError):
        memory.create(shared.name, 4096)
    assert exists(shared.name)
    shared.close()
    memory.unlink(shared)
    memory.unlink(shared)
    assert not exists(shared.name)


def test_attaching_does_not_make_an_owner() -> None:
    shared = SharedMemory(memory.new_name(), create=True, size=4096)
    script = "import sys; from meshconf.pictures import memory; m = memory.attach(sys.argv[1]); print('on', flush=True)"
    assert end(start(script, shared.name)) == ""
    assert exists(shared.name)
    shared.close()
    shared.unlink()
