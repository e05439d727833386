"""The desk between the state machines and everything else: rules, machine, windows, faces, the journal."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from meshconf.conference import events as api
from meshconf.conference.driver import Driver
from meshconf.conference.gallery import Gallery
from meshconf.conference.people import People
from meshconf.conference.remote_control import commands, desk, events
from meshconf.conference.remote_control.desk import ControlDesk
from meshconf.conference.studio import Studio
from meshconf.errors import DeviceError, Refused, UsageError
from meshconf.protocol.control import owner as owner_module
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Move, Point, Text
from meshconf.protocol.control.messages import (
    ControlClipboard,
    ControlDeny,
    ControlGrant,
    ControlInputs,
    ControlMessage,
    ControlRelease,
    ControlRequest,
    ControlRevoke,
    Pointing,
)
from meshconf.types import Area, KeyVerdict, Medium, PeerId, PeerState, SourceKind
from meshconf.windows.wire import Framing, Pointer

ADA, BOB, EVE = PeerId("a" * 16), PeerId("b" * 16), PeerId("e" * 16)
SCREEN = SourceKind.SCREEN
AREA, ASIDE = Area(0, 0, 800, 600), Area(800, 0, 640, 480)


class FakeMachine:
    """Mouse and keyboard that write down what they do."""

    def __init__(self, *, on_own_input: Any, on_copied: Any, on_end: Any) -> None:
        self.on_own_input, self.on_copied, self.on_end = on_own_input, on_copied, on_end
        self.clipboard: list[str] = []
        self.opened: list[Area] = []
        self.done: list[Input] = []
        self.shuts = 0
        self.refusal: DeviceError | None = None
        self.meanwhile: Callable[[], Awaitable[None] | None] = lambda: None
        FakeMachine.last = self

    last: FakeMachine

    async def open(self, screen: Area, *, clipboard: bool) -> None:
        await asyncio.sleep(0)
        if (happens := self.meanwhile()) is not None:
            await happens
        if self.refusal is not None:
            raise self.refusal
        self.opened.append(screen)

    def do(self, inputs: Sequence[Input]) -> bool:
        self.done += inputs
        return True

    def copy(self, text: str) -> None:
        self.clipboard.append(text)

    def shut(self) -> None:
        self.shuts += 1

    async def close(self) -> None:
        self.shuts += 1


class Scene:
    """Ada's desk, and all around it as fakes."""

    def __init__(self) -> None:
        self.forbidden: set[str] = set()
        self.shared_by = {BOB: {SCREEN}, EVE: {SCREEN}}
        self.sent: list[tuple[PeerId, Any]] = []
        self.news = asyncio.Event()
        self.told: list[api.Event] = []
        self.modes: list[tuple[PeerId, str]] = []
        self.pointers: list[list[Pointer]] = []
        self.frames: list[Area | None] = []
        self.windows = True
        self.spec, self.on, self.area = "default", False, cast(Area | None, AREA)
        self.cast, self.showing = self, "live"
        self.host = ADA
        names = {ADA: "Ada", BOB: "Bob", EVE: "Eve"}
        self.own, self.state, self.room, self.mesh = ADA, self, self, self
        self.screen = self
        self.name = lambda peer: names[peer]
        self.desk = ControlDesk(
            cast(Driver, self), cast(People, self), cast(Studio, self), cast(Gallery, self), self.told.append
        )
        self.machine = FakeMachine.last

    # Driver, mesh and room.

    def send(self, peer: PeerId, message: Any) -> bool:
        self.sent.append((peer, message))
        return True

    async def something_sent(self) -> None:
        self.news.clear()
        if not self.sent:
            await asyncio.wait_for(self.news.wait(), 5)

    def broadcast(self, message: Any) -> None:
        self.news.set()
        self.sent += [(peer, message) for peer in self.connected()]

    def connected(self) -> list[PeerId]:
        return [BOB, EVE]

    def sources_of(self, peer: PeerId) -> set[SourceKind]:
        return self.shared_by.get(peer, set())

    def allows(self, peer: PeerId, medium: Medium) -> bool:
        return medium is not Medium.CONTROL or peer not in self.forbidden

    # People.

    def present(self, who: str) -> PeerId:
        if who not in ("Bob", "Eve", BOB, EVE):
            raise UsageError(f"Nobody here is {who!r}.")
        return {"Bob": BOB, "Eve": EVE}.get(who, PeerId(who))

    admitted = present

    def verdict(self, peer: PeerId) -> KeyVerdict:
        return KeyVerdict.KNOWN

    # Gallery.

    def set_mode(self, peer: PeerId, source: SourceKind, mode: str) -> bool:
        self.modes.append((peer, mode))
        return self.windows

    def show_pointers(self, peer: PeerId, source: SourceKind, pointers: list[Pointer]) -> None:
        self.pointers.append(pointers)

    def frame(self, framing: Framing | None) -> None:
        self.frames.append(None if framing is None else framing.area)

    # What happens.

    def share(self, spec: str = "default", *, on: bool = True, area: Area | None = AREA) -> None:
        self.spec, self.on, self.area = spec, on, area
        self.desk.sources_changed()

    async def grant(self, minutes: int = 5) -> bytes:
        self.share()
        self.desk.received(BOB, ControlRequest(number=1))
        await self.desk.do(commands.ControlGrant(peer="Bob", minutes=minutes))
        return next(m.grant for _, m in reversed(self.sent) if isinstance(m, ControlGrant))

    def press(self, grant: bytes, first: int = 1) -> None:
        self.desk.received(BOB, ControlInputs(grant=grant, first=first, inputs=[KeyDown("a", "KeyA")]))

    def steps(self) -> list[tuple[str, str, str | None]]:
        return [(e.role, e.state, e.reason) for e in self.told if isinstance(e, events.Control)]

    def last_sent(self) -> tuple[PeerId, ControlMessage]:
        return self.sent[-1]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(desk, "Machine", FakeMachine)
    monkeypatch.setattr(desk, "_able", lambda: True)
    return Scene()


async def test_a_grant_takes_hold_of_the_machine_and_shows_a_frame(scene: Scene) -> None:
    grant = await scene.grant(minutes=15)
    assert scene.machine.opened == [AREA] and scene.frames == [AREA]
    assert scene.sent[-1] == (BOB, ControlGrant(number=1, grant=grant, seconds=900))
    scene.press(grant)
    await scene.desk.do(commands.ControlRevoke())
    assert scene.machine.done == [KeyDown("a", "KeyA"), KeyUp("a", "KeyA")]
    assert scene.machine.shuts == 1 and scene.frames == [AREA, None]
    assert scene.last_sent() == (BOB, ControlRevoke(grant=grant))
    assert scene.steps() == [
        ("controlled", "requested", None),
        ("controlled", "granted", None),
        ("controlled", "ended", "revoked"),
    ]


async def test_a_machine_that_refuses_is_granted_to_nobody(scene: Scene) -> None:
    scene.machine.refusal = DeviceError("No XTEST.", fix="another display")
    with pytest.raises(DeviceError):
        await scene.grant()
    assert scene.last_sent() == (BOB, ControlDeny(number=1, reason="unable"))


async def test_who_gives_up_while_the_machine_gets_ready_is_granted_nothing(scene: Scene) -> None:
    scene.machine.meanwhile = lambda: scene.desk.changed(BOB, PeerState.LEFT)
    with pytest.raises(UsageError, match="asks for control"):
        await scene.grant()
    assert scene.machine.shuts == 1 and scene.frames == []


async def test_control_of_a_screen_that_is_not_the_one_that_got_ready_is_granted_to_nobody(scene: Scene) -> None:
    scene.machine.meanwhile = lambda: scene.share("2")
    with pytest.raises(UsageError, match="something else"):
        await scene.grant()
    assert scene.machine.shuts == 1 and scene.frames == []
    assert not any(isinstance(message, ControlGrant) for _, message in scene.sent)


async def test_the_same_name_for_another_part_of_the_display_is_another_screen(scene: Scene) -> None:
    scene.press(await scene.grant())
    scene.share(area=ASIDE)
    assert scene.steps()[-1] == ("controlled", "ended", "screen")


@pytest.mark.parametrize("peer", [None, "Bob"])
@pytest.mark.parametrize("again", [False, True])
async def test_ending_control_before_it_began_is_a_no(scene: Scene, peer: str | None, again: bool) -> None:
    async def end() -> None:
        await scene.desk.do(commands.ControlRevoke(peer=peer))
        assert scene.last_sent() == (BOB, ControlDeny(number=1, reason="revoked"))
        if again:  # who is denied asks once more, and nobody has answered that
            monkey_time.setattr(owner_module, "ASK_EVERY", 0.0)
            scene.desk.received(BOB, ControlRequest(number=2))

    with pytest.MonkeyPatch.context() as monkey_time:
        scene.machine.meanwhile = end
        with pytest.raises(UsageError, match="any more"):
            await scene.grant()
    assert scene.machine.shuts == 1 and scene.frames == []
    assert not any(isinstance(message, ControlGrant) for _, message in scene.sent)
    assert scene.steps()[:2] == [("controlled", "requested", None), ("controlled", "denied", "revoked")]


async def test_another_one_is_not_ended_while_somebody_is_given_control(scene: Scene) -> None:
    async def end() -> None:
        with pytest.raises(UsageError, match="do not control"):
            await scene.desk.do(commands.ControlRevoke(peer="Eve"))

    scene.machine.meanwhile = end
    assert await scene.grant()


async def test_one_who_asks_no_more_does_not_end_the_control_of_another(scene: Scene) -> None:
    scene.share()
    scene.desk.received(EVE, ControlRequest(number=7))
    scene.press(await scene.grant())
    scene.desk.received(EVE, ControlRelease(number=7))
    assert scene.steps()[-1] == ("controlled", "ended", "released")
    assert scene.machine.shuts == 0 and scene.frames == [AREA]


async def test_what_is_no_screen_cannot_be_controlled(scene: Scene) -> None:
    scene.share("test", area=None)
    scene.desk.received(BOB, ControlRequest(number=1))
    assert scene.last_sent() == (BOB, ControlDeny(number=1, reason="unable"))


async def test_nobody_is_asked_for_a_screen_that_they_do_not_share(scene: Scene) -> None:
    scene.shared_by = {EVE: {SourceKind.CAMERA}}
    with pytest.raises(UsageError, match=r"Eve shares no screen\."):
        await scene.desk.do(commands.ControlRequest(peer="Eve"))
    assert scene.sent == [] and scene.steps() == []


async def test_a_forbidden_room_refuses_before_anybody_is_asked(scene: Scene) -> None:
    scene.forbidden = {ADA, BOB}
    for command in (
        commands.ControlRequest(peer="Bob"),
        commands.Point(peer="Bob", x=0.5, y=0.5),
        commands.PointWithMouse(peer="Bob", on=True),
    ):
        with pytest.raises(Refused):
            await scene.desk.do(command)
    scene.share()
    scene.desk.received(BOB, ControlRequest(number=1))
    scene.desk.received(BOB, Pointing(owner=ADA, n=1, x=0.5, y=0.5))
    assert scene.sent == [(BOB, ControlDeny(number=1, reason="forbidden"))]
    assert scene.steps() == [] and scene.pointers == []


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("own region", "screen"),
        ("screen off", "screen"),
        ("left", "left"),
        ("lost", "lost"),
        ("panic", "panic"),
        ("crash", "crash"),
    ],
)
async def test_every_end_lets_go(scene: Scene, how: str, reason: str) -> None:
    scene.press(await scene.grant())
    match how:
        case "own region":
            scene.share("region:64x64+0+0")
        case "screen off":
            scene.share(on=False)
        case "left" | "lost":
            scene.desk.changed(BOB, PeerState.LEFT if how == "left" else PeerState.RECONNECTING)
        case _:
            scene.machine.on_end(how)
    assert scene.machine.done[-1] == KeyUp("a", "KeyA")
    assert scene.machine.shuts == 1
    assert scene.steps()[-1] == ("controlled", "ended", reason)


async def test_leaving_ends_both_sides(scene: Scene) -> None:
    scene.press(await scene.grant())
    await scene.desk.do(commands.ControlRequest(peer="Eve"))
    await scene.desk.close()
    assert scene.machine.done[-1] == KeyUp("a", "KeyA")
    assert {step[1:] for step in scene.steps()} >= {("ended", "left"), ("ended", "released")}


async def test_own_hands_pause_and_are_told(scene: Scene) -> None:
    grant = await scene.grant()
    scene.press(grant)
    scene.machine.on_own_input()
    scene.press(grant, first=2)
    assert scene.machine.done == [KeyDown("a", "KeyA"), KeyUp("a", "KeyA")]
    assert [e.paused for e in scene.told if isinstance(e, events.ControlPaused)] == [True]


async def test_nobody_acts_on_a_screen_that_is_frozen_or_blank(scene: Scene) -> None:
    grant = await scene.grant()
    scene.press(grant)
    scene.showing = "blank"
    scene.desk.sources_changed()
    scene.press(grant, first=2)
    assert scene.machine.done == [KeyDown("a", "KeyA"), KeyUp("a", "KeyA")]
    assert [e.paused for e in scene.told if isinstance(e, events.ControlPaused)] == [True]
    scene.showing = "live"
    scene.desk.sources_changed()
    scene.press(grant, first=3)
    assert scene.machine.done[2:] == [KeyDown("a", "KeyA")]


async def test_windows_act_where_we_control_and_point_where_we_said_so(scene: Scene) -> None:
    acted = scene.desk.acted
    acted(BOB, SCREEN, KeyDown("a", "KeyA"))
    assert scene.sent == [], "without a grant"
    await scene.desk.do(commands.PointWithMouse(peer="Bob", on=True))
    acted(BOB, SCREEN, Point(0.5, 0.25, True))
    assert {message for _, message in scene.sent} == {Pointing(owner=BOB, n=1, x=0.5, y=0.25, pen=True)}
    await scene.desk.do(commands.ControlRequest(peer="Bob"))
    _, request = scene.last_sent()
    assert isinstance(request, ControlRequest)
    scene.desk.received(BOB, ControlGrant(number=request.number, grant=bytes(8)))
    assert scene.modes == [(BOB, "point"), (BOB, "point"), (BOB, "control")]
    acted(BOB, SCREEN, Text("hi"))
    acted(BOB, SourceKind.CAMERA, Move(0, 0))
    assert scene.last_sent() == (BOB, ControlInputs(grant=bytes(8), first=1, inputs=[Text("hi")]))
    scene.desk.received(BOB, ControlRevoke(grant=bytes(8)))
    assert scene.modes[-1] == (BOB, "point")


@pytest.mark.parametrize("how", ["the command", "the screen", "the connection"])
async def test_after_an_end_the_mouse_points_only_when_it_is_told_to_again(scene: Scene, how: str) -> None:
    acted = scene.desk.acted
    await scene.desk.do(commands.PointWithMouse(peer="Bob", on=True))
    acted(BOB, SCREEN, Point(0.5, 0.25))
    match how:
        case "the command":
            await scene.desk.do(commands.PointWithMouse(peer="Bob", on=False))
        case "the screen":
            scene.desk.switched(BOB, SCREEN, False)
        case "the connection":
            scene.desk.changed(BOB, PeerState.RECONNECTING)
    assert scene.modes == [(BOB, "point"), (BOB, "watch")]
    scene.sent.clear()
    acted(BOB, SCREEN, Point(0.75, 0.25))
    await scene.something_sent()
    assert {(message.x, message.y) for _, message in scene.sent} == {(-1, -1)}
    await scene.desk.do(commands.PointWithMouse(peer="Bob", on=True))
    assert scene.modes[-1] == (BOB, "point")


async def test_who_ends_pointing_at_one_screen_still_points_at_another(scene: Scene) -> None:
    await scene.desk.do(commands.Point(peer="Eve", x=0.5, y=0.5))
    scene.sent.clear()
    await scene.desk.do(commands.PointWithMouse(peer="Bob", on=False))
    await scene.something_sent()
    assert {(message.owner, message.x) for _, message in scene.sent} == {(EVE, 0.5)}


async def test_pointing_needs_a_window_or_a_place(scene: Scene) -> None:
    scene.windows = False
    with pytest.raises(UsageError, match="no window"):
        await scene.desk.do(commands.PointWithMouse(peer="Bob", on=True))


async def test_pointers_are_shown_and_their_coming_and_going_is_told(scene: Scene) -> None:
    scene.desk.received(BOB, Pointing(owner=ADA, n=1, x=0.5, y=0.5))
    scene.desk.received(BOB, Pointing(owner=ADA, n=2, x=0.6, y=0.5, pen=True))
    scene.desk.received(BOB, Pointing(owner=ADA, n=3, x=-1, y=-1))
    assert scene.pointers == [[Pointer(BOB, "Bob", 0.5, 0.5)], [Pointer(BOB, "Bob", 0.6, 0.5, True)], []]
    assert [(e.name, e.on) for e in scene.told if isinstance(e, events.Pointing)] == [("Bob", True), ("Bob", False)]


async def test_text_is_copied_both_ways_where_the_owner_said_so(scene: Scene) -> None:
    scene.share()
    scene.desk.received(BOB, ControlRequest(number=1))
    await scene.desk.do(commands.ControlGrant(peer="Bob", clipboard=True))
    grant = next(m for _, m in scene.sent if isinstance(m, ControlGrant))
    scene.desk.received(BOB, ControlClipboard(grant=grant.grant, text="theirs"))
    scene.machine.on_copied("ours")
    assert grant.clipboard and scene.machine.clipboard == ["theirs"]
    assert scene.last_sent() == (BOB, ControlClipboard(grant=grant.grant, text="ours"))
    with pytest.raises(UsageError, match="clipboard"):
        await scene.desk.do(commands.Copy(peer="Eve", text="nothing"))
    await scene.desk.do(commands.ControlRequest(peer="Eve"))
    request = cast(ControlRequest, scene.last_sent()[1])
    scene.desk.received(EVE, ControlGrant(number=request.number, grant=bytes(8), clipboard=True))
    await scene.desk.do(commands.Copy(peer="Eve", text="there"))
    assert scene.last_sent() == (EVE, ControlClipboard(grant=bytes(8), text="there"))
    scene.desk.received(EVE, ControlClipboard(grant=bytes(8), text="back"))
    assert [event.text for event in scene.told if isinstance(event, events.Copied)] == ["back"]


async def test_who_points_at_what_is_nobodys_screen_is_neither_shown_nor_told_of(scene: Scene) -> None:
    scene.shared_by = {BOB: {SCREEN}, EVE: {SourceKind.CAMERA}}
    for n, owner in enumerate([PeerId("z" * 16), EVE], start=1):
        scene.desk.received(BOB, Pointing(owner=owner, n=n, x=0.5, y=0.5))
    assert scene.pointers == [] and scene.told == []


async def test_who_points_here_and_there_without_end_is_shown_and_soon_not_told_any_more(scene: Scene) -> None:
    for n in range(1, 200):
        scene.desk.received(BOB, Pointing(owner=(ADA, EVE)[n % 2], n=n, x=0.5, y=0.5))
    told = [(e.owner, e.on) for e in scene.told if isinstance(e, events.Pointing)]
    assert len(told) <= 22
    assert all(told.count((owner, True)) - told.count((owner, False)) in (0, 1) for owner in (ADA, EVE))
    assert len(scene.pointers) == 2 * 199 - 1
    scene.desk.received(EVE, Pointing(owner=ADA, n=1, x=0.5, y=0.5))
    assert isinstance(scene.told[-1], events.Pointing) and scene.told[-1].name == "Eve"


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({"kind": "text", "text": "é"}, Text("é")),
        ({"kind": "move", "x": 0.5, "y": 1}, Move(0.5, 1.0)),
        ({"kind": "key_down", "key": "Enter"}, KeyDown("Enter", "")),
    ],
)
def test_input_is_understood(fields: dict[str, Any], meant: Input) -> None:
    assert commands.Input(peer="Bob", **fields).meant() == meant


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "move", "x": 0.5},
        {"kind": "move", "x": 0.5, "y": 1.5},
        {"kind": "press", "x": 0.5, "y": 0.5, "button": "nose"},
        {"kind": "text", "text": ""},
        {"kind": "scroll", "dy": 1},
    ],
)
def test_input_that_does_not_fit_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="does not fit"):
        commands.Input(peer="Bob", **fields).meant()


async def test_the_journal_has_kinds_and_counts_and_no_keys(scene: Scene, own_home: Path) -> None:
    grant = await scene.grant()
    secret = [Text("my secret"), KeyDown("s", "KeyS")]
    scene.desk.received(BOB, ControlInputs(grant=grant, first=1, inputs=cast(Any, secret)))
    await asyncio.sleep(0.01)
    await scene.desk.do(commands.ControlRevoke(peer="Bob"))
    await scene.desk.close()
    file = own_home / "log" / "control.log"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["state"] for line in lines] == ["requested", "granted", "ended"]
    assert lines[-1]["counts"] == {"text": 9, "key_down": 1} and lines[-1]["name"] == "Bob"
    assert "secret" not in file.read_text()
    assert os.stat(file).st_mode & 0o077 == 0
