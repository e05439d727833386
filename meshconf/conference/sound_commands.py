"""The commands of the control API about sound devices."""

from __future__ import annotations

from typing import Annotated

import msgspec

from meshconf.conference.command import Command


class Speaker(Command, tag="speaker"):
    """Hear the others through another speaker, mid-call."""

    to: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    """`default`, a name, or `null` for none."""


class ListDevices(Command, tag="devices"):
    """Tell which devices there are, as the event `devices`, now and whenever that changes."""


class Music(Command, tag="music"):
    """Whether our microphone goes out as music: in stereo, at a higher rate, and as it is."""

    on: bool


SoundCommand = Speaker | ListDevices | Music
