"""A person in the meeting, as the page shows them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from meshconf.tui import fields
from meshconf.tui.fields import Event
from meshconf.types import KeyVerdict, LinkPath, PeerState, SourceKind

SILENCE_DB = -90.0


@dataclass
class Participant:
    """Somebody, ourselves included."""

    peer: str
    name: str = ""
    own: bool = False
    state: PeerState = PeerState.CONNECTING
    path: LinkPath | None = None
    identity: KeyVerdict | None = None
    phrase: str = ""
    """The words to compare by voice, once they were asked for."""
    rtt_ms: float | None = None
    loss: float | None = None
    """Share of packets lost, 0 to 1."""
    down_bps: float | None = None
    picture: str = ""
    """Size and rate of the camera or screen that arrives, such as `640x480 30 fps`."""
    sources: dict[SourceKind, str] = field(default_factory=dict)
    """`on`, `off` or `forbidden`."""
    pictures: dict[SourceKind, str] = field(default_factory=dict)
    """The picture buses of those sources that have one."""
    asked: dict[SourceKind, bool] = field(default_factory=dict)
    """Own switches whose answer is not here yet."""
    level_db: float = SILENCE_DB
    speaking: bool = False
    gain_db: float = 0.0
    deaf: bool = False
    """Whether we do not hear them at all."""
    hears_nobody: bool = False
    showing: str = "live"
    """What the others see of our own screen: `live`, `frozen` or `blank`."""
    in_line: int = 0
    """Whose turn it is to speak: 1 for who waits longest, 0 for whose hand is down."""
    greeted: bool = False
    """Whether they were here before us, or their coming has been told."""

    @property
    def called(self) -> str:
        """What to call them."""
        return self.name or "Somebody"

    def is_on(self, kind: SourceKind) -> bool:
        """Whether the source runs."""
        return self.sources.get(kind) == "on"

    def measured(self, link: Event) -> None:
        """Take in what `stats` says of the connection."""
        path = link.get("path")
        self.path = LinkPath(str(path)) if path in list(LinkPath) else self.path
        self.rtt_ms = fields.number(link, "rtt_ms")
        self.loss = fields.number(link, "loss")
        self.down_bps = fields.number(link, "down_bps")
        self.picture = _picture(link)

    def heard(self, level: Event) -> None:
        """Take in what `levels` says."""
        decibels = fields.number(level, "db")
        self.level_db = SILENCE_DB if decibels is None else max(SILENCE_DB, min(0.0, decibels))
        self.speaking = level.get("speaking") is True

    def switched(self, kind: SourceKind, state: str) -> None:
        """Take in what `source` says."""
        self.sources[kind] = state
        self.asked.pop(kind, None)
        if kind is SourceKind.MIC and state != "on":
            self.level_db, self.speaking = SILENCE_DB, False


def identity_of(event: Event) -> KeyVerdict | None:
    """What an event says of somebody's key."""
    told = event.get("identity")
    return KeyVerdict(str(told)) if told in list(KeyVerdict) else None


def _picture(link: Event) -> str:
    for one in fields.objects(link, "sources"):
        width, height, rate = (fields.number(one, key) for key in ("width", "height", "fps"))
        if width and height and rate is not None:
            return f"{width:.0f}×{height:.0f} {rate:.0f} fps"
    return ""
