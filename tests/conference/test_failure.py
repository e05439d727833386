from __future__ import annotations

from meshconf.conference.failure import event_of, sentence_of
from meshconf.errors import DeviceError, WrongCode


def test_a_missing_device_comes_with_what_mends_it() -> None:
    error = DeviceError("There is no camera.", fix="plug one in")
    assert sentence_of(error) == "There is no camera. To mend it: plug one in"
    assert sentence_of(DeviceError("There is no camera.")) == "There is no camera."


def test_an_event_carries_code_sentence_and_the_commands_id() -> None:
    event = event_of(WrongCode("No."), id=7)
    assert (event.code, event.message, event.id) == ("wrong-code", "No.", 7)
