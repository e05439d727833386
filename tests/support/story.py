"""A story: some people, perhaps a liar or two among them, a bad network, and what they do, all out of one seed."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable

from meshconf.errors import MeshconfError, Refused
from meshconf.protocol.room.acts import Deed
from meshconf.types import Medium
from tests.support.liars import LIARS, Liar
from tests.support.oracle import Oracle
from tests.support.world import Peer, World

NAMES = [chr(97 + at % 26) + (str(at // 26) if at >= 26 else "") for at in range(64)]
PLAIN = [Deed.LOCK, Deed.UNLOCK, Deed.LOBBY_ON, Deed.LOBBY_OFF, Deed.HISTORY_ON, Deed.HISTORY_OFF]
AIMED = [Deed.APPOINT, Deed.APPOINT, Deed.DISMISS, Deed.TRANSFER, Deed.REMOVE]
RULES = [Deed.FORBID, Deed.PERMIT]
SETTLED_WITHIN = 60.0
"""Seconds after which everybody must agree once the network is whole and people are left alone."""


class Story:
    """Tells itself; the oracle listens.

    Args:
        seed: decides everything.
        size: how many people it begins with.
        liars: what kinds of liars are among them; the first is the founder when the kind needs to be host.
        moves: how many things happen.
        calm: the network is good and nobody crashes or stalls.
    """

    def __init__(self, seed: int, size: int, liars: list[type[Liar]], moves: int = 14, *, calm: bool = False) -> None:
        self.random = random.Random(seed)
        self.world = World(seed, loss=self.random.choice([0.0, 0.05, 0.3]))
        names = NAMES[:size]
        self.world.gather(names)
        self.oracle = Oracle(self.world)
        hands = self.random.sample(names, min(len(liars), max(0, size - 1)))
        self.liars = [make(self.world, name) for make, name in zip(liars, hands, strict=False)]
        self.moves = moves
        self.calm = calm
        self.happened: Counter[str] = Counter()
        self._fresh = iter(NAMES[size:])

    def tell(self) -> None:
        """Let it happen, then heal everything, and see that all ends well.

        Raises:
            AssertionError: it did not.
        """
        for _ in range(self.moves):
            self._move()
            self.world.run(self.random.choice([0.05, 0.3, 1.0, 3.0]))
        for peer in self.world.peers.values():
            if peer.alive and peer.paused:
                self.world.resume(peer.name)
        self.world.heal()
        self.world.run(8.0)
        for liar in self.liars:
            liar.act()
        self.world.run(12.0)
        if not self.oracle.is_settled():
            self._settle()
        self.oracle.look()
        assert not (out := self.oracle.shut_out()), f"shut out without a word: {out}"
        assert not (left := self.oracle.unreported()), f"undone without a word: {left}"

    def _settle(self) -> None:
        end = self.world.now + SETTLED_WITHIN - 20.0
        while not self.oracle.is_settled():
            assert self.world.now < end, "they never came to agree"
            self.world.run(1.0)

    def _move(self) -> None:
        move = self.random.choices(*zip(*self._moves(), strict=True))[0]
        self.happened[move.__name__.strip("_")] += 1
        move()

    def _moves(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self._act, 8),
            (self._act_at_once, 2),
            (self._come, 3),
            *(() if self.calm else self._disasters()),
            (self._lie, 6 if self.liars else 0),
        ]

    def _disasters(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self._cut, 3),
            (self._heal, 2),
            (self._crash, 1),
            (self._leave, 1),
            (self._pause, 2),
            (self._resume, 2),
        ]

    def _somebody(self) -> Peer | None:
        people = self.world.living()
        # Those who have a say, more often than not.
        able = [peer for peer in people if peer.id in (peer.room.state.host, *peer.room.state.admins)]
        pool = able if able and self.random.random() < 0.8 else people
        return self.random.choice(pool) if pool else None

    def _act(self) -> None:
        if (author := self._somebody()) is None:
            return
        target = self.random.choice(list(self.world.peers))
        kind = self.random.choice(list(Medium))
        do, who, what = self.random.choice(
            [
                (self.random.choice(PLAIN), None, None),
                (self.random.choice(AIMED), target, None),
                (self.random.choice(RULES), self.random.choice([None, target]), kind),
            ]
        )
        if do is Deed.REMOVE and self.random.random() < 0.5:
            return
        with contextlib.suppress(Refused):
            self.world.act(author.name, do, who, what)

    def _act_at_once(self) -> None:
        for _ in range(4):
            self._act()

    def _come(self) -> None:
        if (doorman := self._somebody()) is not None:
            with contextlib.suppress(Refused, StopIteration):
                self.world.knock(next(self._fresh), doorman.name)

    def _cut(self) -> None:
        parts: list[list[str]] = [[] for _ in range(self.random.choice([2, 2, 3]))]
        for name in self.world.peers:
            self.random.choice(parts).append(name)
        self.world.partition(*parts)

    def _heal(self) -> None:
        self.world.heal()

    def _crash(self) -> None:
        if len(self.world.living()) > 2:
            self.world.kill(self.random.choice(self.world.living()).name)

    def _leave(self) -> None:
        if len(self.world.living()) > 2:
            self.world.leave(self.random.choice(self.world.living()).name)

    def _pause(self) -> None:
        if len(self.world.living()) > 1:
            self.world.pause(self.random.choice(self.world.living()).name)

    def _resume(self) -> None:
        for peer in self.world.peers.values():
            if peer.alive and peer.paused:
                self.world.resume(peer.name)
                return

    def _lie(self) -> None:
        self.random.choice(self.liars).act()


def story_of(seed: int) -> Story:
    """The story that belongs to a seed: mostly small rooms, some big ones, in two of three a liar or two."""
    dice = random.Random(seed)
    size = dice.choice([2, 3, 3, 4, 4, 5, 5, 6, 7, 9])
    liars = dice.sample(LIARS, dice.choice([0, 1, 1]) if size < 5 else dice.choice([0, 1, 2]))
    return Story(seed, size, liars)


def main(first: int, last: int) -> None:
    """Tell the stories of these seeds and print what happened in them."""
    happened: Counter[str] = Counter()
    begin, steps, people, failed = time.perf_counter(), 0, 0, []
    for seed in range(first, last):
        story = story_of(seed)
        try:
            story.tell()
        except (AssertionError, MeshconfError) as error:
            failed.append(f"seed {seed}: {error}")
        steps += story.oracle.steps
        people += len(story.world.peers)
        happened += story.happened
    seconds = time.perf_counter() - begin
    sys.stdout.write(f"{last - first} stories, {people} people, {steps} steps, {seconds:.1f} s, {dict(happened)}\n")
    sys.stdout.write("\n".join(failed or ["all of them ended well"]) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
