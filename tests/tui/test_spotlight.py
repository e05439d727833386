"""Who is large, who is small, and who is not there: a shared screen, whoever speaks, and never our own screen."""

from __future__ import annotations

from typing import Any

from meshconf.tui.model import MeetingModel
from meshconf.tui.spotlight import HOLD_S, Source, Spotlight, has_pictures
from meshconf.types import SourceKind
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE

CAMERA, SCREEN = SourceKind.CAMERA, SourceKind.SCREEN


def meeting(*events: dict[str, Any]) -> MeetingModel:
    """Ada (we), Bob and Cleo, all with cameras on, and what else happens."""
    model = MeetingModel()
    for event in [*THREE_PEOPLE[:4], *(source(peer) for peer in (ADA, BOB, CLEO)), *events]:
        model.apply(event)
    return model


def source(peer: str, kind: str = "camera", state: str = "on") -> dict[str, Any]:
    return {"event": "source", "peer": peer, "source": kind, "state": state}


def speaks(model: MeetingModel, *peers: str) -> None:
    levels = {peer: {"db": -20.0, "speaking": peer in peers} for peer in (ADA, BOB, CLEO)}
    model.apply({"event": "levels", "levels": levels})


def cameras(*peers: str) -> list[Source]:
    return [Source(peer, CAMERA) for peer in peers]


def test_others_come_first_and_we_last() -> None:
    assert Spotlight().order(meeting(), 0.0) == cameras(BOB, CLEO, ADA)


def test_a_screen_goes_before_faces_and_our_own_is_not_shown() -> None:
    model = meeting(source(CLEO, "screen"), source(ADA, "screen"))
    assert Spotlight().order(model, 0.0) == [Source(CLEO, SCREEN), *cameras(BOB, CLEO, ADA)]


def test_what_is_off_or_forbidden_is_not_there() -> None:
    model = meeting(source(BOB, state="off"), source(CLEO, state="forbidden"))
    assert Spotlight().order(model, 0.0) == cameras(ADA)
    assert has_pictures(model)
    assert not has_pictures(meeting(*(source(peer, state="off") for peer in (ADA, BOB, CLEO)), source(ADA, "screen")))


def test_who_speaks_becomes_large_but_not_at_once_after_the_one_before() -> None:
    model, light = meeting(), Spotlight()
    speaks(model, BOB)
    assert light.order(model, 10.0) == cameras(BOB, CLEO, ADA)
    speaks(model, CLEO)
    assert light.order(model, 10.0 + HOLD_S - 0.1) == cameras(BOB, CLEO, ADA)
    assert light.order(model, 10.0 + HOLD_S) == cameras(CLEO, BOB, ADA)


def test_who_speaks_on_stays_large_and_so_does_who_spoke_last() -> None:
    model, light = meeting(), Spotlight()
    speaks(model, CLEO)
    light.order(model, 0.0)
    speaks(model, BOB, CLEO)
    assert light.order(model, 100.0) == cameras(CLEO, BOB, ADA)
    speaks(model, ADA)
    assert light.order(model, 200.0) == cameras(CLEO, BOB, ADA), "we do not look at ourselves while we speak"


def test_who_goes_leaves_the_light_to_somebody_else_at_once() -> None:
    model, light = meeting(), Spotlight()
    speaks(model, CLEO)
    light.order(model, 0.0)
    model.apply({"event": "peer", "peer": CLEO, "name": "Cleo", "state": "left"})
    assert light.order(model, 0.1) == cameras(BOB, ADA)
