"""A controlled screen: what is left pressed by every way of ending, and what gets through of a hostile peer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from benchmarks.attacks import ATTACKS, Scene, scene
from benchmarks.bench import Bench
from benchmarks.endings import ENDINGS, MINUTE
from benchmarks.grip import Grip, grip
from benchmarks.program import Program, ProgramFailed
from benchmarks.report import Table, figure
from benchmarks.shared_screen import is_event, own_id
from tests.lab.json_program import Line

_PATIENCE_S = 30.0
"""Seconds for everything to come up, and for an owner's engine that lives to say why."""
_AGAIN_S = 1.0
"""Seconds after which it is looked once more: nothing may go down again."""
_UNKNOWN = "–"
_FORGIVEN_S = 90.0
"""Seconds for who sent far too much to be taken in again."""
_ASK_AGAIN_S = 5.0
_DONE = "the mischief is done"
_ENDINGS_NOTE = (
    "Two engines; keys and button go down by commands of the controller, and are looked at once a millisecond at the "
    "owner's display (Xvfb). They are down for more than a second before, and looked at again a second after all was "
    "up. Time: from the cause, such as a signal or a command, until nothing is down; a controller that hangs, was "
    "killed or is cut off is waited for until two seconds after its last sign of life. Left down: at the worst of "
    "all runs. Where both processes of the owner are killed at the same moment, nobody is left who could let go: see "
    "`security.md`. That a grant ends after ten minutes without input is shown by tests in virtual time."
)
_HOSTILE_NOTE = (
    "A member with a modified program that keeps to no rule; its inputs are keys, text, presses and motions. Reached: "
    "keys and buttons that went down at the owner's display, and motions there, at the worst of all runs; what led to "
    "the mischief does not count. Numbers and ids that it cannot know an accomplice tells it. Messages about control "
    "bear no name: whoever is at the other end of the link has said it. Loop lag: how late the owner's event loop came "
    "to anything meanwhile, at the most. After each the owner takes a line of chat from the same member."
)


@dataclass(frozen=True)
class Ended:
    """One ending."""

    held: list[str]
    """What was down before."""
    left: list[str]
    """What was after."""
    ms: float | None
    """From the cause until nothing was down; None if that never came."""
    told: str
    """What the owner's engine said of it."""


@dataclass(frozen=True)
class Attacked:
    """One mischief."""

    sent: int
    reached: int
    left: list[str]
    """What was down afterwards."""
    ended: str
    """Why the grant ended, empty if there was none or it went on."""
    ended_ms: float | None
    link_ms: float | None
    """Until the grant, and the link, ended."""
    loop_lag_ms: float


def measure(bench: Bench) -> list[Table]:
    """Measure; of meshconf alone."""
    names = bench.cells([*ENDINGS, *ATTACKS], [*list(ENDINGS)[:1], *list(ATTACKS)[:1]])
    endings, attacks = ([name for name in names if name in known] for known in (ENDINGS, ATTACKS))
    ended = bench.sweep(endings, {"meshconf": lambda name: _end(bench, name)})
    attacked = bench.sweep(attacks, {"meshconf": lambda name: _attack(bench, name)})
    end_rows = [[name, *_ended_texts(ended.of("meshconf", name))] for name in endings]
    attack_rows = [[name, *_attacked_texts(attacked.of("meshconf", name))] for name in attacks]
    end_columns = ["ending", "held before", "left down", "nothing down after", "the owner's engine says"]
    attack_columns = ["what it does", "events sent", "reached the display", "left down", "the owner", "loop lag"]
    return [
        Table("Every ending of control", end_columns, end_rows, [_ENDINGS_NOTE], ended.as_json()),
        Table("A hostile peer", attack_columns, attack_rows, [_HOSTILE_NOTE], attacked.as_json()),
    ]


def _end(bench: Bench, name: str) -> Ended:
    with grip(bench, minutes=1 if name == MINUTE else 60) as held:
        before, since = held.held(), held.owner.mark()
        called = time.monotonic()
        over = ENDINGS[name](held) or called
        opened = held.opened(_PATIENCE_S)
        held.once_open.close()
        with suppress(ProgramFailed):  # it may be no more
            held.owner.wait_for(_tells, _PATIENCE_S, since=since)
        time.sleep(_AGAIN_S)
        return Ended(before, held.held(), None if opened is None else 1000 * (opened - over), _told(held, since))


def _tells(line: Line) -> bool:
    return is_event("control", state="ended")(line) or is_event("control_paused", paused=True)(line)


def _told(held: Grip, since: int) -> str:
    """What the owner's engine said of the end; a dash if it was not there any more."""
    told = [line for line in held.owner.lines(since) if _tells(line)]
    texts = ["paused" if line["event"] == "control_paused" else f"ended: {line['reason']}" for line in told]
    return ", ".join(texts) or _UNKNOWN


def _attack(bench: Bench, name: str) -> Attacked:
    with scene(bench) as there:
        sent = ATTACKS[name](there)
        _talks(there)
        reached = there.acts() - there.reached
        ended = [(at, line) for at, line in there.owner.said("control", there.began) if line["state"] == "ended"]
        lost = there.owner.said("peer", there.began)
        cut = [at for at, line in lost if line["peer"] == own_id(there.rogue) and line["state"] == "reconnecting"]
        return Attacked(
            sent=sent,
            reached=reached,
            left=there.hands.named(there.hands.held()),
            ended=ended[0][1]["reason"] if ended else "",
            ended_ms=1000 * (ended[0][0] - there.began) if ended else None,
            link_ms=1000 * (cut[0] - there.began) if cut else None,
            loop_lag_ms=_loop_lag(there.owner, there.began),
        )


def _talks(there: Scene) -> None:
    """A line of chat comes after all that was sent before it, over the same link or the next one."""
    deadline = time.monotonic() + _FORGIVEN_S
    while True:
        # What is said just before a link ends may be lost with it.
        there.rogue.send({"do": "chat", "text": _DONE})
        try:
            there.owner.wait_for(is_event("chat", text=_DONE), _ASK_AGAIN_S)
            return
        except ProgramFailed:
            if time.monotonic() > deadline:
                raise


def _loop_lag(owner: Program, began: float) -> float:
    """Of all the seconds since then, also of the one that lasts."""
    owner.wait_for(is_event("stats"), since=owner.mark())
    return max(float(line["loop_lag_ms"]) for _, line in owner.said("stats", began))


def _ended_texts(found: Sequence[Ended]) -> list[str]:
    times = [one.ms for one in found]
    never = times.count(None)
    return [
        _names(min((one.held for one in found), key=len, default=None)),
        _names(max((one.left for one in found), key=len, default=None)),
        f"never in {never} of {len(found)}" if never else figure(times, 0, " ms"),
        _either(one.told for one in found),
    ]


def _attacked_texts(found: Sequence[Attacked]) -> list[str]:
    return [
        figure([one.sent for one in found], 0),
        str(max((one.reached for one in found), default=_UNKNOWN)),
        _names(max((one.left for one in found), key=len, default=None)),
        _did(found) or ("does nothing" if found else _UNKNOWN),
        figure([max((one.loop_lag_ms for one in found), default=None)], 0, " ms"),
    ]


def _did(found: Sequence[Attacked]) -> str:
    """How grant and link ended, and when."""
    said = []
    if reasons := _either(one.ended for one in found if one.ended):
        said.append(f"ends the grant ({reasons}) after {figure([one.ended_ms for one in found], 0, ' ms')}")
    if any(one.link_ms is not None for one in found):
        said.append(f"ends the link after {figure([one.link_ms for one in found], 0, ' ms')}")
    return ", ".join(said)


def _names(held: Sequence[str] | None) -> str:
    """How many, and which; a dash where nothing was measured."""
    if held is None:
        return _UNKNOWN
    return f"{len(held)}: {', '.join(held)}" if held else "0"


def _either(texts: Iterable[str]) -> str:
    return " or ".join(sorted(set(texts)))
