"""What a modified member tries at somebody's shared screen, and what it takes to try it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display as Connection  # type: ignore[import-untyped]

from benchmarks.bench import Bench
from benchmarks.desk import grant
from benchmarks.program import Program, ProgramFailed
from benchmarks.shared_screen import VIEWER, Join, is_event, own_id, sharing
from meshconf.protocol.control.owner import ASK_EVERY
from tests.lab.display import Display
from tests.lab.hands import Hands
from tests.lab.json_program import Line

_ROGUE = "tests.support.rogue"
_TIMES = 25
"""How often a handful of events is sent where speed is not the matter."""
_FORGED = "f0" * 8
"""Id of a grant that nobody made."""
_REST_S = 0.3
"""Seconds for what is on its way."""


@dataclass
class Scene:
    """An owner, and a modified member that sees its screen."""

    bench: Bench
    owner: Program
    rogue: Program
    join: Join
    hands: Hands
    seconds: float
    """How long floods last."""
    began: float = field(default=0.0)
    """Unix time; the mischief, after all that led to it."""
    reached: int = field(default=0)
    """Keys, buttons and motions of before."""

    @property
    def owner_id(self) -> str:
        """Who the owner is."""
        return own_id(self.owner)

    def begin(self) -> None:
        """What comes from here on counts."""
        time.sleep(_REST_S)
        self.began, self.reached = time.time(), self.acts()

    def acts(self) -> int:
        """How many keys and buttons went down at the owner's display, and motions there were."""
        self.hands.read()
        downs = sum(kind in ("key down", "press") for kind, _, _ in self.hands.seen)
        return downs + sum(kind == "move" for kind, _, _ in self.hands.places)

    def lie(self, lie: str, **how: object) -> str:
        """Let the rogue do one mischief; what it says of it."""
        return _lie(self.rogue, lie, **how)

    def send(self, lie: str, **how: object) -> int:
        """The same; how many events were sent."""
        return int(self.lie(lie, **how).removeprefix("sent "))

    def accomplice(self) -> Program:
        """Another modified member, connected with both."""
        other = self.join("accomplice", self.bench.hosts.third, _ROGUE)
        for one in (self.owner, self.rogue):
            other.wait_for(is_event("peer", peer=own_id(one), state="connected"))
        other.wait_for(is_event("picture"))
        return other

    def granted(self) -> str:
        """Let the rogue control the screen; the id of that."""
        grant(self.owner, self.rogue)
        return self.lie("tell_grant", peer=self.owner_id)

    def hold(self) -> None:
        """Hold a key, as honest controllers do."""
        self.rogue.send({"do": "input", "peer": self.owner_id, "kind": "key_down", "key": "Shift", "code": "ShiftLeft"})
        self.hands.wait(self.hands.held)


Attack = Callable[[Scene], int]
"""Tries it; how many events were sent."""


def _without_grant(scene: Scene) -> int:
    scene.begin()
    return scene.send("act_uninvited", grant=_FORGED, times=_TIMES)


def _anothers_grant(scene: Scene) -> int:
    other = scene.accomplice()
    grant(scene.owner, other)
    id = _lie(other, "tell_grant", peer=scene.owner_id)
    scene.begin()
    return scene.send("act_uninvited", grant=id, times=_TIMES)


def _after_revocation(scene: Scene) -> int:
    id = scene.granted()
    _obey(scene.owner, {"do": "control_revoke"})
    scene.begin()
    return scene.send("act_uninvited", grant=id, times=_TIMES)


def _other_screen(scene: Scene) -> int:
    id = scene.granted()
    _obey(scene.owner, {"do": "source", "source": "screen", "on": True, "from": "region:640x360+0+0"})
    scene.owner.wait_for(is_event("control", state="ended", reason="screen"))
    scene.begin()
    return scene.send("act_uninvited", grant=id, times=_TIMES)


def _outside(lie: str, x: float) -> Attack:
    def attack(scene: Scene) -> int:
        scene.granted()
        scene.hold()
        scene.begin()
        return scene.send(lie, peer=scene.owner_id, x=x)

    return attack


def _flood(scene: Scene) -> int:
    scene.granted()
    scene.begin()
    return scene.send("hold_and_flood", peer=scene.owner_id, seconds=scene.seconds)


def _flood_uninvited(scene: Scene) -> int:
    scene.begin()
    return scene.send("flood_uninvited", seconds=scene.seconds)


def _grants_itself(scene: Scene) -> int:
    _obey(scene.rogue, {"do": "control_request", "peer": scene.owner_id})
    scene.owner.wait_for(is_event("control", state="requested"))
    number = int(scene.lie("tell_request", peer=scene.owner_id))
    scene.begin()
    sent = scene.send("grant_falsely", number=number, grant=_FORGED)
    return sent + scene.send("act_uninvited", grant=_FORGED, times=_TIMES)


def _grants_for_the_owner(scene: Scene) -> int:
    """Whoever is told so must go on without control."""
    other = scene.accomplice()
    _obey(other, {"do": "control_request", "peer": scene.owner_id})
    scene.owner.wait_for(is_event("control", state="requested"))
    number = int(_lie(other, "tell_request", peer=scene.owner_id))
    scene.begin()
    sent = scene.send("grant_falsely", number=number, grant=_FORGED)
    time.sleep(_REST_S)
    if other.said("control", scene.began):
        raise ProgramFailed("somebody believed a grant that was not the owner's")
    return sent


def _old_grant(scene: Scene) -> int:
    """The grant, its request and input under it are said again while there is a newer one."""
    _obey(scene.rogue, {"do": "control_request", "peer": scene.owner_id})
    asks = scene.owner.wait_for(is_event("control", state="requested"))
    number = int(scene.lie("tell_request", peer=scene.owner_id))
    _obey(scene.owner, {"do": "control_grant", "peer": asks["peer"]})
    scene.rogue.wait_for(is_event("control", state="granted"))
    old = scene.lie("tell_grant", peer=scene.owner_id)
    _obey(scene.owner, {"do": "control_revoke"})
    time.sleep(ASK_EVERY + _REST_S)
    scene.granted()
    scene.begin()
    sent = scene.send("ask_with", number=number) + scene.send("grant_falsely", number=number, grant=old)
    return sent + scene.send("act_uninvited", grant=old, times=_TIMES)


ATTACKS: dict[str, Attack] = {
    "input without a grant": _without_grant,
    "10,000 inputs a second without a grant": _flood_uninvited,
    "input under the grant of another, who told it the id": _anothers_grant,
    "input after the grant was revoked": _after_revocation,
    "input for a screen that is not shared any more": _other_screen,
    "a press beyond the screen, at 2.0": _outside("press_outside", 2.0),
    "a press before the screen, at -1.0": _outside("press_outside", -1.0),
    "a press at no number (NaN)": _outside("press_outside", math.nan),
    "a motion beyond the screen, at 2.0": _outside("move_outside", 2.0),
    "10,000 inputs a second with a grant, a key held": _flood,
    "grants its own request, then input under that": _grants_itself,
    "grants to another who asked the owner": _grants_for_the_owner,
    "says an old grant and its request again, input under it": _old_grant,
}
"""By name, as the table has them."""


@contextmanager
def scene(bench: Bench) -> Iterator[Scene]:
    """An owner who shares its screen with a modified member until the block is left."""
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        keyboard = Connection(display.name)
        stack.callback(keyboard.close)
        # A server repeats the key that is held, which is nobody's input.
        keyboard.change_keyboard_control(auto_repeat_mode=X.AutoRepeatModeOff)
        keyboard.sync()
        owner, join = stack.enter_context(sharing(bench, display.name))
        rogue = join(VIEWER, bench.hosts.far, _ROGUE)
        rogue.wait_for(is_event("picture"))
        hands = Hands(display.name)
        stack.callback(hands.close)
        yield Scene(bench, owner, rogue, join, hands, bench.seconds(3, 1))


def _obey(program: Program, command: Line) -> None:
    """Give a command that has to be carried out.

    Raises:
        ProgramFailed: it was not.
    """
    answer = program.ask(command)
    if answer["event"] != "ok":
        raise ProgramFailed(f"{program.name} does not do it: {answer.get('message')}")


def _lie(rogue: Program, lie: str, **how: object) -> str:
    since = rogue.mark()
    _obey(rogue, {"do": "lie", "lie": lie, **how})
    return str(rogue.wait_for(is_event("notice"), since=since)["text"])
