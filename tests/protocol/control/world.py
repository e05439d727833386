"""A controller, an owner and a stranger on a network that delays, loses and changes the order; one virtual clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from meshconf.protocol.control.controller import Controller
from meshconf.protocol.control.events import ControlChanged, ControlEvent, Injected, Paused, Reason
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Press, Release
from meshconf.protocol.control.messages import ControlGrant, ControlMessage, Lossy
from meshconf.protocol.control.owner import Owner
from meshconf.types import PeerId

ADA, BOB, EVE = PeerId("a" * 16), PeerId("b" * 16), PeerId("e" * 16)
"""The owner, the controller, and who means no good."""


@dataclass
class Machine:
    """The owner's keyboard and mouse, as injection moves them."""

    done: list[Input] = field(default_factory=list)
    down: list[str] = field(default_factory=list)

    def do(self, input: Input) -> None:
        """Carry one input out; a key or button cannot come up that is not down, nor a button go down twice."""
        self.done.append(input)
        match input:
            case KeyDown():
                if f"key {input.key}{input.code}" not in self.down:
                    self.down.append(f"key {input.key}{input.code}")
            case KeyUp():
                self.down.remove(f"key {input.key}{input.code}")
            case Press(button=button):
                assert button not in self.down
                self.down.append(button)
            case Release(button=button):
                self.down.remove(button)
            case _:
                pass


class World:
    """Drives both state machines until nothing more is to be done now."""

    def __init__(self, seed: int = 0, *, delay: float = 0.02, loss: float = 0.0) -> None:
        self.now = 1000.0
        self.allowed = True
        self.paused = False
        self.owner = Owner(lambda _: self.allowed)
        self.controller = Controller(0)
        self.machine = Machine()
        self.at_owner: list[ControlEvent] = []
        self.at_controller: list[ControlEvent] = []
        self.answers: list[tuple[PeerId, ControlMessage]] = []
        """What the owner said to anybody."""
        self._random = random.Random(seed)
        self._delay = delay
        self._loss = loss
        self._wires: dict[str, list[tuple[float, ControlMessage]]] = {"to owner": [], "to controller": []}
        self._last = {"to owner": 0.0, "to controller": 0.0}
        self._grants = 0
        self.owner.shares(1, able=True, now=self.now)

    def grant(self, seconds: int | None = None, peer: PeerId = BOB, *, clipboard: bool = False) -> None:
        """The person at the owner's says yes."""
        self._grants += 1
        id = self._grants.to_bytes(8, "big")
        self.owner.grant(peer, seconds, id=id, clipboard=clipboard, now=self.now)
        self.settle()

    def control(self, seconds: int | None = None) -> None:
        """Ask and be granted, all heard of by both."""
        self.controller.request(ADA, now=self.now)
        self.run(0.2)
        self.grant(seconds)
        self.run(0.2)

    @property
    def granted(self) -> bytes:
        """The id of the newest grant."""
        return next(m.grant for _, m in reversed(self.answers) if isinstance(m, ControlGrant))

    def act(self, *inputs: Input) -> None:
        """The controller does something."""
        for input in inputs:
            self.controller.act(ADA, input, now=self.now)
        self.settle()

    def say(self, peer: PeerId, message: ControlMessage) -> None:
        """A peer says something to the owner, whatever it is."""
        self.owner.receive(peer, message, now=self.now)
        self.settle()

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        self.settle()
        while (due := self._next()) is not None and due <= end:
            self.now = max(self.now, due)
            self.settle()
        self.now = end
        self.settle()

    def cut(self) -> None:
        """The connection is lost, with all that was under way."""
        for wire in self._wires.values():
            wire.clear()
        self.owner.gone(BOB, Reason.LOST, now=self.now)
        self.controller.gone(ADA, Reason.LOST, now=self.now)
        self.settle()

    def settle(self) -> None:
        """Deliver what has arrived, and do what is due."""
        while True:
            self.owner.handle_timer(now=self.now)
            self.controller.handle_timer(now=self.now)
            self._collect()
            if not self._deliver():
                return

    def changes(self, events: list[ControlEvent]) -> list[tuple[str, str]]:
        """State and reason of all steps."""
        return [(event.state, event.reason) for event in events if isinstance(event, ControlChanged)]

    def _collect(self) -> None:
        for event in self.owner.events():
            self.at_owner.append(event)
            if isinstance(event, Injected):
                for input in event.inputs:
                    self.machine.do(input)
            elif isinstance(event, Paused):
                self.paused = event.paused
            elif isinstance(event, ControlChanged) and event.state == "ended":
                self.paused = False
        for _, message in self.controller.sends():
            self._post("to owner", message)
        self.at_controller += self.controller.events()
        for peer, message in self.owner.sends():
            self.answers.append((peer, message))
            if peer == BOB:
                self._post("to controller", message)

    def _post(self, wire: str, message: ControlMessage) -> None:
        arrives = self.now + self._delay * (1 + self._random.random() * 5)
        if isinstance(message, Lossy):
            if self._random.random() < self._loss:
                return
        else:  # in order
            arrives = self._last[wire] = max(self._last[wire], arrives)
        self._wires[wire].append((arrives, message))

    def _deliver(self) -> bool:
        for wire, messages in self._wires.items():
            due = [one for one in messages if one[0] <= self.now]
            if due:
                first = min(due, key=lambda one: one[0])
                messages.remove(first)
                if wire == "to owner":
                    self.owner.receive(BOB, first[1], now=self.now)
                else:
                    self.controller.receive(ADA, first[1], now=self.now)
                return True
        return False

    def _next(self) -> float | None:
        due = [arrives for messages in self._wires.values() for arrives, _ in messages]
        timers = (self.owner.next_timer(now=self.now), self.controller.next_timer(now=self.now))
        due += [timer for timer in timers if timer is not None]
        return max(min(due), self.now + 1e-6) if due else None
