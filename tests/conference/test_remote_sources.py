"""What others send reaches eyes and ears as far as the room permits it, whatever the sender runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from meshconf.conference import events
from meshconf.conference.ears import Ears
from meshconf.conference.gallery import Gallery
from meshconf.conference.remote_sources import RemoteSources
from meshconf.media.encoded import EncodedFrame
from meshconf.rtc.incoming import SoundPacket
from meshconf.types import Medium, PeerId, SourceKey, SourceKind

ANA, BEN = PeerId("ana"), PeerId("ben")
MIC, CAMERA, SCREEN, MEDIA = SourceKind.MIC, SourceKind.CAMERA, SourceKind.SCREEN, SourceKind.MEDIA


class Senses:
    """Stands for ears and gallery: notes what reaches them, and what they were told to forget."""

    def __init__(self) -> None:
        self.reached: list[SourceKey] = []
        self.titles: list[str] = []
        self.forgotten: list[tuple[PeerId, SourceKind | None]] = []
        self.on_first_picture: Callable[[PeerId, SourceKind, int, int], None] = lambda *_: None
        self._decoded: set[tuple[PeerId, SourceKind | None]] = set()

    def hear(self, peer: PeerId, source: SourceKind, packet: object) -> None:
        """Sound."""
        self.reached.append((peer, source))

    def feed(self, peer: PeerId, source: SourceKind, title: str, frame: object) -> None:
        """A picture."""
        self.reached.append((peer, source))
        self.titles.append(title)
        if (peer, source) not in self._decoded:
            self._decoded.add((peer, source))
            self.on_first_picture(peer, source, 64, 36)

    def forget(self, peer: PeerId, source: SourceKind | None = None) -> None:
        """A source, or all of a peer."""
        self.forgotten.append((peer, source))
        self._decoded.discard((peer, source))


class Scene:
    """The sources of others, the rules that hold for them, and what was told."""

    def __init__(self) -> None:
        self.senses = Senses()
        self.forbidden: set[tuple[PeerId, Medium]] = set()
        self.told: list[events.Event] = []
        self.remote = RemoteSources(
            cast(Ears, self.senses),
            cast(Gallery, self.senses),
            allows=lambda peer, medium: (peer, medium) not in self.forbidden,
            tell=self.told.append,
            name=str.capitalize,
        )
        self.senses.on_first_picture = self.remote.shown

    def sends(self, peer: PeerId, source: SourceKind) -> bool:
        """A block of sound or a picture comes in; whether it reached us."""
        before = len(self.senses.reached)
        if source.is_audio:
            self.remote.heard(peer, source, SoundPacket(1, 960, b"sound", 0.0))
        else:
            self.remote.saw(peer, source, EncodedFrame("VP8", b"picture", True, 0))
        return len(self.senses.reached) > before

    def rules(self, *forbidden: tuple[PeerId, Medium]) -> None:
        """The room forbids these, and nothing else."""
        self.forbidden = set(forbidden)
        self.remote.ruled()

    @property
    def states(self) -> list[str]:
        """What was told of sources."""
        return [event.state for event in self.told if isinstance(event, events.Source)]

    @property
    def firsts(self) -> list[events.FirstFrame]:
        """The first frames that were told."""
        return [event for event in self.told if isinstance(event, events.FirstFrame)]


@pytest.mark.parametrize("source", SourceKind)
def test_a_source_that_is_on_and_permitted_is_heard_or_seen(source: SourceKind) -> None:
    scene = Scene()
    scene.remote.switched(ANA, source, True)
    assert scene.sends(ANA, source) and scene.sends(ANA, source)
    assert scene.states == ["on"]
    [first] = scene.firsts
    assert (first.peer, first.name, first.source) == (ANA, "Ana", source)
    assert (first.width, first.height) == ((None, None) if source.is_audio else (64, 36))


@pytest.mark.parametrize("source", SourceKind)
def test_what_somebody_sends_without_saying_so_reaches_nobody(source: SourceKind) -> None:
    scene = Scene()
    assert not scene.sends(ANA, source)
    assert scene.told == []


@pytest.mark.parametrize("source", SourceKind)
def test_a_forbidden_source_that_starts_all_the_same_is_shown_as_such_and_reaches_nobody(source: SourceKind) -> None:
    scene = Scene()
    scene.rules((ANA, source.medium))
    scene.remote.switched(ANA, source, True)
    assert scene.states == ["forbidden"]
    assert not scene.sends(ANA, source)
    assert scene.firsts == []


@pytest.mark.parametrize("source", SourceKind)
def test_a_running_source_that_is_forbidden_stops_and_one_permitted_again_goes_on(source: SourceKind) -> None:
    scene = Scene()
    scene.remote.switched(ANA, source, True)
    scene.sends(ANA, source)
    scene.rules((ANA, source.medium))
    assert (ANA, source) in scene.senses.forgotten
    assert not scene.sends(ANA, source)
    scene.rules()
    assert scene.sends(ANA, source)
    assert scene.states == ["on", "forbidden", "on"]
    assert len(scene.firsts) == 2


def test_a_rule_about_one_person_or_medium_leaves_the_rest_alone() -> None:
    scene = Scene()
    for peer in (ANA, BEN):
        for source in SourceKind:
            scene.remote.switched(peer, source, True)
    scene.rules((ANA, Medium.AUDIO), (BEN, Medium.SCREEN))
    heard = {(peer, source) for peer in (ANA, BEN) for source in SourceKind if scene.sends(peer, source)}
    assert heard == {(ANA, CAMERA), (ANA, SCREEN), (BEN, MIC), (BEN, MEDIA), (BEN, CAMERA)}


def test_rules_that_stay_the_same_are_not_told_again() -> None:
    scene = Scene()
    scene.remote.switched(ANA, MIC, True)
    scene.rules()
    scene.rules((BEN, Medium.AUDIO))
    assert scene.states == ["on"]


def test_a_source_that_went_off_is_forgotten_and_what_still_comes_is_dropped() -> None:
    scene = Scene()
    scene.remote.switched(ANA, SCREEN, True)
    scene.sends(ANA, SCREEN)
    scene.remote.switched(ANA, SCREEN, False)
    assert set(scene.senses.forgotten) == {(ANA, SCREEN)}
    assert not scene.sends(ANA, SCREEN)
    scene.rules((ANA, Medium.SCREEN))
    assert scene.states == ["on", "off"]


def test_a_screen_is_titled_apart_from_the_face() -> None:
    scene = Scene()
    for source in (CAMERA, SCREEN):
        scene.remote.switched(ANA, source, True)
        scene.sends(ANA, source)
    assert scene.senses.titles == ["Ana", "Ana: screen"]


def test_the_sound_of_who_left_is_forgotten() -> None:
    scene = Scene()
    scene.remote.forget(ANA)
    assert scene.senses.forgotten == [(ANA, None)]
