"""The page of devices: another microphone, speaker or camera while the meeting goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence

from textual.content import Content

from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.actions import Action
from meshconf.tui.devices import Device
from meshconf.tui.model import MeetingModel
from meshconf.tui.plain import fit
from meshconf.tui.screens.sheet import Sheet
from meshconf.types import SourceKind

_KEYS = "123456789abcdefghijklmnoprstuvwxyz"
"""Keys of the devices, in order; q closes the page."""
_NAME_WIDTH = 34


class DevicesScreen(Sheet):
    """What there is, by kind; the one in use is marked."""

    def __init__(self, model: MeetingModel, do: Callable[[CommandFields], Awaitable[None]]) -> None:
        super().__init__(do)
        self._model = model

    def show(self) -> None:
        """Show what there is now."""
        if (devices := self._model.devices) is None:
            self.fill("Devices", Content.styled("Looking for devices...", "$quiet"), [])
            return
        me, keys = self._model.me, iter(_KEYS)
        filmed = me is not None and me.is_on(SourceKind.CAMERA)
        microphone = "Microphone" if self._model.talk.on_air else "Microphone: to choose one lets you be heard"
        camera = "Camera" if filmed else "Camera: to choose one switches it on"
        mic = {"do": "source", "source": "mic", "on": True}
        film = {"do": "source", "source": "camera", "on": True}
        actions = [
            *_of_kind(microphone, devices.microphones, devices.microphone, keys, lambda name: {**mic, "from": name}),
            *_of_kind("Speaker", devices.speakers, devices.speaker, keys, lambda name: {"do": "speaker", "to": name}),
            *_of_kind(camera, devices.cameras, "", keys, lambda name: {**film, "from": name}),
        ]
        self.fill("Devices", Content(""), actions)


def _of_kind(
    heading: str, devices: Sequence[Device], used: str, keys: Iterator[str], choose: Callable[[str], CommandFields]
) -> Iterator[Action]:
    yield Action("", heading if devices else f"{heading.partition(':')[0]}: there is none", {})
    for device in devices:
        state = "in use" if device.name == used else "default" if device.default else ""
        yield Action(next(keys, " "), fit(device.called, _NAME_WIDTH), choose(device.name), state)
