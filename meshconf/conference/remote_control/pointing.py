"""Who points where on whose shared screen: our mouse, told to the others, and theirs, shown in windows and to faces."""

from __future__ import annotations

import time
from collections.abc import Callable

from meshconf.conference.allowance import Allowance, Rate
from meshconf.conference.gallery import Gallery
from meshconf.conference.people import People
from meshconf.conference.remote_control import events
from meshconf.errors import Refused, UsageError
from meshconf.protocol.control.input import Point
from meshconf.protocol.control.messages import Pointing
from meshconf.protocol.control.pointers import Pointers
from meshconf.types import PeerId, SourceKind
from meshconf.windows.wire import Pointer

TELLING = Rate(messages=0.5, burst=10, bytes=1000, burst_bytes=10_000)
"""How often it is told that one peer begins to point: programs may do so 200 times a second, here and there."""

FORBIDDEN = "Host or admin have forbidden remote control here."


class PointingDesk:
    """Pointing in one meeting; whoever may not control by the room's rules may not point either.

    Args:
        own: who we are.
        people: names.
        gallery: shows pointers.
        allows: whether the room lets somebody point.
        shares: whether somebody else is here and shares a screen.
        set_mode: decides anew what our mouse does over the window of somebody's screen; whether there are windows.
        tell: takes events for the faces.
    """

    def __init__(
        self,
        own: PeerId,
        people: People,
        gallery: Gallery,
        *,
        allows: Callable[[PeerId], bool],
        shares: Callable[[PeerId], bool],
        set_mode: Callable[[PeerId], bool],
        tell: Callable[[events.Pointing], None],
    ) -> None:
        self._own = own
        self._people = people
        self._gallery = gallery
        self._allows = allows
        self._shares = shares
        self._set_mode = set_mode
        self._tell = tell
        self._pointers = Pointers()
        self._known: dict[tuple[PeerId, PeerId], str] = {}
        """Who is known to point at whose screen, with what they are called."""
        self._telling = Allowance(TELLING)
        self._with_mouse: set[PeerId] = set()
        """At whose screens our mouse points."""

    # Ours.

    def point(self, owner: PeerId, point: Point) -> None:
        """Point at a place of somebody's screen.

        Raises:
            Refused: the room forbids it.
        """
        self._require_allowed()
        self._pointers.point(owner, point, now=time.monotonic())

    def point_with_mouse(self, owner: PeerId) -> None:
        """From now on our mouse over the window of somebody's screen points there.

        Raises:
            Refused: the room forbids it.
            UsageError: there are no windows.
        """
        self._require_allowed()
        self._with_mouse.add(owner)
        if not self._set_mode(owner):
            self._with_mouse.discard(owner)
            raise UsageError("There is no window here to point in; give the place with the command `point`.")

    def points_with_mouse(self, owner: PeerId) -> bool:
        """Whether our mouse over the window of somebody's screen points there."""
        return owner in self._with_mouse

    def moved(self, owner: PeerId, point: Point) -> None:
        """Our mouse is over the window of somebody's screen; of no matter if it does not point, or not any more."""
        if owner in self._with_mouse and self._allows(self._own):
            self._pointers.point(owner, point, now=time.monotonic())

    def stop(self, owner: PeerId) -> None:
        """We point at somebody's screen no more, neither with the mouse nor without; idempotent."""
        self._pointers.stop(owner, now=time.monotonic())
        if owner in self._with_mouse:
            self._with_mouse.discard(owner)
            self._set_mode(owner)

    # Theirs.

    def received(self, peer: PeerId, message: Pointing, *, now: float) -> None:
        """A peer says where it points; of no matter where that is nobody's screen."""
        owner = PeerId(message.owner)
        if self._allows(peer) and (owner == self._own or self._shares(owner)):
            self._show(self._pointers.take(peer, message, now=now))

    def gone(self, peer: PeerId) -> None:
        """Somebody left, or the connection is lost."""
        self._show(self._pointers.forget(peer))
        self.stop(peer)

    def ruled(self) -> None:
        """The room's rules have changed."""
        for peer in {peer for peer, _ in self._known if not self._allows(peer)}:
            self._show(self._pointers.forget(peer))

    # The ritual of the desk.

    def turn(self, *, now: float) -> Pointing | None:
        """Take away pointers that gave no news; what is to be told to everybody now."""
        self._show(self._pointers.fade(now=now))
        return self._pointers.say(now=now)

    def next_timer(self) -> float | None:
        """When a turn is due."""
        return self._pointers.next_timer()

    # Private.

    def _require_allowed(self) -> None:
        if not self._allows(self._own):
            raise Refused(FORBIDDEN, reason="forbidden")

    def _show(self, owners: set[PeerId]) -> None:
        for owner in owners:
            shown = self._pointers.shown(owner)
            names = {pointer.peer: self._people.name(pointer.peer) for pointer in shown}
            pointers = [Pointer(one.peer, names[one.peer], one.x, one.y, one.pen) for one in shown]
            self._gallery.show_pointers(owner, SourceKind.SCREEN, pointers)
            self._tell_change(owner, names)

    def _tell_change(self, owner: PeerId, names: dict[PeerId, str]) -> None:
        """Tell who began and who ended pointing at a screen, where these are who points there now."""
        known = {peer for peer, of in self._known if of == owner}
        for peer in names.keys() - known:
            if self._telling.spend(peer, 1, now=time.monotonic()):
                self._known[peer, owner] = names[peer]
                self._tell(events.Pointing(peer=peer, name=names[peer], owner=owner, on=True))
        for peer in known - names.keys():
            name = self._known.pop((peer, owner))
            self._tell(events.Pointing(peer=peer, name=name, owner=owner, on=False))
