"""The events of the control API (the JSON lines of every face), as typed records.

The wire form is `msgspec.json.encode`: one object a line, `event` first. Fields are only ever added.
`t` is seconds since the engine started.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from meshconf.errors import DeviceKind, Remedy
from meshconf.types import Ending, KeyVerdict, LinkPath, PeerState, SourceKind


class Event(msgspec.Struct, kw_only=True, tag_field="event", omit_defaults=False):
    """Base of all events."""

    t: float = 0.0


class Room(Event, tag="room"):
    """The meeting is open; sent to the host before anyone joins, and again when the code changes."""

    room: str
    invite: str
    link: str
    self: str
    title: str
    name: str
    """Our own."""


class Named(msgspec.Struct):
    """A participant in a list."""

    peer: str
    name: str


class Joined(Event, tag="joined"):
    """We were let in."""

    room: str
    self: str
    host: str
    title: str
    name: str
    """Our own."""
    peers: list[Named]


class Peer(Event, tag="peer"):
    """A participant came, or its connection changed."""

    peer: str
    name: str
    state: PeerState
    path: LinkPath | None = None
    identity: KeyVerdict | None = None
    """Whether we met the owner of this key before; `changed`: met under this name, but with another key."""


class Forbidden(msgspec.Struct):
    """What the room forbids: nobody, everybody, or the ids named."""

    audio: bool | list[str] = False
    video: bool | list[str] = False
    screen: bool | list[str] = False
    control: bool | list[str] = False


class RoomState(Event, tag="room_state"):
    """Who is host, who is here, what the rules are."""

    epoch: int
    seq: int
    host: str
    admins: list[str]
    members: list[str]
    locked: bool
    lobby: bool
    forbidden: Forbidden
    history: bool = False
    """Whether newcomers get the chat of before."""


class Lobby(Event, tag="lobby"):
    """To host and admins: somebody waits to be let in, or (`waiting` false) waits no more."""

    peer: str
    name: str
    waiting: bool = True
    identity: KeyVerdict | None = None
    """As in `peer`."""


class Phrase(Event, tag="phrase"):
    """Six words that we and somebody compare by voice; they agree only if each has the other's true key."""

    peer: str
    name: str
    phrase: str
    identity: KeyVerdict | None = None


class Undone(Event, tag="undone"):
    """Two halves of the meeting met again, and what was done in ours does not hold."""

    act: str
    by: str
    peer: str | None = None
    kind: str | None = None


class HostReturned(Event, tag="host_returned"):
    """We became host when the former one was lost, who is back now and may get the role back."""

    peer: str
    name: str


class Source(Event, tag="source"):
    """Somebody (or we) switched a source."""

    peer: str
    source: SourceKind
    state: Literal["on", "off", "forbidden"]
    showing: Literal["live", "frozen", "blank"] | None = None
    """What the others see of our own screen while it is on; left out of everything else."""


class FirstFrame(Event, tag="first_frame"):
    """The first picture or sound of a source that reached us; sizes are null for sound."""

    peer: str
    name: str
    source: SourceKind
    width: int | None = None
    height: int | None = None


class Picture(Event, tag="picture"):
    """Where faces and recorders find the pictures of a source from now on, ours included: see `meshconf.pictures.bus`.

    Told when the bus appears, changes or goes. Only sources that somebody shows have pictures.
    """

    peer: str
    source: SourceKind
    bus: str | None
    """Name of the shared memory, on the engine's machine; null when there are no pictures any more."""


class Windows(Event, tag="windows"):
    """Whether the engine shows pictures in windows; where it does not, a face may show them itself."""

    open: bool


class Chat(Event, tag="chat"):
    """A line of chat; `to` is null when it is for everybody."""

    peer: str
    name: str
    text: str
    to: str | None = None
    past: bool = False
    """Said before we came, and told by the host."""


class Level(msgspec.Struct):
    """Loudness of a participant."""

    db: float
    speaking: bool


class Levels(Event, tag="levels"):
    """Five times a second to attached faces: who is how loud. Not part of the headless lines."""

    levels: dict[str, Level]


class Device(msgspec.Struct):
    """A device in a list."""

    name: str
    """What to choose it by."""
    default: bool
    """Whether `default` means it."""


class Devices(Event, tag="devices"):
    """What this machine has, and what of it is in use; told once a device is used or asked for, and at each change."""

    microphones: list[Device]
    speakers: list[Device]
    cameras: list[Device]
    mic: str | None
    """The microphone that is open; null for none, and for tests and files."""
    speaker: str | None
    """The speaker that is open."""


class Notice(Event, tag="notice"):
    """A plain sentence for the person: a missing device, a wrong guess at the door."""

    text: str
    code: str | None = None
    """A stable word for scripts, where a notice has one."""
    peer: str | None = None
    """Whom it is about, where it is about one person."""


class SourceStats(msgspec.Struct, kw_only=True):
    """What arrives of one source of a peer, over the last second."""

    source: SourceKind
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bps: float | None = None
    delay_ms: float | None = None
    """Capture to decoded, newest, where the picture carries a readable clock (`test`) and both machines share one."""
    delays_ms: list[float] | None = None
    """The same for up to ten pictures of the second; null of sounds."""
    frozen_ms: float = 0.0
    freezes_ms: list[float] | None = None
    """Lengths of the gaps between two pictures over 200 ms that ended in the second; null of sounds."""
    concealed: float | None = None
    level_db: float | None = None


class LinkStats(msgspec.Struct, kw_only=True):
    """One connection over the last second."""

    peer: str
    path: LinkPath | None
    rtt_ms: float | None
    loss: float | None
    up_bps: float
    down_bps: float
    sources: list[SourceStats]


class EncoderStats(msgspec.Struct, kw_only=True):
    """One encoder: it runs once, however many watch."""

    source: SourceKind
    rung: str
    viewers: int
    bps: float


class Stats(Event, tag="stats"):
    """Once a second with `--stats`, and to attached faces."""

    links: list[LinkStats]
    encoders: list[EncoderStats]
    cpu_s: float
    rss_bytes: int
    loop_lag_ms: float


class DeviceFailure(msgspec.Struct):
    """What is the matter with a device, in parts: for faces with other words for what mends it."""

    sentence: str
    """What happened."""
    fix: str
    """What to do about it outside of meshconf, if anything."""
    kind: DeviceKind | None
    """Which kind of device `remedy` is about."""
    remedy: Remedy | None
    """What meshconf has to offer instead."""


class Error(Event, tag="error"):
    """A command failed, or something of the meeting did; `code` is stable, `message` is for people."""

    code: str
    message: str
    reason: str | None = None
    """Of a refusal: why, as a stable word (forbidden, not-host, locked, ...)."""
    failure: DeviceFailure | None = None
    """Of a device."""
    id: int | None = None


class Ok(Event, tag="ok"):
    """The command with this id was carried out."""

    id: int | None = None


class Left(Event, tag="left"):
    """We are out of the meeting; the last event."""

    reason: Ending


def line(event: Event) -> bytes:
    """The JSON line of an event, newline included; no `id`, `reason`, `failure`, `showing` that is null."""
    data: dict[str, Any] = msgspec.to_builtins(event)
    ordered = {"event": data.pop("event"), "t": round(data.pop("t"), 3), **data}
    for name in ("id", "reason", "failure", "showing"):
        if ordered.get(name, 0) is None:
            del ordered[name]
    return msgspec.json.encode(ordered) + b"\n"
