"""What we see: others' pictures are decoded, our own are drawn, and both shown in windows where there is a display.

Faces may show them as well: they are told where the pictures are, and say what they show of them.

Decoder and windows are processes of their own, which meet at picture buses; no picture of the others passes through
here. A window that a person closed stays closed until the source is switched on anew; one whose source went off says
so for a moment before it closes, so that a camera that is only toggled keeps its window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshconf.codec.decoding.board import DecodingCounters
from meshconf.codec.decoding.host import DecoderHost
from meshconf.conference.control_frame import ControlFrame
from meshconf.conference.failure import sentence_in_meeting
from meshconf.conference.publishing.own_picture import OwnPicture
from meshconf.conference.quality import NOTHING, Quality
from meshconf.conference.window_states import FPS, WindowStates
from meshconf.errors import DeviceError
from meshconf.pictures import memory
from meshconf.types import PeerId, SourceKey, SourceKind
from meshconf.windows.host import WindowHost
from meshconf.windows.wire import Framing, Layout, Mode, Pointer

if TYPE_CHECKING:
    from meshconf.media.encoded import EncodedFrame
    from meshconf.protocol.control.input import Input, Point

FULL = Quality(2160, FPS)
"""What is wanted where no window says otherwise."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What a meeting does about what happens in the gallery."""

    first_picture: Callable[[PeerId, SourceKind, int, int], None] = lambda *_: None
    """Called with width and height when a source's first picture is there, also after it was forgotten."""
    keyframe_needed: Callable[[PeerId, SourceKind], None] = lambda *_: None
    """Called when decoding goes on with a keyframe only."""
    wanted: Callable[[], None] = lambda: None
    """Called when `Gallery.wanted` has changed."""
    input: Callable[[PeerId, SourceKind, Input | Point], None] = lambda *_: None
    """Called with what the person does over a picture in its window, where `Gallery.set_mode` allows it."""


class Gallery:
    """All remote pictures, and our own.

    Args:
        windows: Whether to open windows, where there is a display.
        on_notice: Called with a sentence for the person.
        unseen: Whether all pictures are wanted where there are no windows, whatever faces show.
        viewed: In which quality faces show a source, ours included; `NOTHING` if none does.
        on_bus: Called with the name of the bus of a source's pictures whenever it is another one; None when it goes.
        on_windows: Called once it is known whether there are windows, and when they are lost.
    """

    def __init__(
        self,
        *,
        windows: bool,
        on_notice: Callable[[str], None],
        unseen: bool = True,
        viewed: Callable[[PeerId, SourceKind], Quality] = lambda *_: NOTHING,
        on_bus: Callable[[PeerId, SourceKind, str | None], None] = lambda *_: None,
        on_windows: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._listener = Listener()
        self._on_notice = on_notice
        self._unseen = unseen
        self._viewed = viewed
        self._on_bus = on_bus
        self._on_windows = on_windows
        self._told: dict[SourceKey, str] = {}
        """The buses of which `on_bus` was told."""
        self._windows = windows
        """Whether windows say what is wanted: there are some, or will be in a moment."""
        self._host: WindowHost | None = None
        self._frame = ControlFrame(on_notice)
        self._decoder: DecoderHost[SourceKey] = DecoderHost(self._decoded, self._keyframe_needed)
        self._titles: dict[SourceKey, str] = {}
        """The sources that send us pictures, and what their windows are called."""
        self._seen: set[SourceKey] = set()
        self._own: dict[SourceKey, OwnPicture] = {}
        self._pointed_at: set[SourceKey] = set()
        """The sources at which somebody has pointed since they are there."""
        self._window_states = WindowStates(self._hide)

    def listen(self, listener: Listener) -> None:
        """There is a meeting, which is told from now on what happens."""
        self._listener = listener

    def prepare(self) -> None:
        """Start the decoder: it takes a third of a second, which whoever joins has before the first picture comes."""
        self._decoder.start()

    async def start(self) -> None:
        """Start the windows where there is a display, without one, say so once and go on; and the decoder."""
        self.prepare()
        if not self._windows:
            self._on_windows(False)
            return
        await asyncio.to_thread(memory.prepare)
        host = WindowHost(
            on_closed=self._window_closed,
            on_lost=self._windows_lost,
            on_viewed=self._window_viewed,
            on_input=self._window_input,
            on_unframed=self._on_notice,
        )
        try:
            await host.start()
        except DeviceError as error:
            self._windows_lost(sentence_in_meeting(error))
            return
        self._host = host
        self._frame.opened(host)
        self._on_windows(True)
        for source, title in self._titles.items():
            if (bus := self._decoder.bus(source)) is not None:
                self._show(source, title, bus)

    async def close(self) -> None:
        """Close every window, and end both processes."""
        self._window_states.clear()
        host, self._host = self._host, None
        if host is not None:
            await host.close()
        await self._frame.close()
        await self._decoder.close()
        self._drop_own()

    def feed(self, peer: PeerId, source: SourceKind, title: str, frame: EncodedFrame) -> None:
        """A frame arrived, whole and in decoding order: it is decoded and shown.

        Args:
            peer: Whose.
            source: Camera or screen.
            title: What its window is called from now on.
            frame: VP8 or H.264.
        """
        key = (peer, source)
        if key not in self._titles:
            self._decoder.open(key, frame.codec)
        if self._titles.get(key) != title:
            self._titles[key] = title
            if self._host is not None:
                self._host.retitle(_window(key), title)
        self._decoder.decode(key, frame)

    def own_picture(self, peer: PeerId, source: SourceKind) -> OwnPicture | None:
        """Where a picture of ours is drawn, if a face shows it or there is a window that can be seen; else nowhere."""
        key = (peer, source)
        if not self._own_in_window(key) and self._viewed(peer, source) == NOTHING:
            return None
        return self._own.setdefault(key, OwnPicture())

    def show_own(self, peer: PeerId, source: SourceKind, title: str) -> None:
        """A picture of ours was drawn: show it."""
        key = (peer, source)
        own = self._own.get(key)
        if own is None or own.name is None:
            return  # it could not be drawn, or is gone by now
        self._tell(key, own.name)
        if self._own_in_window(key):
            self._show(key, title, own.name)

    def forget(self, peer: PeerId, source: SourceKind) -> None:
        """The source is off or its owner gone: the window says so and closes, unless pictures return at once."""
        key = (peer, source)
        self._decoder.close_stream(key)
        self._titles.pop(key, None)
        self._seen.discard(key)
        self._pointed_at.discard(key)
        if (own := self._own.pop(key, None)) is not None:
            own.close()
        self._tell(key, None)
        if self._host is not None and self._window_states.switch_off(key):
            self._host.blank(_window(key), f"{source} off")

    def set_mode(self, peer: PeerId, source: SourceKind, mode: Mode) -> bool:
        """What mouse and keys over a picture do from now on, also in a window that opens later.

        Returns:
            Whether there are windows; without, somebody else has to say what is done.
        """
        if self._host is not None:
            self._host.set_mode(_window((peer, source)), mode)
            if mode != "watch":
                self._bring_back((peer, source))
        return self._host is not None

    def show_pointers(self, peer: PeerId, source: SourceKind, pointers: Sequence[Pointer]) -> None:
        """Show where the others point over a picture, in place of what was shown before."""
        if pointers:
            self._pointed_at.add((peer, source))
        if self._host is not None:
            self._host.show_pointers(_window((peer, source)), pointers)

    def arrange(self, layout: Layout) -> bool:
        """Share windows in another way, and bring back those that the person has closed; whether there are windows."""
        if self._host is not None:
            self._host.arrange(layout)
            for key in self._window_states.closed:
                self._bring_back(key)
        return self._host is not None

    def frame(self, framing: Framing | None) -> None:
        """Show a frame around our own display, or take it away; without windows too, if there is a display."""
        self._frame.set(framing)

    def counters(self, peer: PeerId, source: SourceKind) -> DecodingCounters | None:
        """How a source arrives; None before its first picture."""
        counters = self._decoder.counters((peer, source))
        return counters if counters.frames else None

    def wanted(self, peer: PeerId, source: SourceKind) -> Quality:
        """In which quality a source is shown: what serves both its window and the faces.

        `NOTHING` while its window cannot be seen and no face shows it. Without windows, everything is wanted in full
        if unseen pictures are.
        """
        if self._windows:
            window = self._window_states.shown((peer, source))
        else:
            window = FULL if self._unseen else NOTHING
        return window.joined(self._viewed(peer, source))

    # What decoder and windows say.

    def _decoded(self, key: SourceKey, width: int, height: int, bus: str) -> None:
        title = self._titles.get(key)
        if title is None:
            return  # forgotten meanwhile
        self._tell(key, bus)
        self._show(key, title, bus)
        if key not in self._seen:
            self._seen.add(key)
            self._listener.first_picture(*key, width, height)

    def _keyframe_needed(self, key: SourceKey) -> None:
        if key in self._titles:
            self._listener.keyframe_needed(*key)

    def _window_viewed(self, window: str, height: int, visible: bool) -> None:
        key = _source(window)
        with self._telling_wants(key):
            self._window_states.resized(key, Quality(height, FPS) if visible else NOTHING)

    def _window_closed(self, window: str) -> None:
        key = _source(window)
        with self._telling_wants(key):
            self._window_states.close(key)

    def _window_input(self, window: str, act: Input | Point) -> None:
        self._listener.input(*_source(window), act)

    def _windows_lost(self, sentence: str) -> None:
        """The windows stay off from now on."""
        self._host = None
        self._windows = False
        self._window_states.clear()
        self._drop_own()
        self._frame.lost()
        self._on_windows(False)
        self._listener.wanted()
        self._on_notice(sentence)

    # Private.

    @contextmanager
    def _telling_wants(self, key: SourceKey) -> Iterator[None]:
        before = self.wanted(*key)
        yield
        if self.wanted(*key) != before:
            self._listener.wanted()

    def _own_in_window(self, key: SourceKey) -> bool:
        """Whether a picture of ours has a window that can be seen.

        A screen that shows its own picture is a tunnel of screens, each of which is another picture to send. So ours
        gets its window once there is something to see in it that the screen itself does not show.
        """
        if self._host is None or (key[1] is SourceKind.SCREEN and key not in self._pointed_at):
            return False
        return self._window_states.shown(key) != NOTHING

    def _show(self, key: SourceKey, title: str, bus: str) -> None:
        if self._host is None:
            return
        # Our own screen stays small, as it shows itself.
        self._host.show(_window(key), title, bus, screen=key[1] is SourceKind.SCREEN and key not in self._own)
        if self._window_states.show(key):
            self._host.reopen(_window(key))

    def _bring_back(self, key: SourceKey) -> None:
        with self._telling_wants(key):
            if self._window_states.bring_back(key) and self._host is not None:
                self._host.reopen(_window(key))

    def _hide(self, key: SourceKey) -> None:
        if self._host is not None:
            self._host.hide(_window(key))

    def _tell(self, key: SourceKey, bus: str | None) -> None:
        if self._told.get(key) == bus:
            return
        if bus is None:
            del self._told[key]
        else:
            self._told[key] = bus
        self._on_bus(*key, bus)

    def _drop_own(self) -> None:
        for key, own in self._own.items():
            own.close()
            self._tell(key, None)
        self._own.clear()


def title_of(name: str, source: SourceKind) -> str:
    """What the window of somebody's camera or screen is called."""
    return name if source is SourceKind.CAMERA else f"{name}: {source}"


def _window(key: SourceKey) -> str:
    return "/".join(key)


def _source(window: str) -> SourceKey:
    peer, _, kind = window.rpartition("/")
    return PeerId(peer), SourceKind(kind)
