"""What becomes of frames and pictures on their way to the windows; windows and decoder are recorded, not run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import av
import pytest

from meshconf.codec.decoding.board import DecodingCounters, Series
from meshconf.conference import gallery as gallery_module
from meshconf.conference import window_states
from meshconf.conference.control_frame import LoneFrame
from meshconf.conference.gallery import FULL, Gallery, Listener, title_of
from meshconf.conference.quality import NOTHING, Quality
from meshconf.conference.window_states import FIRST, FPS
from meshconf.errors import DeviceError
from meshconf.media.encoded import EncodedFrame
from meshconf.pictures.bus import PictureReader
from meshconf.protocol.control.input import Input, KeyDown, Point
from meshconf.types import Area, PeerId, SourceKey, SourceKind
from meshconf.windows.wire import Framing, Pointer

ANA, US = PeerId("ana"), PeerId("us")
CAMERA, SCREEN = SourceKind.CAMERA, SourceKind.SCREEN
FRAME = EncodedFrame("VP8", b"\x00", True, 0)


class RecordedWindows:
    """Stands for the window host: notes what it is told, and says what a test wants it to say."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.screens: set[str] = set()
        self.steered: list[tuple[object, ...]] = []
        self.on_input: Callable[[str, Input | Point], None]
        self.sizes: list[tuple[int, ...]] = []
        self.missing: DeviceError | None = None
        self.hidden = asyncio.Event()
        self.on_closed: Callable[[str], None]
        self.on_lost: Callable[[str], None]
        self.on_viewed: Callable[[str, int, bool], None]

    def made(self, **listeners: Any) -> RecordedWindows:
        """The gallery makes its host."""
        self.__dict__ |= listeners
        return self

    async def start(self) -> None:
        self.told.append(("start",))
        if self.missing is not None:
            raise self.missing

    async def close(self) -> None:
        self.told.append(("close",))

    def show(self, key: str, title: str, bus: str, *, screen: bool) -> None:
        self.told.append(("show", key, title, bus))
        if screen:
            self.screens.add(key)

    def set_mode(self, *told: object) -> None:
        self.steered.append(("mode", *told))

    def show_pointers(self, *told: object) -> None:
        self.steered.append(("pointers", *told))

    def arrange(self, *told: object) -> None:
        self.steered.append(("arrange", *told))

    def frame(self, framing: Framing | None) -> None:
        self.steered.append(("frame", framing))

    def retitle(self, key: str, title: str) -> None:
        self.told.append(("retitle", key, title))

    def blank(self, key: str, text: str) -> None:
        self.told.append(("blank", key, text))

    def reopen(self, key: str) -> None:
        self.told.append(("reopen", key))

    def hide(self, key: str) -> None:
        self.told.append(("hide", key))
        self.hidden.set()


class RecordedDecoder:
    """Stands for the decoder host."""

    def __init__(self) -> None:
        self.open_streams: dict[SourceKey, str] = {}
        self.frames: list[tuple[SourceKey, EncodedFrame]] = []
        self.names: dict[SourceKey, str] = {}
        self.numbers: dict[SourceKey, DecodingCounters] = {}
        self.running = False
        self.on_picture: Callable[[SourceKey, int, int, str], None]
        self.on_keyframe_needed: Callable[[SourceKey], None]

    def made(
        self, on_picture: Callable[[SourceKey, int, int, str], None], on_keyframe_needed: Callable[[SourceKey], None]
    ) -> RecordedDecoder:
        """The gallery makes its host."""
        self.on_picture, self.on_keyframe_needed = on_picture, on_keyframe_needed
        return self

    def start(self) -> None:
        self.running = True

    async def close(self) -> None:
        self.running = False

    def open(self, stream: SourceKey, codec: str) -> None:
        assert stream not in self.open_streams
        self.open_streams[stream] = codec

    def decode(self, stream: SourceKey, frame: EncodedFrame) -> None:
        assert stream in self.open_streams
        self.frames.append((stream, frame))

    def close_stream(self, stream: SourceKey) -> None:
        for known in (self.open_streams, self.names, self.numbers):
            known.pop(stream, None)

    def bus(self, stream: SourceKey) -> str | None:
        return self.names.get(stream)

    def counters(self, stream: SourceKey) -> DecodingCounters:
        return self.numbers.get(stream, DecodingCounters())

    def picture(self, stream: SourceKey, bus: str, width: int = 640, height: int = 360) -> None:
        """A first picture, or one on another bus, was decoded."""
        self.names[stream] = bus
        self.on_picture(stream, width, height, bus)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> RecordedWindows:
    windows = RecordedWindows()
    monkeypatch.setattr(gallery_module, "WindowHost", windows.made)
    return windows


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> RecordedDecoder:
    decoder = RecordedDecoder()
    monkeypatch.setattr(gallery_module, "DecoderHost", decoder.made)
    return decoder


class Face:
    """What a face shows, and what it is told."""

    def __init__(self) -> None:
        self.views: dict[SourceKey, Quality] = {}
        self.buses: list[tuple[str, str, str | None]] = []
        self.windows: list[bool] = []

    def gallery(
        self, *, windows: bool, unseen: bool = False, on_notice: Callable[[str], None] = lambda _: None
    ) -> Gallery:
        """A gallery that knows this face."""
        return Gallery(
            windows=windows,
            on_notice=on_notice,
            unseen=unseen,
            viewed=lambda *source: self.views.get(source, NOTHING),
            on_bus=lambda peer, source, bus: self.buses.append((peer, source.value, bus)),
            on_windows=self.windows.append,
        )


@pytest.fixture
def face() -> Face:
    """A face that shows nothing."""
    return Face()


@pytest.fixture
async def gallery(windows: RecordedWindows, decoder: RecordedDecoder, face: Face) -> AsyncIterator[Gallery]:
    """A gallery with windows."""
    gallery = face.gallery(windows=True, unseen=True, on_notice=pytest.fail)
    await gallery.start()
    windows.told.clear()
    yield gallery
    await gallery.close()
    assert not decoder.running


async def test_a_frame_is_decoded_and_its_first_picture_opens_a_window(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder, face: Face
) -> None:
    first: list[tuple[object, ...]] = []
    gallery.listen(Listener(first_picture=lambda *news: first.append(news)))
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    assert decoder.frames == [((ANA, CAMERA), FRAME)] * 2
    assert windows.told == [("retitle", "ana/camera", "Ana")] and face.buses == []
    decoder.picture((ANA, CAMERA), "bus 1")
    assert windows.told[1:] == [("show", "ana/camera", "Ana", "bus 1")]
    decoder.picture((ANA, CAMERA), "bus 2", 1280, 720)
    assert windows.told[2:] == [("show", "ana/camera", "Ana", "bus 2")]
    assert first == [(ANA, CAMERA, 640, 360)]
    assert face.buses == [("ana", "camera", "bus 1"), ("ana", "camera", "bus 2")]


async def test_another_name_is_another_title(gallery: Gallery, windows: RecordedWindows) -> None:
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    gallery.feed(ANA, CAMERA, "Anna", FRAME)
    gallery.feed(ANA, CAMERA, "Anna", FRAME)
    assert windows.told == [("retitle", "ana/camera", "Ana"), ("retitle", "ana/camera", "Anna")]


async def test_a_camera_that_is_toggled_keeps_its_window(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder, face: Face
) -> None:
    first: list[tuple[object, ...]] = []
    gallery.listen(Listener(first_picture=lambda *news: first.append(news)))
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    gallery.forget(ANA, CAMERA)
    assert windows.told[-1] == ("blank", "ana/camera", "camera off")
    assert decoder.open_streams == {} and face.buses[-1] == ("ana", "camera", None)
    decoder.picture((ANA, CAMERA), "bus 1")
    assert windows.told[-1][0] == "blank", "a picture that was on its way counts no more"
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 2")
    assert windows.told[-2:] == [("show", "ana/camera", "Ana", "bus 2"), ("reopen", "ana/camera")]
    assert len(first) == 2, "the first of the new ones"
    await gallery.close()
    assert "hide" not in {words[0] for words in windows.told}


async def test_the_window_of_a_source_that_stays_off_closes(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_states, "LINGER", 0.0)
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    gallery.forget(ANA, CAMERA)
    await asyncio.wait_for(windows.hidden.wait(), 5)
    assert windows.told[-1] == ("hide", "ana/camera")


async def test_nothing_is_hidden_after_the_end(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_states, "LINGER", 0.0)
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    gallery.forget(ANA, CAMERA)
    await gallery.close()
    await asyncio.sleep(0)
    assert windows.told[-1] == ("close",)


async def test_a_placeholder_that_the_person_closed_is_gone_and_the_source_comes_back_in_a_window(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder
) -> None:
    for bus in ("bus 1", "bus 2"):
        gallery.feed(ANA, CAMERA, "Ana", FRAME)
        decoder.picture((ANA, CAMERA), bus)
        windows.on_viewed("ana/camera", 720, True)
        gallery.forget(ANA, CAMERA)
        windows.on_closed("ana/camera")
        assert windows.told[-1] == ("hide", "ana/camera")
        assert gallery.wanted(ANA, CAMERA) == FIRST
        gallery.forget(ANA, CAMERA)
        windows.on_closed("ana/camera")
    assert [words for words in windows.told if words[0] != "retitle"] == [
        (word, "ana/camera", *more)
        for bus in ("bus 1", "bus 2")
        for word, *more in (("show", "Ana", bus), ("blank", "camera off"), ("hide",))
    ]


async def test_a_source_that_has_no_window_gets_none_by_going_off(gallery: Gallery, windows: RecordedWindows) -> None:
    gallery.forget(ANA, CAMERA)
    assert windows.told == []


async def test_windows_say_what_is_wanted(gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder) -> None:
    changes: list[Quality] = []
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    gallery.listen(Listener(wanted=lambda: changes.append(gallery.wanted(ANA, CAMERA))))
    assert gallery.wanted(ANA, CAMERA) == FIRST
    windows.on_viewed("ana/camera", 720, True)
    windows.on_viewed("ana/camera", 720, True)
    windows.on_viewed("ana/camera", 720, False)
    windows.on_viewed("ana/camera", 450, True)
    assert changes == [Quality(720, FPS), NOTHING, Quality(450, FPS)]
    assert gallery.wanted(ANA, SCREEN) == FIRST


async def test_what_a_person_closed_is_not_wanted_until_the_source_is_switched_on_anew(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder
) -> None:
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    windows.on_viewed("ana/camera", 720, True)
    windows.on_closed("ana/camera")
    assert gallery.wanted(ANA, CAMERA) == NOTHING
    gallery.forget(ANA, CAMERA)
    assert gallery.wanted(ANA, CAMERA) == FIRST


async def test_a_window_that_was_only_minimised_stays_so(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder
) -> None:
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    windows.on_viewed("ana/camera", 720, False)
    gallery.forget(ANA, CAMERA)
    assert gallery.wanted(ANA, CAMERA) == NOTHING


def show_own(gallery: Gallery, source: SourceKind, title: str, frame: av.VideoFrame) -> None:
    """As a publisher does it."""
    if (own := gallery.own_picture(US, source)) is not None:
        own.write(frame)
        gallery.show_own(US, source, title)


async def test_keyframes_are_asked_for_while_the_source_is_there(gallery: Gallery, decoder: RecordedDecoder) -> None:
    asked: list[tuple[object, ...]] = []
    decoder.on_keyframe_needed((ANA, CAMERA))
    gallery.listen(Listener(keyframe_needed=lambda *source: asked.append(source)))
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.on_keyframe_needed((ANA, CAMERA))
    gallery.forget(ANA, CAMERA)
    decoder.on_keyframe_needed((ANA, CAMERA))
    assert asked == [(ANA, CAMERA)]


@pytest.mark.parametrize("how", ["a layout is chosen", "its screen is to be controlled"])
async def test_a_window_that_the_person_closed_comes_back_when_it_is_wanted_again(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder, how: str
) -> None:
    gallery.feed(ANA, SCREEN, "Ana: screen", FRAME)
    decoder.picture((ANA, SCREEN), "bus 1")
    wanted = gallery.wanted(ANA, SCREEN)
    windows.on_closed("ana/screen")
    assert gallery.wanted(ANA, SCREEN) == NOTHING
    gallery.arrange("grid") if how == "a layout is chosen" else gallery.set_mode(ANA, SCREEN, "control")
    assert windows.told[-1] == ("reopen", "ana/screen") and gallery.wanted(ANA, SCREEN) == wanted


async def test_how_a_source_arrives_is_known_from_its_first_picture_on(
    gallery: Gallery, decoder: RecordedDecoder
) -> None:
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    assert gallery.counters(ANA, CAMERA) is None
    decoder.numbers[ANA, CAMERA] = DecodingCounters(640, 360, 30, last=5.0, frozen=0.5, delays=Series(1, (20.0,)))
    view = gallery.counters(ANA, CAMERA)
    assert view is not None
    assert (view.width, view.height, view.frames, view.last) == (640, 360, 30, 5.0)
    assert (view.frozen, view.freezes, view.delays.newest) == (0.5, Series(), (20.0,))
    gallery.forget(ANA, CAMERA)
    assert gallery.counters(ANA, CAMERA) is None


@pytest.mark.parametrize(("width", "height", "form"), [(641, 361, "yuv420p"), (640, 360, "rgb24"), (64, 36, "yuv420p")])
async def test_our_own_pictures_are_shown_whatever_their_form(
    gallery: Gallery, windows: RecordedWindows, face: Face, width: int, height: int, form: str
) -> None:
    show_own(gallery, CAMERA, "Us (you)", av.VideoFrame(width, height, form))
    _, key, title, bus = windows.told[-1]
    assert (key, title) == ("us/camera", "Us (you)")
    reader = PictureReader(bus)
    picture = reader.read()
    assert picture is not None and picture.shape == ((height & ~1) * 3 // 2, width & ~1)
    assert face.buses == [("us", "camera", bus)]
    reader.close()
    gallery.forget(US, CAMERA)
    assert face.buses[1:] == [("us", "camera", None)]
    with pytest.raises(FileNotFoundError):
        PictureReader(bus)


async def test_our_own_picture_costs_nothing_while_its_window_cannot_be_seen(
    gallery: Gallery, windows: RecordedWindows
) -> None:
    show_own(gallery, CAMERA, "Us (you)", av.VideoFrame(64, 36, "yuv420p"))
    windows.on_viewed("us/camera", 315, False)
    assert gallery.own_picture(US, CAMERA) is None
    windows.on_viewed("us/camera", 315, True)
    assert gallery.own_picture(US, CAMERA) is not None


async def test_without_memory_our_own_picture_stays_off_and_nothing_else(
    gallery: Gallery, windows: RecordedWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("meshconf.pictures.source.PictureWriter.__init__", full)
    show_own(gallery, CAMERA, "Us (you)", av.VideoFrame(64, 36, "yuv420p"))
    assert windows.told == []


async def test_without_windows_everything_is_decoded_and_wanted_in_full(
    windows: RecordedWindows, decoder: RecordedDecoder
) -> None:
    gallery = Gallery(windows=False, on_notice=pytest.fail)
    await gallery.start()
    assert decoder.running and windows.told == []
    assert gallery.wanted(ANA, CAMERA) == FULL
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    show_own(gallery, CAMERA, "Us", av.VideoFrame(64, 36, "yuv420p"))
    gallery.forget(ANA, CAMERA)
    await gallery.close()


async def test_without_a_display_one_sentence_is_said(windows: RecordedWindows, decoder: RecordedDecoder) -> None:
    notices: list[str] = []
    gallery = Gallery(windows=True, on_notice=notices.append)
    windows.missing = DeviceError("There is no display; windows stay off.", fix="open one")
    assert gallery.wanted(ANA, CAMERA) == FIRST, "there may be windows in a moment"
    await gallery.start()
    assert len(notices) == 1 and notices[0].startswith("There is no display; windows stay off.")
    assert gallery.wanted(ANA, CAMERA) == FULL
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    await gallery.close()


async def test_pictures_that_were_there_before_the_windows_are_shown_in_them(
    windows: RecordedWindows, decoder: RecordedDecoder
) -> None:
    gallery = Gallery(windows=True, on_notice=pytest.fail)
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    gallery.feed(ANA, SCREEN, "Ana: screen", FRAME)
    await gallery.start()
    assert windows.told == [("start",), ("show", "ana/camera", "Ana", "bus 1")]
    await gallery.close()


async def test_lost_windows_are_said_and_the_rest_goes_on(
    windows: RecordedWindows, decoder: RecordedDecoder, face: Face
) -> None:
    notices: list[str] = []
    gallery = face.gallery(windows=True, unseen=True, on_notice=notices.append)
    await gallery.start()
    show_own(gallery, CAMERA, "Us (you)", av.VideoFrame(64, 36, "yuv420p"))
    windows.on_viewed("ana/camera", 720, False)
    changes: list[Quality] = []
    gallery.listen(Listener(wanted=lambda: changes.append(gallery.wanted(ANA, CAMERA))))
    windows.on_lost("The display :1 does not answer; windows stay off.")
    assert notices == ["The display :1 does not answer; windows stay off."]
    assert changes == [FULL]
    assert face.buses[1:] == [("us", "camera", None)], "our own is for windows only"
    show_own(gallery, CAMERA, "Us (you)", av.VideoFrame(64, 36, "yuv420p"))
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    assert face.buses[2:] == [("ana", "camera", "bus 1")]
    gallery.forget(ANA, CAMERA)
    await gallery.close()


async def test_our_own_screen_gets_a_window_once_somebody_points_at_it(
    gallery: Gallery, windows: RecordedWindows
) -> None:
    assert gallery.own_picture(US, SCREEN) is None
    gallery.show_pointers(US, SCREEN, [Pointer("ben", "Ben", 0.5, 0.5, True)])
    show_own(gallery, SCREEN, "Us (you)", av.VideoFrame(64, 36, "yuv420p"))
    assert ("show", "us/screen") in {told[:2] for told in windows.told}
    gallery.forget(US, SCREEN)
    assert gallery.own_picture(US, SCREEN) is None, "it is another one that is shared now"


async def test_somebodys_screen_is_large_and_ours_is_not(
    gallery: Gallery, windows: RecordedWindows, decoder: RecordedDecoder
) -> None:
    gallery.feed(ANA, SCREEN, "Ana: screen", FRAME)
    decoder.picture((ANA, SCREEN), "bus 1")
    gallery.show_pointers(US, SCREEN, [Pointer("ben", "Ben", 0.5, 0.5, True)])
    show_own(gallery, SCREEN, "Us (you)", av.VideoFrame(64, 36, "yuv420p"))
    assert windows.screens == {"ana/screen"} and ("show", "us/screen") in {told[:2] for told in windows.told}


async def test_what_is_done_over_a_picture_is_told_with_its_owner(gallery: Gallery, windows: RecordedWindows) -> None:
    acts: list[tuple[object, ...]] = []
    gallery.listen(Listener(input=lambda *act: acts.append(act)))
    assert gallery.set_mode(ANA, SCREEN, "control") and gallery.arrange("stage")
    gallery.show_pointers(ANA, SCREEN, [Pointer("ben", "Ben", 0.5, 0.5, True)])
    gallery.frame(Framing("Ben controls this screen", Area(0, 0, 640, 480)))
    windows.on_input("ana/screen", KeyDown("a"))
    assert acts == [(ANA, SCREEN, KeyDown("a"))]
    assert windows.steered == [
        ("mode", "ana/screen", "control"),
        ("arrange", "stage"),
        ("pointers", "ana/screen", [Pointer("ben", "Ben", 0.5, 0.5, True)]),
        ("frame", Framing("Ben controls this screen", Area(0, 0, 640, 480))),
    ]


async def test_without_windows_the_frame_comes_alone(monkeypatch: pytest.MonkeyPatch, decoder: RecordedDecoder) -> None:
    frames: list[Framing | None] = []
    monkeypatch.setattr(LoneFrame, "set", lambda _, framing: frames.append(framing))
    gallery = Gallery(windows=False, on_notice=pytest.fail)
    await gallery.start()
    assert not gallery.set_mode(ANA, SCREEN, "control") and not gallery.arrange("grid")
    gallery.frame(Framing("Ben controls this screen"))
    gallery.frame(None)
    assert frames == [Framing("Ben controls this screen"), None]
    await gallery.close()


async def test_the_frame_outlives_the_windows(
    monkeypatch: pytest.MonkeyPatch, gallery: Gallery, windows: RecordedWindows
) -> None:
    frames: list[Framing | None] = []
    monkeypatch.setattr(LoneFrame, "set", lambda _, framing: frames.append(framing))
    monkeypatch.setattr(gallery, "_on_notice", lambda _: None)
    gallery.frame(Framing("Ben controls this screen"))
    assert frames == []
    windows.on_lost("Windows stay off.")
    assert frames == [Framing("Ben controls this screen")]


async def test_a_face_is_told_where_the_pictures_are_and_when_they_go(
    windows: RecordedWindows, decoder: RecordedDecoder, face: Face
) -> None:
    gallery = face.gallery(windows=False)
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    for bus in ("bus 1", "bus 1", "bus 2"):
        decoder.picture((ANA, CAMERA), bus)
    gallery.forget(ANA, CAMERA)
    gallery.forget(ANA, CAMERA)
    assert face.buses == [("ana", "camera", "bus 1"), ("ana", "camera", "bus 2"), ("ana", "camera", None)]
    await gallery.close()


async def test_of_what_face_and_window_show_the_largest_is_wanted(
    windows: RecordedWindows, decoder: RecordedDecoder, face: Face
) -> None:
    gallery = face.gallery(windows=True)
    await gallery.start()
    gallery.feed(ANA, CAMERA, "Ana", FRAME)
    decoder.picture((ANA, CAMERA), "bus 1")
    windows.on_viewed("ana/camera", 300, True)
    face.views[ANA, CAMERA] = Quality(60, 10)
    assert gallery.wanted(ANA, CAMERA) == (300, FPS)
    windows.on_viewed("ana/camera", 300, False)
    assert gallery.wanted(ANA, CAMERA) == (60, 10)
    del face.views[ANA, CAMERA]
    assert gallery.wanted(ANA, CAMERA) == NOTHING
    await gallery.close()


@pytest.mark.parametrize(("unseen", "wanted"), [(True, FULL), (False, NOTHING)])
async def test_what_nobody_shows_is_wanted_by_scripts_only(
    windows: RecordedWindows, decoder: RecordedDecoder, face: Face, unseen: bool, wanted: Quality
) -> None:
    gallery = face.gallery(windows=False, unseen=unseen)
    assert gallery.wanted(ANA, CAMERA) == wanted
    face.views[ANA, CAMERA] = Quality(60, 10)
    assert gallery.wanted(ANA, CAMERA) == wanted.joined(Quality(60, 10))


async def test_our_own_picture_is_for_faces_too_but_opens_no_window_for_them(
    windows: RecordedWindows, face: Face
) -> None:
    gallery = face.gallery(windows=True)
    picture = av.VideoFrame(64, 36, "yuv420p")
    show_own(gallery, CAMERA, "Us (you)", picture)
    assert face.buses == []
    face.views[US, CAMERA] = Quality(20, 10)
    show_own(gallery, CAMERA, "Us (you)", picture)
    ((*owner, bus),) = face.buses
    assert owner == ["us", "camera"] and bus is not None and windows.told == []
    gallery.forget(US, CAMERA)
    assert face.buses[1:] == [("us", "camera", None)]


async def test_faces_are_told_whether_there_are_windows(
    windows: RecordedWindows, decoder: RecordedDecoder, face: Face
) -> None:
    gallery = face.gallery(windows=True)
    await gallery.start()
    show_own(gallery, CAMERA, "Us (you)", av.VideoFrame(64, 36, "yuv420p"))
    windows.on_lost("the display is gone")
    assert face.windows == [True, False]
    assert face.buses[-1] == ("us", "camera", None)
    without = face.gallery(windows=False)
    await without.start()
    windows.missing = DeviceError("no display")
    lacking = face.gallery(windows=True)
    await lacking.start()
    assert face.windows[2:] == [False, False]
    for one in (gallery, without, lacking):
        await one.close()


def test_a_screen_is_not_called_like_the_camera_of_the_same_person() -> None:
    assert [title_of("Us (you)", kind) for kind in (CAMERA, SCREEN)] == ["Us (you)", "Us (you): screen"]
