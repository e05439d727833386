"""The loop of the process that injects: what waits is done in pieces, and dropped when the owner's hands come first."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from meshconf.devices.input import __main__ as program
from meshconf.devices.input.wire import (
    COMMANDS,
    NEWS,
    Attend,
    Command,
    Copy,
    Do,
    LetGo,
    News,
    OwnInput,
    Panic,
    Ready,
)
from meshconf.protocol.control.input import Input, KeyDown, Move, Text
from meshconf.types import Area

pytestmark = pytest.mark.skipif(os.name != "posix", reason="takes the place of stdin, and sends signals")

_KEY = KeyDown("a", "KeyA")


class FakeInjector:
    """Hands that write down what they do."""

    def __init__(self) -> None:
        self.area = Area(0, 0, 800, 600)
        self.done: list[Input | str] = []
        self.after_done: dict[int, Callable[[], None]] = {}
        """What happens once so many inputs were done."""
        self.after_let_go: Callable[[], None] = lambda: None
        self.owner: list[OwnInput | Panic] = []

    def do(self, input: Input) -> None:
        self.done.append(input)
        self.after_done.get(len(self.done), lambda: None)()

    def let_go(self) -> None:
        self.done.append("let go")
        self.after_let_go()

    def copy(self, text: str) -> None:
        self.done.append(text)

    def files(self) -> list[int]:
        return []

    def news(self) -> list[OwnInput | Panic]:
        news, self.owner = self.owner, []
        return news

    def close(self) -> None:
        self.let_go()
        self.done.append("closed")


class Engine:
    """Says what is to be done."""

    def __init__(self, commands: int, said: pytest.CaptureFixture[bytes]) -> None:
        self._commands = commands
        self._said = said
        self._open = True

    def tell(self, command: Command) -> None:
        os.write(self._commands, COMMANDS.encode(command))

    def hang_up(self) -> None:
        if self._open:
            os.close(self._commands)
        self._open = False

    def heard(self) -> list[News]:
        return [NEWS.decode(line) for line in self._said.readouterr().out.splitlines()]


@pytest.fixture
def injector(monkeypatch: pytest.MonkeyPatch) -> FakeInjector:
    found = FakeInjector()
    monkeypatch.setattr(program, "open_injector", lambda *_, **__: found)
    return found


@pytest.fixture
def engine(capfdbinary: pytest.CaptureFixture[bytes]) -> Iterator[Engine]:
    """The other end of our own stdin and stdout, for as long as the test lasts."""
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    kept = os.dup(0)
    stdin, commands = os.pipe()
    os.dup2(stdin, 0)
    engine = Engine(commands, capfdbinary)
    try:
        yield engine
    finally:
        os.dup2(kept, 0)
        engine.hang_up()
        os.close(kept)
        os.close(stdin)
        for number, handler in signals.items():
            signal.signal(number, handler)


def test_a_text_is_typed_in_pieces_and_dropped_by_letting_go(injector: FakeInjector, engine: Engine) -> None:
    engine.tell(Do([Text("x" * 100)]))
    injector.after_done[2] = lambda: engine.tell(LetGo())
    injector.after_let_go = engine.hang_up
    assert program.main("default", False) == 0
    assert injector.done == [Text("x" * 16)] * 2 + ["let go", "let go", "closed"]


def test_what_waits_is_not_done_once_the_owner_used_the_own_hands(injector: FakeInjector, engine: Engine) -> None:
    engine.tell(Do([_KEY, Text("x" * 100), Move(0.5, 0.5)]))
    injector.after_done[2] = lambda: injector.owner.append(OwnInput())
    injector.after_let_go = engine.hang_up
    program.main("default", False)
    assert injector.done == [_KEY, Text("x" * 16), "let go", "let go", "closed"]
    assert engine.heard() == [Ready(Area(0, 0, 800, 600)), OwnInput()]


def test_the_owners_own_hands_let_go_of_what_is_held_though_nothing_waits(
    injector: FakeInjector, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "ALONE", 3600.0)
    engine.tell(Do([_KEY]))

    def use_hands() -> None:
        injector.owner.append(OwnInput())
        engine.tell(Attend())

    injector.after_done[1] = use_hands
    injector.after_let_go = engine.hang_up
    program.main("default", False)
    assert injector.done == [_KEY, "let go", "let go", "closed"]


def test_after_the_alarm_nothing_that_the_engine_still_says_is_done(injector: FakeInjector, engine: Engine) -> None:
    engine.tell(Do([_KEY, Text("x" * 100)]))

    def alarm() -> None:
        injector.owner.append(Panic())
        engine.tell(Do([_KEY]))

    def go_on() -> None:
        injector.after_let_go = lambda: None
        for command in (Do([_KEY]), Copy("text"), LetGo(), Do([Move(0.5, 0.5)])):
            engine.tell(command)
        engine.hang_up()

    injector.after_done[1] = alarm
    injector.after_let_go = go_on
    program.main("default", False)
    assert injector.done == [_KEY, "let go", "let go", "closed"]
    assert engine.heard() == [Ready(Area(0, 0, 800, 600)), Panic()]


def test_an_engine_that_says_nothing_holds_nothing(
    injector: FakeInjector, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "ALONE", 0.05)
    engine.tell(Do([_KEY]))
    injector.after_let_go = engine.hang_up
    program.main("default", False)
    assert injector.done == [_KEY, "let go", "let go", "closed"]


def test_an_engine_that_says_that_it_is_there_holds_what_it_holds(
    injector: FakeInjector, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "ALONE", 1.0)
    engine.tell(Do([_KEY]))

    def attend() -> None:
        for _ in range(30):
            time.sleep(0.05)
            engine.tell(Attend())
        engine.hang_up()

    attending = threading.Thread(target=attend)
    injector.after_done[1] = attending.start
    program.main("default", False)
    attending.join()
    assert injector.done == [_KEY, "let go", "closed"]


def test_more_than_a_display_keeps_up_with_is_the_end(
    injector: FakeInjector, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_MOST_WAITING", 50)
    engine.tell(Do([_KEY] * 51))
    program.main("default", False)
    assert injector.done == ["let go", "closed"]


def test_a_terminal_that_closes_sends_several_signals_and_all_comes_up(injector: FakeInjector, engine: Engine) -> None:
    engine.tell(Do([_KEY]))
    injector.after_done[1] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    injector.after_let_go = lambda: os.kill(os.getpid(), signal.SIGHUP)
    assert program.main("default", False) == 0
    assert injector.done == [_KEY, "let go", "closed"]
