"""Wires remote control: the state machines of both sides to links, people, room, windows, this machine and the faces.

One ritual after whatever happens, as in the driver: send, tell, inject, wake up when something is due. Runs on the
event loop.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from meshconf.conference.driver import Driver
from meshconf.conference.events import Event, Notice
from meshconf.conference.gallery import Gallery
from meshconf.conference.people import People
from meshconf.conference.remote_control import commands, events
from meshconf.conference.remote_control.journal import Entry, Journal, moment
from meshconf.conference.remote_control.machine import Machine
from meshconf.conference.remote_control.pointing import FORBIDDEN, PointingDesk
from meshconf.conference.studio import Studio
from meshconf.devices.input.support import require_control
from meshconf.errors import DeviceError, LocalProtocolError, Refused, UsageError
from meshconf.protocol.control.controller import Controller
from meshconf.protocol.control.events import ControlChanged, ControlEvent, Copied, Injected, Paused, Reason
from meshconf.protocol.control.input import Input, Point
from meshconf.protocol.control.messages import ControlMessage, Pointing
from meshconf.protocol.control.owner import Owner
from meshconf.protocol.room.events import StateChanged
from meshconf.types import Area, Medium, PeerId, PeerState, SourceKind
from meshconf.windows.wire import Framing, Mode

SCREEN = SourceKind.SCREEN

DENIED: Mapping[str, str] = {
    Reason.DENIED: "{} said no to your request for control.",
    Reason.NO_ANSWER: "{} did not answer your request for control.",
    Reason.NO_SCREEN: "{} does not share a screen that could be controlled.",
    Reason.UNABLE: "The machine of {} cannot be controlled.",
    Reason.BUSY: "Somebody else controls the screen of {} or is about to; ask later.",
    Reason.TOO_SOON: "You have asked {} a moment ago; wait before you ask again.",
    Reason.FORBIDDEN: FORBIDDEN,
}
"""What the one who asked is told."""


@dataclass(slots=True)
class _Making:
    """A grant that is being made: mouse and keyboard get ready."""

    peer: PeerId
    called_off: bool = False
    """Whether what the peer asked for is over; another request of the same peer is another matter."""


class ControlDesk:
    """Remote control in one meeting.

    Args:
        driver: carries messages; knows mesh and room.
        people: names and identities.
        studio: whether and which screen of ours is shared.
        gallery: windows, their input and pointers.
        tell: takes events for the faces.
    """

    def __init__(
        self,
        driver: Driver,
        people: People,
        studio: Studio,
        gallery: Gallery,
        tell: Callable[[Event], None],
    ) -> None:
        self._driver = driver
        self._people = people
        self._studio = studio
        self._gallery = gallery
        self._tell = tell
        self._journal = Journal()
        self._owner = Owner(self._allows)
        self._controller = Controller(int(time.time() * 1000))
        self._pointing = PointingDesk(
            driver.room.own,
            people,
            gallery,
            allows=self._allows,
            shares=lambda peer: SCREEN in driver.mesh.sources_of(peer),
            set_mode=self._set_mode,
            tell=tell,
        )
        self._machine = Machine(on_own_input=self._own_input, on_copied=self._own_copied, on_end=self._machine_ended)
        self._sharing = 0
        self._shared: tuple[str, Area | None] | None = None
        """Which screen of ours is shared: as it was asked for, and where on the display it is."""
        self._making: _Making | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    # What a person wants.

    async def do(self, command: commands.ControlCommand) -> None:
        """Carry out a command.

        Raises:
            UsageError: nobody is that, or there is nothing to do.
            Refused: the room forbids it.
            DeviceError: this machine cannot be controlled.
        """
        try:
            await self._do(command)
        except LocalProtocolError as error:
            raise UsageError(str(error)) from error
        finally:
            self._settle()

    async def _do(self, command: commands.ControlCommand) -> None:
        now = time.monotonic()
        match command:
            case commands.ControlRequest(peer=who):
                self._request(self._people.present(who))
            case commands.ControlRelease(peer=who):
                if not self._controller.release(self._people.present(who), now=now):
                    raise UsageError("You have neither asked for that screen nor do you control it.")
            case commands.ControlGrant(peer=who, minutes=minutes, clipboard=clipboard):
                await self._grant(self._people.present(who), minutes * 60 or None, clipboard)
            case commands.ControlDeny(peer=who):
                if not self._owner.deny(self._people.present(who)):
                    raise UsageError("Nobody of that name asks for control.")
            case commands.ControlRevoke(peer=who):
                self._revoke(None if who is None else self._people.present(who), now=now)
            case commands.Input(peer=who):
                self._controller.act(self._people.present(who), command.meant(), now=now)
            case commands.Copy(peer=who, text=text):
                if not self._controller.copied(self._people.present(who), text):
                    raise UsageError("You do not control that machine, or its owner keeps the clipboard apart.")
            case commands.Point(peer=who, x=x, y=y, pen=pen):
                self._pointing.point(self._people.admitted(who), Point(x, y, pen))
            case commands.PointWithMouse(peer=who, on=True):
                self._pointing.point_with_mouse(self._people.present(who))
            case commands.PointWithMouse(peer=who):
                self._pointing.stop(self._people.present(who))

    # What happens around.

    def received(self, peer: PeerId, message: ControlMessage) -> None:
        """A peer says something about control."""
        now = time.monotonic()
        if isinstance(message, Pointing):
            self._pointing.received(peer, message, now=now)
        else:
            self._owner.receive(peer, message, now=now)
            self._controller.receive(peer, message, now=now)
        self._settle()

    def changed(self, peer: PeerId, state: PeerState) -> None:
        """Somebody left, or the connection to somebody is lost."""
        if state is PeerState.CONNECTED:
            return
        now, reason = time.monotonic(), Reason.LEFT if state is PeerState.LEFT else Reason.LOST
        self._owner.gone(peer, reason, now=now)
        self._controller.gone(peer, reason, now=now)
        self._pointing.gone(peer)
        self._settle()

    def ruled(self, change: StateChanged) -> None:
        """The room's rules, or its host, changed."""
        now = time.monotonic()
        if change.after.host != change.before.host:
            self._owner.revoke(Reason.TRANSFER, now=now)
        self._owner.ruled(now=now)
        self._controller.ruled(self._allows(self._driver.room.own), now=now)
        self._pointing.ruled()
        self._settle()

    def sources_changed(self) -> None:
        """We share a screen, another one, or none any more."""
        publisher = self._studio.screen
        shared = (publisher.spec, publisher.area) if publisher.on else None
        if shared != self._shared:
            self._shared = shared
            self._sharing += 1
        # Nobody can act in a test picture or a file.
        able = shared is not None and publisher.area is not None and _able()
        self._owner.shares(None if shared is None else self._sharing, able=able, now=time.monotonic())
        self._owner.covers(publisher.cast.showing != "live", now=time.monotonic())
        self._settle()

    def switched(self, peer: PeerId, source: SourceKind, on: bool) -> None:
        """Somebody switched a source: there is nothing to do at a screen that is not shared any more."""
        if source is SCREEN and not on:
            self._controller.release(peer, Reason.SCREEN, now=time.monotonic())
            self._pointing.stop(peer)
            self._settle()

    def acted(self, peer: PeerId, source: SourceKind, act: Input | Point) -> None:
        """The person here did something in a window of ours; what comes too late or too fast is dropped."""
        if source is not SCREEN:
            return
        if isinstance(act, Point):
            self._pointing.moved(peer, act)
        elif self._controller.controls(peer):
            try:
                self._controller.act(peer, act, now=time.monotonic())
            except LocalProtocolError:
                return
        self._settle()

    async def close(self) -> None:
        """End everything, both ways, and let go of mouse and keyboard."""
        now = time.monotonic()
        self._owner.revoke(Reason.LEFT, now=now)
        for peer in list(self._driver.mesh.connected()):
            self._controller.release(peer, now=now)
            self._owner.deny(peer, Reason.LEFT)
        self._settle()
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        await self._machine.close()
        await self._journal.close()

    # Asking and granting.

    def _request(self, peer: PeerId) -> None:
        if not self._allows(self._driver.room.own):
            raise Refused(FORBIDDEN, reason="forbidden")
        if peer not in self._driver.mesh.connected():
            raise UsageError(f"{self._people.name(peer)} cannot be reached at the moment.")
        if SCREEN not in self._driver.mesh.sources_of(peer):
            raise UsageError(f"{self._people.name(peer)} shares no screen.")
        self._controller.request(peer, now=time.monotonic())

    async def _grant(self, peer: PeerId, seconds: int | None, clipboard: bool) -> None:
        """Mouse and keyboard first: what cannot be injected is not granted."""
        if not self._owner.asking(peer):
            raise UsageError("Nobody of that name asks for control.")
        if self._making is not None or self._owner.controller is not None:
            raise UsageError("Somebody controls this screen already; end that first.")
        area = self._studio.screen.area
        assert area is not None, "who asks for what is no screen is denied"
        self._making = making = _Making(peer)
        sharing = self._sharing
        try:
            await self._machine.open(area, clipboard=clipboard)
            if self._sharing != sharing:
                raise UsageError("You share something else by now; nobody was given control.")
            # Whoever asked may have given up, left or been forbidden meanwhile, or the person here has ended it.
            if making.called_off:
                raise UsageError("Nobody of that name asks for control any more; nobody was given it.")
            self._owner.grant(peer, seconds, id=os.urandom(8), clipboard=clipboard, now=time.monotonic())
        except DeviceError:
            self._owner.deny(peer, Reason.UNABLE)
            raise
        finally:
            self._making = None
            if self._owner.controller is None:
                self._machine.shut()
        text = f"{self._people.name(peer)} controls this screen: Esc three times ends it"
        self._gallery.frame(Framing(text, area))

    def _revoke(self, peer: PeerId | None, *, now: float) -> None:
        """End control by this peer, or by whoever has it or is about to."""
        making = self._making
        if making is not None and peer in (None, making.peer) and self._owner.deny(making.peer, Reason.REVOKED):
            return
        if peer not in (None, self._owner.controller) or not self._owner.revoke(now=now):
            raise UsageError("Nobody controls your screen." if peer is None else "They do not control it.")

    def _allows(self, peer: PeerId) -> bool:
        return self._driver.room.state.allows(peer, Medium.CONTROL)

    # Mouse and keyboard, ours and theirs.

    def _own_input(self) -> None:
        self._owner.own_input(now=time.monotonic())
        self._settle()

    def _own_copied(self, text: str) -> None:
        self._owner.copied(text, now=time.monotonic())
        self._settle()

    def _machine_ended(self, reason: Reason) -> None:
        self._owner.revoke(reason, now=time.monotonic())
        self._settle()

    def _set_mode(self, peer: PeerId) -> bool:
        """What mouse and keys do over the window of somebody's screen."""
        mode: Mode = "watch"
        if self._controller.controls(peer):
            mode = "control"
        elif self._pointing.points_with_mouse(peer):
            mode = "point"
        return self._gallery.set_mode(peer, SCREEN, mode)

    # The ritual.

    def _settle(self) -> None:
        """Send, tell and inject what the state machines ask for, and wake up when something is due."""
        if self._closed:
            return
        now = time.monotonic()
        self._owner.handle_timer(now=now)
        self._controller.handle_timer(now=now)
        for event in [*self._owner.events(), *self._controller.events()]:
            self._happened(event)
        for peer, message in [*self._owner.sends(), *self._controller.sends()]:
            self._driver.send(peer, message)
        if (pointing := self._pointing.turn(now=now)) is not None:
            self._driver.broadcast(pointing)
        self._wake(now)

    def _wake(self, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        timers = (self._owner.next_timer(now=now), self._controller.next_timer(now=now), self._pointing.next_timer())
        due = [timer for timer in timers if timer is not None]
        if due:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, min(due) - now), self._settle)

    def _happened(self, event: ControlEvent) -> None:
        match event:
            case Injected(inputs=inputs):
                if not self._machine.do(inputs) and self._owner.revoke(Reason.STUCK, now=time.monotonic()):
                    asyncio.get_running_loop().call_soon(self._settle)
            case Paused(role=role, peer=peer, paused=paused):
                name = self._people.name(peer)
                self._tell(events.ControlPaused(peer=peer, name=name, role=role, paused=paused))
            case Copied(role="controlled", text=text):
                self._machine.copy(text)
            case Copied(peer=peer, text=text):
                self._tell(events.Copied(peer=peer, name=self._people.name(peer), text=text))
            case ControlChanged():
                self._step(event)

    def _step(self, step: ControlChanged) -> None:
        peer, name = step.peer, self._people.name(step.peer)
        identity = self._people.verdict(peer)
        self._tell(
            events.Control(
                peer=peer,
                name=name,
                role=step.role,
                state=step.state,
                reason=step.reason or None,
                identity=identity,
                seconds=step.seconds,
                clipboard=step.clipboard if step.state == "granted" else None,
                lasted=round(step.lasted, 3) if step.lasted else None,
                counts=dict(step.counts) if step.lasted else None,
            )
        )
        if step.role == "controller":
            self._set_mode(peer)
            if step.state == "denied":
                self._tell(Notice(text=DENIED.get(step.reason, DENIED[Reason.DENIED]).format(name)))
            return
        if self._making is not None and self._making.peer == peer and step.state in ("denied", "ended"):
            self._making.called_off = True
        if step.state == "ended" and self._owner.controller is None and self._making is None:
            self._machine.shut()
            self._gallery.frame(None)
        entry = Entry(
            at=moment(),
            peer=peer,
            name=name,
            identity=identity,
            state=step.state,
            reason=step.reason,
            seconds=step.seconds,
            lasted=round(step.lasted, 3),
            counts=step.counts,
        )
        self._journal.put(entry)


def _able() -> bool:
    try:
        require_control()
    except DeviceError:
        return False
    return True
