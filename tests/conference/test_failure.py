from __future__ import annotations

import pytest

from meshconf.conference.failure import event_of, for_shells, sentence_of
from meshconf.errors import DeviceError, MeshconfError, WrongCode


def test_a_missing_device_comes_with_what_mends_it() -> None:
    error = DeviceError("There is no camera.", fix="plug one in")
    assert sentence_of(error) == "There is no camera. To mend it: plug one in"
    assert sentence_of(DeviceError("There is no camera.")) == "There is no camera."
    assert sentence_of(DeviceError("no display", fix="log in with one")) == "no display. To mend it: log in with one"


@pytest.mark.parametrize(
    ("fix", "meeting", "shell"),
    [
        (
            "plug in a camera or choose another with --camera NAME",
            "plug in a camera or choose another with /camera on NAME",
            "plug in a camera or choose another with meshconf ctl camera on NAME",
        ),
        (
            "choose one with --mic NAME, or --mic default",
            "choose one with /mic on NAME, or /mic on default",
            "choose one with meshconf ctl mic on NAME, or meshconf ctl mic on default",
        ),
        ("choose a speaker, or --speaker null", *2 * ("choose a speaker, or --speaker null when you start or join",)),
        ("look at /dev/camera on disk", *2 * ("look at /dev/camera on disk",)),
    ],
)
def test_what_mends_it_names_what_works_where_it_is_read(fix: str, meeting: str, shell: str) -> None:
    error = DeviceError("It is gone.", fix=fix)
    assert sentence_of(error) == f"It is gone. To mend it: {fix}"
    assert event_of(error).message == f"It is gone. To mend it: {meeting}"
    assert for_shells(event_of(error).message) == f"It is gone. To mend it: {shell}"
    assert event_of(MeshconfError("no --camera here")).message == "no --camera here"


def test_an_event_carries_code_sentence_and_the_commands_id() -> None:
    event = event_of(WrongCode("No."), id=7)
    assert (event.code, event.message, event.id) == ("wrong-code", "No.", 7)
