"""What the shared types say of each other."""

from __future__ import annotations

from meshconf.types import Medium, SourceKind


def test_each_source_has_the_medium_that_the_room_must_permit_for_it() -> None:
    assert {kind: kind.medium for kind in SourceKind} == {
        SourceKind.MIC: Medium.AUDIO,
        SourceKind.CAMERA: Medium.VIDEO,
        SourceKind.SCREEN: Medium.SCREEN,
        SourceKind.MEDIA: Medium.AUDIO,
    }
