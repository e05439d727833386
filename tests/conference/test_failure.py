from __future__ import annotations

import json

import pytest

from meshconf.conference.events import line
from meshconf.conference.failure import event_of, fix_of, sentence_in_shell, sentence_of
from meshconf.errors import DeviceError, DeviceKind, MeshconfError, Remedy, WrongCode


def test_a_missing_device_comes_with_what_mends_it() -> None:
    error = DeviceError("There is no camera.", fix="plug one in")
    assert sentence_of(error) == "There is no camera. To mend it: plug one in"
    assert sentence_of(DeviceError("There is no camera.")) == "There is no camera."
    assert sentence_of(DeviceError("no display", fix="log in with one")) == "no display. To mend it: log in with one"


@pytest.mark.parametrize(
    ("error", "start", "meeting", "shell"),
    [
        (
            DeviceError(fix="plug in a camera", kind=DeviceKind.CAMERA, remedy=Remedy.CHOOSE_ANOTHER),
            "plug in a camera, or choose another with --camera NAME",
            "plug in a camera, or choose another with /camera on NAME",
            "plug in a camera, or choose another with meshconf ctl camera on NAME",
        ),
        (
            DeviceError(kind=DeviceKind.MIC, remedy=Remedy.CHOOSE_DEFAULT),
            "choose one with --mic NAME, or --mic default",
            "choose one with /mic on NAME, or /mic on default",
            "choose one with meshconf ctl mic on NAME, or meshconf ctl mic on default",
        ),
        (
            DeviceError(kind=DeviceKind.SPEAKER, remedy=Remedy.PLAY_NOWHERE),
            "play to nowhere with --speaker null",
            "play to nowhere with /speaker null",
            "play to nowhere with meshconf ctl speaker null",
        ),
        (DeviceError(fix="give the path after --screen file:"), *3 * ("give the path after --screen file:",)),
    ],
)
def test_what_mends_it_is_said_in_the_words_of_each_face(
    error: DeviceError, start: str, meeting: str, shell: str
) -> None:
    event = event_of(error)
    assert sentence_of(error) == f"{error} To mend it: {start}"
    assert event.message == f"{error} To mend it: {meeting}"
    assert sentence_in_shell(json.loads(line(event))) == f"{error} To mend it: {shell}"


@pytest.mark.parametrize("remedy", Remedy)
def test_every_remedy_has_words(remedy: Remedy) -> None:
    assert "--screen " in fix_of(DeviceError(kind=DeviceKind.SCREEN, remedy=remedy))


def test_what_is_no_devices_fault_is_said_as_it_is() -> None:
    error = MeshconfError("no --camera here")
    assert sentence_of(error) == event_of(error).message == sentence_in_shell(json.loads(line(event_of(error))))
    assert "failure" not in json.loads(line(event_of(error))) and fix_of(error) == ""


def test_an_event_carries_code_sentence_and_the_commands_id() -> None:
    event = event_of(WrongCode("No."), id=7)
    assert (event.code, event.message, event.id) == ("wrong-code", "No.", 7)
